"""The routes to a lane, one module each: see `base`."""
