"""Counting: events become usage, burn, cost and actions. Pure; imports only the model."""
