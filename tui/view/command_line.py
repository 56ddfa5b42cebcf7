"""The command line: the commands that fit what was typed, and the line that shows each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.model.frozen import frozen
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, blank, column, fit_line, line_width, own

NAME_CELLS = 28
"""The width of the names of commands, if there is room for more than the names."""

WIDEST = 110
"""The greatest width of a row: a key far away from its command is hard to read."""


@frozen
class Offer:
    """A command that the command line offers."""

    text: str
    """The text to type for it: `pause`, `sort cost`."""
    doc: SafeText
    """What it does, in one line."""
    key: SafeText = own("")
    """The key that does the same; empty if there is none."""
    argument: str = ""
    """The name of the argument that must follow, such as `NAME`; empty if the command is complete."""
    is_value: bool = False
    """True if the text ends with a value of the argument. Such offers are not listed before something is typed."""


def matching(offers: Iterable[Offer], typed: str) -> list[Offer]:
    """The offers that fit what was typed, the best first; all complete commands if nothing was typed.

    A command fits if its text begins with what was typed, if its words begin with the typed words, if it contains what
    was typed, if it contains the typed letters in this order, or at last if its description contains the typed words.
    """
    wanted = typed.lower().lstrip()
    if not wanted:
        return [offer for offer in offers if not offer.is_value]
    # After `sort ` only values of `sort` are useful.
    useful = [offer for offer in offers if not (offer.argument and wanted == f"{offer.text} ")]
    ranked = [(rank, at, offer) for at, offer in enumerate(useful) if (rank := _rank(offer, wanted)) is not None]
    return [offer for _, _, offer in sorted(ranked, key=lambda one: one[:2])]


def _rank(offer: Offer, wanted: str) -> tuple[int, int] | None:
    """How well an offer fits, the smallest first; None if it does not fit."""
    text = offer.text.lower()
    words = wanted.split()
    if text == wanted.rstrip():
        return 0, 0
    if text.startswith(wanted):
        return 1, 0
    if _begin(text.split(), words):
        return 2, 0
    if wanted.rstrip() in text:
        return 3, text.index(wanted.rstrip())
    gaps = _gaps(text, "".join(words))
    if gaps is not None:
        return 4, gaps
    doc = offer.doc.lower()
    return (5, 0) if all(word in doc or word in text for word in words) else None


def _begin(text: Sequence[str], words: Sequence[str]) -> bool:
    """True if the words are beginnings of words of the text, in the same order."""
    rest = iter(text)
    return all(any(one.startswith(word) for one in rest) for word in words)


def _gaps(text: str, letters: str) -> int | None:
    """The number of letters between the wanted ones; None if the text does not contain them in this order.

    The first letter must begin a word, because otherwise almost every text would fit.
    """
    best: int | None = None
    for start, letter in enumerate(text):
        if letter != letters[0] or (start and text[start - 1] not in " -_."):
            continue
        at, skipped = start + 1, 0
        for wanted in letters[1:]:
            found = text.find(wanted, at)
            if found < 0:
                break
            skipped += found - at
            at = found + 1
        else:
            best = skipped if best is None else min(best, skipped)
    return best


def completed(offer: Offer) -> str:
    """The content of the command line after the offer was completed."""
    return f"{offer.text} " if offer.argument else offer.text


def offer_line(offer: Offer, cells: int, *, is_chosen: bool) -> Line:
    """One offer: its text, what it does, and its key at the right."""
    text = f"{offer.text} {offer.argument}" if offer.argument else offer.text
    key: Line = (Span(offer.key, "key"), blank(1)) if offer.key else ()
    names = min(NAME_CELLS, max(12, cells // 3))
    name = safe_text(text, limit=200)
    left: Line = (blank(1), Span(name, "strong" if is_chosen else "text"))
    if line_width(left) <= names:
        left = (blank(1), column(name, names, "strong" if is_chosen else "text"))
    left = (*left, blank(1), Span(offer.doc, "text" if is_chosen else "dim"))
    room = max(0, min(cells, WIDEST) - line_width(key) - 1)
    return (*fit_line(left, room), blank(1), *key)


def unknown_line(typed: str, hint: str, cells: int) -> Line:
    """The line that is shown if nothing fits. `hint` is empty, or names the nearest command."""
    words = safe_text(f"no command fits {typed.strip()}{hint}", limit=200)
    return fit_line((blank(1), Span(words, "warn")), cells)


def window_of_rows(count: int, chosen: int, rows: int) -> range:
    """The rows that are shown of a list of `count`, so that the chosen one is among them."""
    if count <= rows:
        return range(count)
    first = min(max(0, chosen - rows // 2), count - rows)
    return range(first, first + rows)
