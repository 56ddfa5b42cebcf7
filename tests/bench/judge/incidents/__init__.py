"""Incidents that a stranger to the judge invented: loops after public reports, honest work beside them, a score."""
