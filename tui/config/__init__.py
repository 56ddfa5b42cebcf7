"""Settings: their schema, their file with file, line and key in each error, themes, paths."""
