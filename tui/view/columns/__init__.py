"""The columns of the lane table, one module for each, or for some that belong together: see `base`."""
