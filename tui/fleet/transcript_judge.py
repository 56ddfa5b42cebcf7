"""Judges the lanes of one transcript apart from the fleet: it reads the transcript from its beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tui.fleet.shard import ShardFactory
from tui.judge.actions import ActionShape
from tui.judge.lane import LaneJudge
from tui.model.event import Event, Prompt
from tui.sources.tail import Batch, Tailer

NEWEST_SHAPES = 3
"""So many of a lane's newest actions may have changed since its last prompt."""

ReadFacts = Callable[[str], Event | None]
"""Returns the facts in the small file beside a transcript; None if there are none."""


class TranscriptJudge:
    """The judges of one transcript's lanes. Its state can be saved, to continue in another process."""

    def __init__(
        self, path: str, tailer: Tailer, factory: ShardFactory, facts: ReadFacts, *, keeps_shapes: bool = False
    ) -> None:
        """Judges the transcript at `path`.

        Args:
            path: names the transcript.
            tailer: reads it. It has not read it before.
            factory: makes the judges.
            facts: reads its sidecar. This is done after its first events.
            keeps_shapes: whether the shapes of all actions are kept. A judge itself keeps the newest ones.
        """
        self.path = path
        self.judges: dict[str, LaneJudge] = {}
        """By the lane's name within the transcript."""
        self._has_facts = False
        self._keeps_shapes = keeps_shapes
        self._shapes: dict[str, dict[int, ActionShape]] = {}
        self.continue_with(tailer, factory, facts)

    def continue_with(self, tailer: Tailer, factory: ShardFactory, facts: ReadFacts) -> None:
        """Sets what it works with. `tailer` has read exactly what was judged so far."""
        self._tailer, self._factory, self._facts = tailer, factory, facts

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name not in ("_tailer", "_factory", "_facts")}

    def read(self, budget: int) -> Batch | None:
        """Reads and judges at most `budget` bytes more. None: the file is another one than before, or gone."""
        batch = self._tailer.read_new(self.path, budget)
        if batch.path != self.path or batch.reset or batch.gone:
            return None
        self.take(batch.events)
        if batch.events and not self._has_facts:
            self._has_facts = True
            facts = self._facts(self.path)
            self.take([facts] if facts is not None else [])
        return batch

    def take(self, events: Iterable[Event]) -> None:
        """Judges events of the transcript."""
        judges = self.judges
        for event in events:
            judge = judges.get(event.lane)
            if judge is None:
                judge = judges[event.lane] = self._factory.judge()
            judge.apply(event)
            if self._keeps_shapes and isinstance(event, Prompt):
                self._note_shapes(event.lane, judge)

    @property
    def shapes(self) -> dict[str, dict[int, ActionShape]]:
        """The shapes of all actions, by the lane's name and by the offset of their prompt; empty if not kept."""
        if self._keeps_shapes:
            for local, judge in self.judges.items():
                self._note_shapes(local, judge)
        return self._shapes

    def _note_shapes(self, local: str, judge: LaneJudge) -> None:
        known = self._shapes.setdefault(local, {})
        for shape in judge.actions()[-NEWEST_SHAPES:]:
            known[shape.offset] = shape
