"""Widgets: they draw lines that `view` makes, and post messages about keys and clicks."""
