"""The configuration: its schema, its file (each error names file, line and key), themes, and paths."""
