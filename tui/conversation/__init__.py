"""A transcript for a reader: prompts, texts, calls with their results.

It is read around an offset, never as a whole.
"""
