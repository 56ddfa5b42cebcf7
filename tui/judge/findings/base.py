"""The declaration of a kind of finding, in one object."""

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
from tui.text.styled_text import own

WORDS_CELLS = 16
"""The greatest width of `FindingSpec.words`, in terminal cells."""


class Prices(Protocol):
    """The part of the price table that a detector may use."""

    def cost(self, model: str, usage: Usage) -> float | None:
        """US dollars, or None if the model has no known price."""
        ...

    def models(self) -> Iterable[str]:
        """The names of models with a known price."""
        ...


@frozen
class Setup:
    """The values from which a detector is made."""

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
    """Its name on the screen, of at most `WORDS_CELLS` cells."""
    doc: str
    """One sentence about a lane with this finding."""
    progress: str
    """The progress that is missing, as words after "progress would be"."""
    to_do: str
    """What the operator should do, as words after the verb and the lane: `redirect claude:7d90: tell it ...`."""
    severities: tuple[Severity, ...]
    """The severities that it can have, from the lowest to the highest."""
    suggest: Verb | None = None
    """The verb that it suggests, if any."""
    limits: type[Any] | None = None
    """A frozen class whose fields are made by `limit`. Several kinds may share one."""
    detector: Callable[[Setup], Detector] | None = None
    """Makes the detector of one lane. None: other code raises it (for example code that compares lanes)."""
    whose: SafeText = own("all lanes")
    """What a finding of this kind is about if it is about no lane."""
    is_told_by_state: bool = False
    """True if the lane's state shows it already. Then it has no flag, rings no bell and is not counted."""
    asks_question: bool = False
    """True if the lane's page shows the question `QUESTION` of `tui.model.finding` with it."""
    is_unproven: bool = False
    """True if it was not yet seen on a real session, so that only invented logs raise it."""

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
