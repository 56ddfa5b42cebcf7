"""Markdown that no text of a transcript can break out of: code spans, prose and tables for code hosts (GFM).

What is quoted stands in code spans: nothing in one is markup, a link or a mention. Prose of ours that holds words of
a transcript is kept plain word by word where a word cannot be anything else, and put into a code span where it could.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tui.report.shown import LIMIT, shown

_PLAIN = re.compile(r"[\w.,;:!?()'\"“”%…–—/+=×·→≥$-]+")
_LINKED = re.compile(
    r"""(?ix) :// | www\. | ^_ | _$ | __ | \$(?!\d) | ^mailto: | ^xmpp:
    | (?<![^\W_])gh-\d | (?<!\w)[!%]\d          # an issue, a merge request, a milestone
    | (?<![^\W_])[0-9a-f]{7,40}(?![^\W_])       # a commit
    | :(?!\d\d?:\d)[\w+-]+:                     # the name of an emoji, but no time of day
    """
)
"""Words that a code host makes more of than text: links, references, emoji, formulas."""
_LIST = re.compile(r"[-+=]+|\d+[.)]|[-+*_=~]{3,}.*")
"""What begins a list, a rule or a heading at the beginning of a line."""
_WORDS = re.compile(r"(?<!\S)`[^`]*[^`\s][^`]*`(?!\S)|\S+")
"""Words, and what stands between two backticks."""
_PIPE = re.compile(r"(\\*)\|")
_RUNS = re.compile(r"`+")


def code(raw: str, *, limit: int = LIMIT, cell: bool = False) -> str:
    """A text of a transcript as a code span; `cell`: within a table. Empty text is an empty string."""
    text = " ".join(shown(raw, limit=limit).split())
    return _span(text, cell=cell) if text else ""


def prose(raw: str, *, limit: int = 2000, cell: bool = False) -> str:
    """A sentence of ours that may hold words of a transcript."""
    parts: list[str] = []
    quoted: list[str] = []

    def flush() -> None:
        if quoted:
            text = " ".join(quoted)
            bare = text.rstrip(":,.;") or text
            parts.append(_span(bare, cell=cell) + text[len(bare) :])
            quoted.clear()

    for index, word in enumerate(_WORDS.findall(shown(raw, limit=limit))):
        if _PLAIN.fullmatch(word) and not _LINKED.search(word) and not (index == 0 and _LIST.fullmatch(word)):
            flush()
            parts.append(word)
        elif word[0] == "`" == word[-1] and len(word) > 2:
            flush()  # it was quoted in this way already
            parts.append(_span(" ".join(word[1:-1].split()), cell=cell))
        else:
            quoted.append(word)
    flush()
    return " ".join(parts)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """A table; cells are markdown already. `right`: columns of numbers. Without rows there is none."""
    lines = [_row(row) for row in rows]
    if not lines:
        return []
    numbers = frozenset(right)
    rule = ["---:" if index in numbers else "---" for index in range(len(titles))]
    return [_row(titles), _row(rule), *lines, ""]


def details(summary: str, lines: Sequence[str]) -> list[str]:
    """Lines that are folded away until a reader asks. `summary` is our own words."""
    return ["<details>", f"<summary>{summary}</summary>", "", *lines, "</details>", ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell or ' ' for cell in cells)} |"


def _span(text: str, *, cell: bool) -> str:
    longest = max((len(run) for run in _RUNS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest and (text[0] == "`" or text[-1] == "`") else ""
    if cell:
        text = _PIPE.sub(_escaped, text)
    return f"{fence}{pad}{text}{pad}{fence}"


def _escaped(match: re.Match[str]) -> str:
    """A bar that does not end its cell: an odd number of backslashes before it."""
    before = match[1]
    return match[0] if len(before) % 2 else f"{before}\\|"
