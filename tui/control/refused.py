"""What every route and every text may raise: why nothing was done."""


class Refused(Exception):
    """Why an act was not done, as one line. Nothing has happened."""
