"""Agents: one folder each with all that is special to it, and the registry that lists them."""
