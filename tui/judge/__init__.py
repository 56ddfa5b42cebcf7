"""Judging: repetition, families, findings. Pure; knows only the model. Nothing is judged yet."""
