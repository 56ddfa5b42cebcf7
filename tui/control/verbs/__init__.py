"""The verbs, one module each: see `base`."""
