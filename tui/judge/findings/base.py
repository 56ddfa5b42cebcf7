"""The declaration of a kind of finding: all that the program knows of it, in one object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from tui.judge.detector import EVIDENCE_LIMIT, Detector, Raised
from tui.judge.limits import Limits
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.model.usage import Usage
from tui.text.safe_text import SafeText

WORDS_CELLS = 16
"""The greatest width of `FindingSpec.words`, in terminal cells."""


class Prices(Protocol):
    """What a detector may ask of the price table."""

    def cost(self, model: str, usage: Usage) -> float | None:
        """US dollars, or None if the model has no known price."""
        ...

    def models(self) -> Iterable[str]:
        """Models with a known price, by name."""
        ...


@frozen
class Setup:
    """What a detector is made with."""

    limits: Limits
    prices: Prices


@frozen
class FindingSpec:
    """A kind of finding."""

    kind: FindingKind
    """Its permanent name: in the configuration, in JSON and on the command line."""
    place: int
    """Its place in lists of kinds, unique. Take a free number next to kinds of the same sort."""
    words: SafeText
    """What the screen calls it, in at most `WORDS_CELLS` cells."""
    doc: str
    """What it says of a lane, in one sentence."""
    progress: str
    """What would be progress, in words that follow "progress would be"."""
    severities: tuple[Severity, ...]
    """Those that it can have, the mildest first."""
    suggest: Verb | None = None
    """The verb that it suggests, if any."""
    limits: type[Any] | None = None
    """A frozen class whose fields are made by `limit`. Several kinds may share one."""
    detector: Callable[[Setup], Detector] | None = None
    """Makes the detector of one lane. None: other code raises it (for example code that compares lanes)."""
    is_told_by_state: bool = False
    """The lane's state shows it already, so it has no flag, rings no bell and is not counted."""
    asks_question: bool = False
    """The lane's page shows the question `QUESTION` of `tui.model.finding` together with it."""
    is_unproven: bool = False
    """It was not yet seen on a real session: only invented logs raise it."""

    def raised(
        self,
        subject: str,
        severity: Severity,
        since: float | None,
        title: str,
        evidence: tuple[Evidence, ...],
        *,
        suggest: Verb | None = None,
    ) -> Raised:
        """A finding of this kind: see `Raised`. `suggest` replaces the verb that the kind suggests.

        Of the evidence the first `EVIDENCE_LIMIT` pieces are kept.
        """
        return Raised(self.kind, subject, severity, since, title, evidence[:EVIDENCE_LIMIT], suggest or self.suggest)
