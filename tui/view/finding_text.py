"""The texts of a finding. The list, the lane's page, `findings`, notices and reports take all parts from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tui.judge.findings.registry import spec_of
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Finding, FindingKind, Severity
from tui.text.format import compact
from tui.text.safe_text import SafeText, safe_path, safe_text
from tui.text.styled_text import joined, own

TITLE_CHARS = 400
HEADLINE_CHARS = 160
EVIDENCE_CHARS = 300
NAME_CHARS = 48


class SeverityLook(NamedTuple):
    """One severity: a glyph, the same in ASCII, its word, its role, and what it means for the operator."""

    glyph: SafeText
    ascii: SafeText
    word: SafeText
    role: str
    meaning: SafeText


SEVERITIES: dict[Severity, SeverityLook] = {
    Severity.STOP: SeverityLook(own("⊗"), own("X"), own("stop"), "stop", own("act now")),
    Severity.WARN: SeverityLook(own("▲"), own("^"), own("warn"), "warn", own("check")),
    Severity.INFO: SeverityLook(own("i"), own("i"), own("info"), "accent", own("information")),
}
"""The looks by severity, most severe first."""


def glyph_of(severity: Severity, *, ascii_only: bool = False) -> SafeText:
    """The severity's glyph, one cell wide."""
    look = SEVERITIES[severity]
    return look.ascii if ascii_only else look.glyph


def kind_words(kind: FindingKind) -> SafeText:
    """The words for a kind of finding on the screen, in at most `WORDS_CELLS` cells."""
    return spec_of(kind).words


class EvidenceText(NamedTuple):
    """One piece of evidence. `at` is in seconds UTC; `place` is the path and the offset, empty if there is none."""

    at: float | None
    text: SafeText
    place: SafeText


class FindingText:
    """The parts of a finding as safe text. A page only decides the place and the width of each part."""

    __slots__ = ("_finding",)

    def __init__(self, finding: Finding) -> None:
        self._finding = finding

    @property
    def look(self) -> SeverityLook:
        """The glyph, the word and the role of its severity."""
        return SEVERITIES[self._finding.severity]

    @property
    def kind(self) -> SafeText:
        """The name of its kind on the screen."""
        return kind_words(self._finding.kind)

    @property
    def name(self) -> SafeText:
        """The permanent name of its kind."""
        return safe_text(self._finding.kind.value)

    @property
    def title(self) -> SafeText:
        """The title of the finding."""
        return safe_text(self._finding.title, limit=TITLE_CHARS)

    @property
    def headline(self) -> SafeText:
        """Kind and title in one line: `goes in circles: npm install failed 12 times`."""
        return joined(self.kind, own(": "), safe_text(self._finding.title, limit=HEADLINE_CHARS))

    @property
    def spent(self) -> SafeText:
        """The tokens spent since it holds; `?` if unknown."""
        return compact(self._finding.tokens_since)

    @property
    def whose(self) -> SafeText:
        """The id of its lane or family, or what else it is about: `all lanes`."""
        finding = self._finding
        if finding.lane is not None:
            return safe_text(finding.lane)
        if finding.family is not None:
            return joined(own("family "), safe_text(finding.family))
        return spec_of(finding.kind).whose

    @property
    def suggest(self) -> SafeText:
        """The verb that it suggests; empty if there is none."""
        return safe_text(self._finding.suggest.value) if self._finding.suggest is not None else own("")

    def advice(self, names: Mapping[LaneId, SafeText]) -> SafeText:
        """The verb with its lane, if that is another one: `close Loom (codex:7d574def), which starts the next round`.

        `names` are the names of lanes.
        """
        lane = self._finding.suggest_for
        if lane is None or not self.suggest:
            return self.suggest
        name, id_ = names.get(lane), safe_text(lane)
        whose = id_
        if name is not None and name != id_:
            whose = joined(safe_text(name, limit=NAME_CHARS), own(" ("), id_, own(")"))
        return joined(self.suggest, own(" "), whose, own(", which starts the next round"))

    def to_do(self, names: Mapping[LaneId, SafeText], *, on_page: bool = False) -> SafeText:
        """What the operator should do: `redirect claude:7d90: tell it ...`; empty for a finding that has ended.

        `names` are the names of lanes. `on_page`: the lane's own page, which need not name the lane.
        """
        finding, spec = self._finding, spec_of(self._finding.kind)
        if not finding.is_open:
            return own("")
        words = safe_text(spec.to_do)
        if finding.suggest is None:
            return words if spec.suggest is None else own("nothing more: its lane has ended")
        verb = self.advice(names)
        if finding.suggest_for is None and finding.lane is not None and not on_page:
            verb = joined(verb, own(" "), safe_text(finding.lane))
        return joined(verb, own(": "), words)

    @property
    def cost(self) -> SafeText:
        """What was used since it holds, and of what that is the sum; empty where this says nothing."""
        finding = self._finding
        if finding.since is None or finding.tokens_since == 0 or spec_of(finding.kind).is_told_by_state:
            return own("")
        if finding.lane is None and finding.family is None:
            return own("")
        if finding.family is not None:
            return joined(own("the work on such prompts used "), self.spent, own(" tokens"))
        return joined(own("this lane used "), self.spent, own(" tokens in all"))

    @property
    def progress(self) -> SafeText:
        """`progress would be another result`; empty if the finding does not say so."""
        words = self._finding.progress
        return joined(own("progress would be "), safe_text(words, limit=TITLE_CHARS)) if words else own("")

    def sentence(self, when: SafeText | None) -> SafeText:
        """The whole finding in one sentence: the repetition, the variation, since when, the cost, and what is missing.

        `when` is the time since which it holds, in words; None: unknown.
        """
        when = when if self.cost else None  # the time alone stands beside the kind already
        since = joined(own("; since "), when) if when is not None else own("")
        cost = joined(own(" " if since else "; since then "), self.cost) if self.cost else own("")
        progress = joined(own("; "), self.progress) if self.progress else own("")
        return joined(self.title, since, cost, progress)


def evidence_text(evidence: Evidence) -> EvidenceText:
    """A piece of evidence in words."""
    place = own("")
    if evidence.path is not None:
        offset = joined(own(":"), safe_text(str(evidence.offset))) if evidence.offset is not None else own("")
        place = joined(safe_path(evidence.path, limit=4096), offset)
    return EvidenceText(evidence.at, safe_text(evidence.text, limit=EVIDENCE_CHARS), place)
