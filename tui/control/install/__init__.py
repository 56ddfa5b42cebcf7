"""Puts the gate into the settings of an agent, and takes it out again to the byte."""
