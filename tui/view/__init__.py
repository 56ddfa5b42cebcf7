"""Turns snapshots into lines of safe text, for the screen and for standard output."""
