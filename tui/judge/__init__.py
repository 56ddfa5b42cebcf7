"""Judging: steps, novelty, repetition, families and the detectors of findings. Pure; reads no clock."""
