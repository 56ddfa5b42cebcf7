"""The verbs, one module per verb: see `base`."""
