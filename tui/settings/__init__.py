"""Settings: annotated fields with a default, a text, and the kind of value that they accept."""
