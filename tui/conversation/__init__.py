"""A transcript as one reads it: prompts, texts, calls with their results. Read by offsets, never whole."""
