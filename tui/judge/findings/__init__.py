"""Kinds of findings.

There is a module for each kind, with its declaration and, if each lane has a detector, the detector.
"""
