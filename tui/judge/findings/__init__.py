"""Kinds of findings, one module per kind, with its declaration and its detector if it has one for each lane."""
