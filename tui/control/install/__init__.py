"""Installs the gate into an agent's settings, and removes it so that the file has its original bytes again."""
