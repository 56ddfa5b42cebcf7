"""Prints how good the judge is, beside other tools' rules: `make bench-judge`."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.bench.judge import labelled, real, speed
from tests.bench.judge.anchors import ANCHORS, Rule, steps_of
from tests.bench.judge.generator import DEVELOPMENT, HELD_OUT, LOOPS, QUIET, TOKENS, Half, LaneMade, family, loop, quiet
from tests.bench.judge.metrics import Scores
from tests.bench.judge.peers_lanes import six
from tui.fleet.supervisor import Supervisor
from tui.judge.lane import LaneJudge
from tui.ledger.prices import PriceTable
from tui.model.event import Event, LaneInfo, Origin, Prompt, Result
from tui.model.finding import FindingKind


def judge_fires(events: Sequence[Event]) -> int | None:
    """Offset of the event at which the judge's flag goes up, or None."""
    judge = LaneJudge()
    for event in events:
        judge.apply(event)
        if judge.repetition.severity is not None:
            return event.offset
    return None


def family_fires(events: Sequence[Event]) -> bool:
    """Whether the engine says that the lane's actions differ by label alone."""
    supervisor = Supervisor(PriceTable({}, {}))
    supervisor.feed("lane", "codex", [LaneInfo("", events[0].at, 0, session="s"), *events])
    kinds = {one.kind for one in supervisor.snapshot((events[-1].at or 0.0) + 1, 0.0).findings}
    return bool(kinds & {FindingKind.STOP, FindingKind.FAMILY_TOO_LONG})


def spiral_fires(depth: int) -> bool:
    """Whether subagents that spawn subagents for the same task are told."""
    supervisor = Supervisor(PriceTable({}, {}))
    for level in range(depth):
        at = 1_700_000_000.0 + 30 * level
        parent = f"s{level - 1}" if level else None
        info = LaneInfo("", at, 0, session=f"s{level}", parent_session=parent, agent_id=f"s{level}" if level else None)
        task = Prompt("", at + 1, 10, "Find out why the build fails, then mend it.", Origin.AGENT)
        supervisor.feed(f"lane-{level}", "codex", [info, task])
    return any(one.kind is FindingKind.declare("spiral") for one in supervisor.snapshot(1_700_009_999.0, 0.0).findings)


@dataclass
class Tally:
    """What one detector did on a corpus."""

    scores: Scores = field(default_factory=lambda: Scores(0, 0, 0))
    quiet_steps: int = 0
    repeats: list[int] = field(default_factory=list[int])
    tokens: list[int] = field(default_factory=list[int])
    kinds: dict[str, list[bool]] = field(default_factory=dict[str, "list[bool]"])

    def loop(self, made: LaneMade, fired: int | None) -> None:
        """A loop: found, and after how many rounds; a flag from before it began is a false alarm."""
        began = made.marks[0]
        found = fired is not None and fired >= began - 40
        self.kinds.setdefault(made.kind, []).append(found)
        self.scores += Scores(int(found), 0, int(not found))
        if found and fired is not None:
            self.repeats.append(1 + sum(mark < fired for mark in made.marks))
            self.tokens.append(
                TOKENS * sum(began <= event.offset <= fired for event in made.events if isinstance(event, Result))
            )

    def quiet(self, made: LaneMade, fired: int | None) -> None:
        """A quiet lane: any flag is a false alarm."""
        self.quiet_steps += sum(isinstance(event, Result) for event in made.events)
        self.kinds.setdefault(f"quiet: {made.kind}", []).append(fired is None)
        self.scores += Scores(0, int(fired is not None), 0)


def corpus(half: Half, seeds: int) -> tuple[list[LaneMade], list[LaneMade]]:
    """Loops and quiet lanes."""
    loops = [loop(half, kind, seed, mix) for kind in LOOPS for mix in half.mixes for seed in range(seeds)]
    return loops, [quiet(half, kind, seed) for kind in QUIET for seed in range(2 * seeds)]


def tally(loops: list[LaneMade], quiets: list[LaneMade], fires: Callable[[LaneMade], int | None]) -> Tally:
    """One detector over a corpus."""
    result = Tally()
    for made in loops:
        result.loop(made, fires(made))
    for made in quiets:
        result.quiet(made, fires(made))
    return result


