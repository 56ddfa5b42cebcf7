"""The help page: every key with its scope, every glyph with its meaning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tui.model.control import RouteKind
from tui.model.snapshot import Fleet, LaneState
from tui.text.format import number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, beside, column, hung, joined, own, word
from tui.view.columns.base import Column
from tui.view.columns.registry import all_columns
from tui.view.filter import filter_keys
from tui.view.finding_text import SEVERITIES
from tui.view.flags import LOOP, LOOP_ASCII, flag_role
from tui.view.states import LOOKS, glyph_of, word_of

WIDE_FROM = 100
"""From this width on the page has two columns."""


class HelpKey(NamedTuple):
    """One key as the help shows it."""

    keys: SafeText
    description: SafeText


def _numbered_together(rows: Sequence[HelpKey]) -> list[HelpKey]:
    """The rows, with one for all keys that are digits and choose what has that number: `1 to 9  Saved view 1 to 9`."""
    numbered = [row for row in rows if row.keys.isdigit() and row.description.endswith(f" {row.keys}")]
    if len(numbered) < 2:
        return list(rows)
    first, last = numbered[0], numbered[-1]
    keys = joined(first.keys, own(" to "), last.keys)
    whole = HelpKey(keys, joined(first.description, own(" to "), last.keys))
    return [whole if row is first else row for row in rows if row is first or row not in numbered]


def help_lines(
    scopes: Mapping[str, Sequence[HelpKey]],
    cells: int,
    *,
    ascii_only: bool = False,
    is_on: Sequence[tuple[SafeText, SafeText]] = (),
) -> list[Line]:
    """The page, in two columns if there is room.

    The first of `scopes`, the part with the focus, comes first. `is_on` says which notices, policies and verbs are on.
    """
    keys: list[Line] = []
    on = _what_is_on(is_on) if is_on else []
    is_wide = cells >= WIDE_FROM
    for place, (where, rows) in enumerate(scopes.items()):
        if place == 1 and not is_wide:
            keys += on
        keys.append((word("KEYS  ", "section"), Span(safe_text(where), "section")))
        keys += [(column(row.keys, 12, "key"), Span(row.description, "text")) for row in _numbered_together(rows)]
        keys.append(())
    glyphs = [*_states(ascii_only=ascii_only), *_findings(ascii_only=ascii_only), *_words(), *_table()]
    if not is_wide:
        return _hung([*keys, *glyphs], cells)
    left, right = cells // 2 - 6, cells // 2 + 3
    return beside(_hung(keys, left), _hung([*on, *glyphs], right), left, right)


def _hung(lines: Iterable[Line], cells: int) -> list[Line]:
    return [part for line in lines for part in hung(line, cells)]


def gate_now(fleet: Fleet) -> tuple[SafeText, SafeText]:
    """How many of all lanes, as the header counts them, ask the gate, do not, and have ended."""
    alive = [lane for lane in fleet.lanes if lane.state not in (LaneState.ENDED, LaneState.CLOSED)]
    reached = [lane for lane in alive if any(one.kind is RouteKind.GATE and one.is_open for one in lane.control.routes)]
    ended = len(fleet.lanes) - len(alive)
    lanes = own(" lane: ") if len(fleet.lanes) == 1 else own(" lanes: ")
    counts = ((len(reached), own(" use it")), (len(alive) - len(reached), own(" do not")), (ended, own(" ended")))
    parts = [piece for count, name in counts for piece in (own(", "), number(count), name)]
    return own("gate"), joined(number(len(fleet.lanes)), lanes, *parts[1:])


def _what_is_on(rows: Sequence[tuple[SafeText, SafeText]]) -> list[Line]:
    lines: list[Line] = [(word("WHAT IS ON", "section"),)]
    return [*lines, *((column(label, 12, "strong"), Span(text, "text")) for label, text in rows), ()]


_WORDS = (
    (own("lane"), own("one agent at work, or a subagent of it")),
    (own("burn"), own("how many tokens it uses per hour now")),
    (own("tok"), own("tokens: the parts of text that are paid for")),
    (own("fresh"), own("tokens that were not read from a cache")),
    (own("cache reads"), own("text that was sent before: it costs less")),
    (own("5h ██ 62%"), own("how much of a limit of the provider is used")),
    (own("↻ 1h12"), own("the time until that limit starts again")),
    (own("gate"), own("a hook: agents ask it before each step")),
    (own("routes"), own("ways by which pause and others reach it")),
    (own("novelty"), own("how much of a step is new, from 0 to 1")),
    (own("family"), own("similar actions, compared by their results")),
)
"""The words of the header and of a lane's page that a new reader may not know."""


def _words() -> list[Line]:
    lines: list[Line] = [(word("WHAT WORDS MEAN", "section"),)]
    return [*lines, *((column(label, 13, "strong"), Span(text, "text")) for label, text in _WORDS), ()]


def _states(*, ascii_only: bool) -> list[Line]:
    lines: list[Line] = [(word("STATES", "section"),)]
    for state, look in LOOKS.items():
        role = f"state.{state}"
        lines.append((
            Span(glyph_of(state, ascii=ascii_only), role), word(" "), column(word_of(state), 11, role),
            Span(look.meaning, "text"),
        ))  # fmt: skip
    return [*lines, ()]


def _findings(*, ascii_only: bool) -> list[Line]:
    lines: list[Line] = [(word("FINDINGS  beside a lane's state", "section"),)]
    for severity, look in SEVERITIES.items():
        glyph = look.ascii if ascii_only else look.glyph
        lines.append((Span(glyph, flag_role(severity)), word(" "), column(look.word, 11, f"loud.{look.role}"),
                      Span(look.meaning, "text")))  # fmt: skip
    loop = LOOP_ASCII if ascii_only else LOOP
    lines.append((Span(loop, "pill.stop"), word(" "), column(own("loop"), 11, "loud.stop"),
                  word("it repeats itself; filled: stop, bold: warn", "text")))  # fmt: skip
    return [*lines, ()]


def _table() -> list[Line]:
    rows = [row for one in all_columns() for row in _column_rows(one)]
    rows.append((own("fork"), own("its copied history is not counted again")))
    lines: list[Line] = [(word("THE TABLE", "section"),)]
    lines += [(column(label, 13, "strong"), Span(text, "text")) for label, text in rows]
    lines += [(), (word("THE FILTER", "section"),)]
    lines += [(column(label, 13, "strong"), Span(text, "text")) for label, text in _filters()]
    return [*lines, ()]


def _column_rows(one: Column) -> list[tuple[SafeText, SafeText]]:
    return [*([(one.title or safe_text(one.name), one.doc)] if one.in_help else []), *one.signs]


def _filters() -> list[tuple[SafeText, SafeText]]:
    keys = filter_keys().values()
    texts = [key.name for key in keys if key.text is not None and key.help is None]
    figures = [f"{key.name}>{key.measure.unit.value}" for key in keys if key.measure is not None]
    return [
        (own("word"), own("in title, folder, agent, model, state, id; looping, needs you")),
        (own("field:a,b"), safe_text(" ".join(texts))),
        *(key.help for key in keys if key.help is not None),
        (own("> >= < <= ="), safe_text(" ".join(figures))),
        (own("field:?"), own("what is unknown")),
        (own("!ended"), own("not; -ended too")),
        (own("tab, ↑ ↓"), own("complete a word; earlier filters")),
    ]
