"""The error of routes, verbs and texts that did nothing."""


class Refused(Exception):
    """The reason why an act was not done, as one line. Nothing has happened."""
