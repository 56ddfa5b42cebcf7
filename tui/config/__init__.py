"""Settings: schema, loading with file and key in each error, paths."""
