"""Agents: one folder for each, with everything that is special to it, and the registry that lists them."""
