"""The routes to a lane, one module per route: see `base`."""
