"""Recorded time: transcripts played through the Supervisor, at any moment, forward or back."""
