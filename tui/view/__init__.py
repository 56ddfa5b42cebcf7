"""Snapshots become rows and words. The only maker of text that a widget accepts."""
