"""A pull request in words."""

from __future__ import annotations

from tui.model.snapshot import PullRequest
from tui.text.safe_text import SafeText


def pull_words(pull: PullRequest) -> SafeText:
    """`#123`."""
    return SafeText(f"#{pull.number}")
