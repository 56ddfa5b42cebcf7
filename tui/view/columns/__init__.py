"""The columns of the lane table. Each module declares one column, or some that belong together: see `base`."""
