"""Screens: the fleet, help, and small windows over it."""
