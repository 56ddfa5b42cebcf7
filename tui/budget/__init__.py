"""Budgets: what may be used in a period, by whom, and how much of it is used."""
