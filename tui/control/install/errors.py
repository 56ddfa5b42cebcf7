"""Why an install or uninstall was refused."""

from __future__ import annotations


class InstallError(Exception):
    """One line: what is wrong, with the path, and the line and column where there are any."""
