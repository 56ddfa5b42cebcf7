"""Counting: events become usage, burn, cost and actions. Pure; knows only the model."""
