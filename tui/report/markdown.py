"""Markdown (GFM) for code hosts, in which no text of a transcript can become markup, and the page of a report.

Quoted texts are in code spans, in which nothing is markup, a link or a mention. In our own sentences that contain words
of a transcript, each word that could be markup is put into a code span, and the other words stay plain.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, pass_environment
from markupsafe import Markup

from tui.model.evidence import Evidence
from tui.model.finding import Family, Member
from tui.report.display_text import LIMIT, is_one_day, plural, rounded, shown
from tui.report.document import (
    Advice,
    AdviceCount,
    CheckColumn,
    Comparison,
    Coverage,
    CoverageCell,
    Digest,
    LaneRow,
    LineOfWork,
    Moment,
    MomentKind,
    NewThings,
    Report,
    Saving,
    Tick,
)
from tui.report.render import COMMON, NUMBERS, environment, number_value
from tui.view.finding_text import FindingText

_PLAIN = re.compile(r"[\w.,;:!?()'\"“”%…–—/+=×·→≥$-]+")
_LINKED = re.compile(
    r"""(?ix) :// | www\. | ^_ | _$ | __ | \$(?!\d) | ^mailto: | ^xmpp:
    | (?<![^\W_])gh-\d | (?<!\w)[!%]\d          # an issue, a merge request, a milestone
    | (?<![^\W_])[0-9a-f]{7,40}(?![^\W_])       # a commit
    | :(?!\d\d?:\d)[\w+-]+:                     # the name of an emoji, but no time of day
    """
)
"""Words that a code host turns into something else: links, references, emoji, formulas."""
_LIST = re.compile(r"[-+=]+|\d+[.)]|[-+*_=~]{3,}.*")
"""Signs that make a list, a rule or a heading at the beginning of a line."""
_WORDS = re.compile(r"(?<!\S)`[^`]*[^`\s][^`]*`(?!\S)|\S+")
"""Words, and texts between two backticks."""
_PIPE = re.compile(r"(\\*)\|")
_RUNS = re.compile(r"`+")
_TICKS = {Tick.PASSED: "✓", Tick.FAILED: "✗", Tick.UNCLEAR: "?", Tick.MISSING: "–"}
DEEPEST = 6
"""The most steps by which a lane is indented."""
_BLANK_LINES = re.compile(r"\n{3,}")
_BARS = "▁▂▃▄▅▆▇█"


@lru_cache(maxsize=8192)
def code(raw: str, limit: int = LIMIT) -> Markup:
    """A text of a transcript as a code span; an empty text gives an empty string."""
    text = " ".join(shown(str(raw), limit=limit).split())
    return _markdown(_span(text) if text else "")


@lru_cache(maxsize=8192)
def prose(raw: str, limit: int = 2000) -> Markup:
    """A sentence of ours that may contain words of a transcript."""
    parts: list[str] = []
    quoted: list[str] = []

    def flush() -> None:
        if quoted:
            text = " ".join(quoted)
            bare = text.rstrip(":,.;") or text
            parts.append(_span(bare) + text[len(bare) :])
            quoted.clear()

    for index, word in enumerate(_WORDS.findall(shown(str(raw), limit=limit))):
        if _PLAIN.fullmatch(word) and not _LINKED.search(word) and not (index == 0 and _LIST.fullmatch(word)):
            flush()
            parts.append(word)
        elif word[0] == "`" == word[-1] and len(word) > 2:
            flush()  # already quoted in this way
            parts.append(_span(" ".join(word[1:-1].split())))
        else:
            quoted.append(word)
    flush()
    return _markdown(" ".join(parts))


def fenced(raw: str, cells: int) -> Markup:
    """A name of exactly `cells` characters within a fenced block, where only the fence could be broken."""
    return _markdown(f"{shown(str(raw), limit=cells).replace('`', chr(39)):<{cells}}")


def row(cells: Sequence[str]) -> Markup:
    """A line of a table, from cells that are Markdown. A bar in a cell does not end it."""
    return _markdown(f"| {' | '.join(_PIPE.sub(_escaped, cell) or ' ' for cell in cells)} |")


def ticks(cells: Sequence[CoverageCell]) -> list[Markup]:
    """The outcome of checks, one sign each."""
    return [_markdown(_TICKS[cell.tick]) for cell in cells]


def spark(values: Sequence[float], is_padded: bool = False) -> Markup:
    """A bar for each value; the largest is full, zero is a blank. Blanks at the end are dropped unless `is_padded`."""
    most = max(values, default=0.0)
    bars = "".join(" " if value <= 0 else _BARS[min(7, int(value / most * 8))] for value in values)
    return _markdown(bars if is_padded else bars.rstrip())


def squeezed(values: Sequence[int], cells: int) -> list[int]:
    """The values, added up to at most `cells` sums."""
    width = max(1, -(-len(values) // cells))
    return [sum(values[at : at + width]) for at in range(0, len(values), width)]


def rounded_right(count: float, cells: int) -> Markup:
    """A rounded count, right-aligned in this many characters."""
    return _markdown(f"{rounded(count):>{cells}}")


def change(share: float | None) -> Markup:
    """`+12%`, `-40%`, `×3.2`; empty if unknown."""
    if share is None:
        return _markdown("")
    if share >= 2:
        return _markdown(f"×{share + 1:.1f}")
    if abs(share) < 0.005:
        return _markdown("0%")
    return _markdown(f"{'+' if share > 0 else '-'}{abs(share):.0%}")


FILTERS: dict[str, Callable[..., Any]] = {
    "code": code, "prose": prose, "fenced": fenced, "spark": spark, "squeezed": squeezed, "change": change,
    "rounded_right": rounded_right,
}  # fmt: skip


def _markdown(text: str) -> Markup:
    """Marks a text as finished Markdown.

    Only this module does so, for texts that went through `shown` and for numbers.
    """
    return Markup(text)  # noqa: S704


def _span(text: str) -> str:
    longest = max((len(run) for run in _RUNS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest and (text[0] == "`" or text[-1] == "`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _escaped(match: re.Match[str]) -> str:
    """A bar behind an odd number of backslashes, which does not end its cell."""
    before = match[1]
    return match[0] if len(before) % 2 else f"{before}\\|"


# -- drawing ---------------------------------------------------------------------------------------


def markdown(report: Report) -> str:
    """The report as Markdown that reads well on a code host. Ends in a newline."""
    return _drawn("report.md.j2", report=report, page=MarkdownPage(report))


def comparison_markdown(document: Comparison) -> str:
    """Two reports side by side as Markdown. Ends in a newline."""
    return _drawn("comparison.md.j2", document=document)


def _drawn(name: str, **given: object) -> str:
    made = markdown_environment().get_template(name).render(given)
    return _BLANK_LINES.sub("\n\n", made).strip("\n") + "\n"


@pass_environment
def markdown_value(_: Environment, value: object) -> str:
    """The text that a template prints for a value: a text as prose in which nothing is markup, a number as digits.

    Raises:
        TypeError: it is neither a text nor a number.
    """
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return prose(value)
    return number_value(value)


def _from_number(function: Callable[..., str]) -> Callable[..., Markup]:
    """Makes a filter of a function from numbers to text.

    Its results are finished Markdown, because they contain no text of others.

    Raises:
        TypeError: the new filter raises it for a value that is no number.
    """

    def made(*values: object) -> Markup:
        for value in values:
            if value is not None and not isinstance(value, int | float):
                raise TypeError(f"a number is wanted here, no {type(value).__name__}")
        return Markup(function(*values))  # noqa: S704 (made of numbers)

    return made


@cache
def markdown_environment() -> Environment:
    """Templates of the Markdown pages."""
    numbers = {name: _from_number(function) for name, function in NUMBERS.items()}
    names = {"row": table_row, "ticks": ticks, "finding_text": FindingText}
    return environment(markdown_value, numbers | COMMON | FILTERS, names)


def table_row(*cells: object) -> Markup:
    """One line of a table. A bar in a cell does not end it."""
    return row([markdown_value(markdown_environment(), cell) for cell in cells])


# -- the page of a report ---------------------------------------------------------------------------


_ADVICE = {
    Advice.KEEP: "core proofs: they hold what is true now",
    Advice.MOSTLY: "show how it was established, or added something",
    Advice.COMPRESS: "repetition: one line each is enough",
    Advice.ARCHIVE: "acknowledgements and hand-outs: for an audit only",
}


class MarkdownPage:
    """One report while its page is drawn."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.has_several_lanes = len(report.lanes) > 1
        """Whether lanes have to be named."""
        self._refs = {source.path: source.ref for source in report.sources}

    def refs(self, evidence: Sequence[Evidence | None]) -> list[tuple[str, int]]:
        """The places of the evidence as raw names of transcripts and bytes. Evidence without a place is left out."""
        found: list[tuple[str, int]] = []
        for one in evidence:
            ref = self._refs.get(one.path) if one is not None and one.path is not None else None
            if ref and one is not None and one.offset is not None:
                found.append((ref, one.offset))
        return found

    def place_of(self, member: Member) -> list[tuple[str, int]]:
        """The place of a member of a family."""
        return self.refs([Evidence("", member.started, member.path, member.offset)])

    @property
    def ends_on_its_day(self) -> bool:
        """Whether both ends of the window are known and lie on one day UTC."""
        window = self.report.head.window
        return window.start is not None and window.end is not None and is_one_day(window)

    def has_evidence(self, most: int) -> bool:
        """Whether one of the first findings has evidence."""
        return any(found.finding.evidence for found in self.report.findings[:most])

    @property
    def advised(self) -> list[AdviceCount]:
        """The advices that at least one action has."""
        return [one for one in self.report.retention.counts if one.actions]

    def why(self, advice: Advice) -> str:
        """The meaning of an advice."""
        return _ADVICE[advice]

    def numbers(self, columns: Sequence[CheckColumn]) -> range:
        """The numbers of the checks, for the head of a matrix."""
        return range(1, len(columns) + 1)

    def left_out(self, coverage: Coverage, most: int) -> str:
        """The actions that a matrix of the last `most` actions leaves out, in words; empty if there are none."""
        actions = coverage.rows_left_out + max(0, len(coverage.rows) - most)
        parts = (
            f"{actions} earlier actions" if actions else "",
            f"{coverage.columns_left_out} rarer checks" if coverage.columns_left_out else "",
        )
        return " and ".join(filter(None, parts))

    def indent(self, lane: LaneRow) -> range:
        """One item for each level of the lane in the tree."""
        return range(min(lane.depth, DEEPEST))

    def told_lanes(self, most: int) -> list[LaneRow]:
        """Those of the first lanes that have a digest."""
        return [lane for lane in self.report.lanes[:most] if _says_something(lane.digest)]

    @property
    def phased_runs(self) -> list[LineOfWork]:
        """Lines of work with phases."""
        return [run for run in self.report.runs if run.phases]

    @property
    def compared_runs(self) -> list[LineOfWork]:
        """Lines of work in which actions can be compared."""
        return [run for run in self.report.runs if len(run.actions) > 1]

    @property
    def moments(self) -> list[Moment]:
        """The moments other than actions."""
        return [moment for moment in self.report.timeline.moments if moment.kind is not MomentKind.ACTION]

    @property
    def timeline_end(self) -> float | None:
        """The end of the last bucket, in seconds UTC."""
        timeline = self.report.timeline
        buckets = max((len(series.values) for series in timeline.series), default=0)
        return timeline.start + timeline.step_s * buckets if timeline.start is not None else None

    @property
    def savings(self) -> list[Saving]:
        """The usage of lanes after the stop, the largest first."""
        stop = self.report.stop
        return sorted(stop.lanes, key=lambda one: -one.tokens) if stop is not None else []

    def new_things(self, run: LineOfWork, most: int) -> list[int]:
        """New things of each of the first actions."""
        return [row.new_things.total for row in run.actions[:most]]

    def shown_members(self, family: Family) -> list[Member]:
        """The first three members and the last three."""
        return [*family.members[:3], *family.members[max(3, len(family.members) - 3) :]]

    def bought(self, new_things: NewThings) -> str:
        """The new things in words: `2 new files, 1 new error`."""
        parts = (
            plural(new_things.files, "new file") if new_things.files else "",
            plural(new_things.checks, "new outcome of a check", "new outcomes of checks") if new_things.checks else "",
            plural(new_things.errors, "new error") if new_things.errors else "",
            plural(new_things.commands, "new command") if new_things.commands else "",
        )
        return ", ".join(filter(None, parts)) or "nothing new"

    def checked(self, new_things: NewThings) -> str:
        """The checks that ran, in words."""
        if not new_things.check_runs:
            return "no check ran"
        runs = plural(new_things.check_runs, "run of checks", "runs of checks")
        return f"{runs}, {new_things.checks_passed} passed, {new_things.checks_failed} failed"


def _says_something(digest: Digest) -> bool:
    return bool(digest.files or digest.commands or digest.checks or digest.last_words)