def row(name: str, result: Tally, more: str = "") -> str:
    """One line of the table."""
    scores = result.scores
    per_1000 = 1000 * scores.alarms / result.quiet_steps
    repeats = f"{statistics.median(result.repeats):.0f}" if result.repeats else "-"
    tokens = f"{statistics.median(result.tokens) / 1000:.0f}k" if result.tokens else "-"
    return f"| {name} | {scores.precision:.2f} | {scores.recall:.2f} | {scores.f1:.2f} | {per_1000:.2f} | {repeats} | {tokens} |{more}"


def anchor(rule: Rule) -> Callable[[LaneMade], int | None]:
    """A rule as it is asked here."""
    return lambda made: rule(steps_of(made.events))


def generated(half: Half, seeds: int, say: Callable[[str], None]) -> None:
    """Prints the part on generated lanes."""
    loops, quiets = corpus(half, seeds)
    say(f"{half.name} half: {len(loops)} lanes in circles, {len(quiets)} quiet ones")
    say(
        "| detector | precision | recall | F1 | false alarms in 1,000 quiet steps | rounds until found | tokens until found |"
    )
    say("|---|---|---|---|---|---|---|")
    ours = tally(loops, quiets, lambda made: judge_fires(made.events))
    say(row("**lanewatch**", ours))
    for name, rule in ANCHORS.items():
        say(row(name, tally(loops, quiets, anchor(rule))))
    missed = {kind: found for kind, found in ours.kinds.items() if not all(found)}
    for kind, found in missed.items():
        say(f"    {kind}: {sum(found)} of {len(found)} right")
    if ours.repeats:
        say(
            f"    rounds until found: median {statistics.median(ours.repeats)}, nine in ten by {sorted(ours.repeats)[int(0.9 * len(ours.repeats))]}"
        )
    families = [family_fires(family(half, seed, moves_on=False).events) for seed in range(2 * seeds)]
    batches = [family_fires(family(half, seed, moves_on=True).events) for seed in range(2 * seeds)]
    say(f"| foreman families by label alone, told | {sum(families)} of {len(families)} |")
    say(f"| foreman families that get on, told | {sum(batches)} of {len(batches)} |")
    say(
        f"| subagents 50 deep for one task, told | {'yes' if spiral_fires(50) else 'no'}; 3 deep: {'yes' if spiral_fires(2) else 'no'} |"
    )
    say("")
    say("| six lanes | a loop | lanewatch | agent-strace's rule | tktop's idea |")
    say("|---|---|---|---|---|")
    strace, tktop = ANCHORS["agent-strace (n-grams of 3, 3 times)"], ANCHORS["tktop (tools' names)"]
    for name, is_loop, made in six():
        said = [judge_fires(made.events), strace(steps_of(made.events)), tktop(steps_of(made.events))]
        words = ["right" if (one is not None) is is_loop else "miss" if is_loop else "false alarm" for one in said]
        say(f"| {name} | {'yes' if is_loop else 'no'} | {' | '.join(words)} |")


def cost(say: Callable[[str], None]) -> None:
    """Prints the part on speed and memory."""
    events = speed.stream(20_000)
    rate = speed.steps_per_second(events)
    say(f"| speed | {rate:,.0f} tool steps a second, {1e6 / rate:.1f} us each |")
    say(f"| memory of a lane after a million steps | {speed.lane_kilobytes(events, 1_000_000):.0f} kB |")


PARTS = ("generated", "labelled", "real", "cost")


def main() -> int:
    """Prints the parts asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.judge")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--half", choices=("development", "held-out"), default="held-out")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part alone; may be given several times")
    args = parser.parse_args()
    half = HELD_OUT if args.half == "held-out" else DEVELOPMENT

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    prints: dict[str, Callable[[], None]] = {
        "generated": lambda: generated(half, args.seeds, say),
        "labelled": lambda: labelled.report(say),
        "real": lambda: real.report(say),
        "cost": lambda: cost(say),
    }
    for part in args.only or PARTS:
        prints[part]()
        say("")
    return 0


if __name__ == "__main__":
    sys.exit(main())
