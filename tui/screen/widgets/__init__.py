"""Widgets: they draw what the view made and say what was asked."""
