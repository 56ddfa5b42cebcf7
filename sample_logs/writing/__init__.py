"""Writes the sample logs: the shapes of the agents' lines, and the stories that they tell."""
