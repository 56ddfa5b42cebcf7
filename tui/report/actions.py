"""Actions of a line of work: the new things of each, their phases, and advice on which to keep.

The new things of an action are those that its line of work had not seen before: files, outcomes of checks, errors,
commands. Labels and numbers in them are ignored. The sequence of counts is cut where the likelihood is greatest: each
stretch has its own rate (new things come in bursts, so the distribution is geometric), and each cut must gain more than
the usual penalty of ln n (the Bayesian information criterion), so that a run that does not change has one phase.

A cut after which there are fewer new things gets the time at which it could be known: when there had been nothing new
for longer than ever before in the stretch, and for at least two actions. Until then, the next new thing could have been
expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log

from tui.model.evidence import Evidence
from tui.model.frozen import frozen
from tui.report.document import (
    ActionRow,
    Advice,
    AdviceCount,
    Chatter,
    NewKind,
    NewThing,
    NewThings,
    Retention,
    share_of,
)
from tui.report.facts import Place
from tui.report.lane_activity import ActionActivity, Costs, LaneActivity, Sum

# -- phases of a line of work -----------------------------------------------------------------------

LEAST_ACTIONS = 8
"""A line of work with fewer actions than this has no phases."""
LEAST_LENGTH = 3
MOST_PHASES = 5
LEAST_SILENCE = 2
MOST_BLOCKS = 240
"""Longer runs are divided in blocks of several actions, since the search takes quadratic time."""
MUCH = 1.0
"""From this many new things per action on, a stretch counts as exploring."""
ALIKE = 0.8
"""From this mean likeness on, the actions of a stretch count as the same."""
CAP = 12
"""The most new things that count for one action, because for the first action of a run everything is new."""


@frozen
class Stretch:
    """Actions `first` to `last` (both included) of a run."""

    first: int
    last: int


@frozen
class Measure:
    """The figures of a stretch: new things per action, the share of actions with any, the mean likeness (0 to 1)."""

    rate: float
    bought: float
    likeness: float | None


def stretches(bought: Sequence[int]) -> list[Stretch]:
    """The phases of a run, from the number of new things of each action. Empty if there are too few actions."""
    if len(bought) < LEAST_ACTIONS:
        return []
    counts = [min(count, CAP) for count in bought]
    width = -(-len(counts) // MOST_BLOCKS)
    cuts = [cut * width for cut in _cuts([counts[at : at + width] for at in range(0, len(counts), width)])]
    return _dated(counts, cuts)


def measure(bought: Sequence[int], likeness: Sequence[float | None]) -> Measure:
    """The figures of a stretch."""
    known = [value for value in likeness if value is not None]
    return Measure(
        sum(min(count, CAP) for count in bought) / len(bought),
        sum(count > 0 for count in bought) / len(bought),
        sum(known) / len(known) if known else None,
    )


def named(one: Measure, after: Measure | None) -> tuple[str, str]:
    """A name and a sentence for the figures of a stretch. `after` is the stretch that follows."""
    alike = one.likeness is not None and one.likeness >= ALIKE
    shape = "" if one.likeness is None else f", {one.likeness:.0%} alike in shape"
    found = f"{one.rate:.1f} new things an action, {one.bought:.0%} of the actions brought any{shape}"
    if one.rate == 0:
        return ("churning" if alike else "idle"), f"nothing new came of it{shape}"
    if one.rate >= MUCH:
        dries = after is not None and after.rate < one.rate / 2
        return ("converging" if dries else "exploring"), found
    return ("repeating" if alike else "slow"), found


# -- where phases begin -----------------------------------------------------------------------------


def _cuts(blocks: Sequence[Sequence[int]]) -> list[int]:
    """The blocks at which stretches begin: the most likely cuts that are worth their penalty, at most `MOST_PHASES`."""
    sizes, sums = [0], [0]
    for block in blocks:
        sizes.append(sizes[-1] + len(block))
        sums.append(sums[-1] + sum(block))
    count = len(blocks)
    penalty = log(sizes[-1])

    def cost(first: int, end: int) -> float:
        size = sizes[end] - sizes[first]
        return _surprise(sums[end] - sums[first], size) if size >= LEAST_LENGTH else float("inf")

    best = [cost(0, end) if end else float("inf") for end in range(count + 1)]
    total, paths = best[count], [[0]]
    previous: list[list[int]] = []
    for phases in range(2, MOST_PHASES + 1):
        last = [0] * (count + 1)
        following = [float("inf")] * (count + 1)
        for end in range(phases, count + 1):
            for cut in range(phases - 1, end):
                value = best[cut] + cost(cut, end)
                if value < following[end]:
                    following[end], last[end] = value, cut
        previous.append(last)
        best = following
        if best[count] + penalty * (phases - 1) < total:
            total = best[count] + penalty * (phases - 1)
            paths.append(_path(previous, count))
    return paths[-1]


def _path(previous: Sequence[Sequence[int]], count: int) -> list[int]:
    cuts: list[int] = []
    end = count
    for last in reversed(previous):
        end = last[end]
        cuts.append(end)
    return [0, *reversed(cuts)]


def _surprise(found: int, size: int) -> float:
    """The negative log likelihood of this many new things in this many actions at their own mean rate."""
    if found == 0:
        return 0.0
    return -(found * log(found / (found + size)) + size * log(size / (found + size)))


# -- when a fall could be known ---------------------------------------------------------------------


def _dated(counts: Sequence[int], cuts: Sequence[int]) -> list[Stretch]:
    """The stretches, with each fall dated to the action at which it could be known."""
    borders = [0]
    for at, cut in enumerate(cuts[1:], 1):
        end = cuts[at + 1] if at + 1 < len(cuts) else len(counts)
        before, after = counts[cuts[at - 1] : cut], counts[cut:end]
        falls = sum(after) * len(before) < sum(before) * len(after)
        borders.append(min(_known_at(counts, borders[-1], cut, end), end - 1) if falls else cut)
    return [Stretch(first, last - 1) for first, last in zip(borders, [*borders[1:], len(counts)], strict=True)]


def _known_at(counts: Sequence[int], first: int, cut: int, end: int) -> int:
    """The first action from `cut` on that began after a longer silence than any in the stretch from `first` on."""
    longest = silence = 0
    for count in counts[first:cut]:
        silence = 0 if count else silence + 1
        longest = max(longest, silence)
    silence = 0
    at = cut
    while at > first and counts[at - 1] == 0:  # the silence may have begun before the cut
        at -= 1
        silence += 1
    limit = max(LEAST_SILENCE, (longest if silence < longest else 0) + 1)
    for index in range(cut, end):
        if counts[index]:
            return cut  # new things keep coming at a lower rate, which only the rate shows
        silence += 1
        if silence >= limit:
            return index + 1
    return cut


# -- what was new -----------------------------------------------------------------------------------

NAMED = 8
"""The most new things that an action names."""
NAMED_OF_A_KIND = 3
"""The most new things of one kind that a stretch names."""


def new_things_of(actions: Sequence[ActionActivity]) -> list[NewThings]:
    """The new things of each action of a line of work, in time order.

    Names that differ only by the action's label are the same.
    """
    seen: set[int] = set()
    return [_new_in(action, seen) for action in actions]


def together(parts: Iterable[NewThings]) -> NewThings:
    """The new things of a stretch of actions: all counts, and the first names of each kind."""
    parts = list(parts)
    named: dict[NewKind, list[NewThing]] = {}
    for part in parts:
        for new in part.first:
            known = named.setdefault(new.kind, [])
            if len(known) < NAMED_OF_A_KIND:
                known.append(new)
    return NewThings(
        files=sum(part.files for part in parts),
        checks=sum(part.checks for part in parts),
        errors=sum(part.errors for part in parts),
        commands=sum(part.commands for part in parts),
        check_runs=sum(part.check_runs for part in parts),
        checks_passed=sum(part.checks_passed for part in parts),
        checks_failed=sum(part.checks_failed for part in parts),
        first=tuple(new for kind in NewKind for new in named.get(kind, ())),
    )


def _new_in(action: ActionActivity, seen: set[int]) -> NewThings:
    facts = action.facts
    counts = dict(facts.left_out)
    first: list[NewThing] = []
    for one in facts.firsts:
        if one.mark in seen:
            continue
        seen.add(one.mark)
        counts[one.kind] = counts.get(one.kind, 0) + 1
        if len(first) < NAMED:
            evidence = action.evidence(Place(one.text, one.at, one.offset))
            first.append(NewThing(one.kind, one.text, one.outcome, action.lane.lane.id, action.name, evidence))
    return NewThings(
        files=counts.get(NewKind.FILE, 0), checks=counts.get(NewKind.CHECK, 0),
        errors=counts.get(NewKind.ERROR, 0), commands=counts.get(NewKind.COMMAND, 0),
        check_runs=facts.check_runs, checks_passed=facts.checks_passed, checks_failed=facts.checks_failed,
        first=tuple(first),
    )  # fmt: skip


# -- what to keep of the record ---------------------------------------------------------------------

PROVEN = 3
"""This many members prove a family. Every further member is a repetition."""
BATCH_NOVELTY = 0.15
"""A member of a family with more novelty than this differs in more than its label. The judge has the same limit for a
batch that makes progress.
"""
REPEATED_ALIKE = 0.8
NOTHING_NEW = 0.1
SOMETHING_NEW = 0.25
FIRST_NAMED = 5


def advice_on(action: ActionActivity, new_things: NewThings) -> tuple[Advice, str]:
    """The advice on the record of an action, and the reason."""
    if is_chatter(action):
        return Advice.ARCHIVE, "acknowledges and hands out the next step; no check of its own"
    if _is_repetition(action):
        return Advice.COMPRESS, _repeats(action, new_things)
    if new_things.checks:
        return Advice.KEEP, f"first run of {new_things.checks} {'check' if new_things.checks == 1 else 'checks'}"
    if action.place:
        return Advice.MOSTLY, f"the {_th(action.place)} of its family: shows how the pattern was established"
    if new_things.total:
        return Advice.MOSTLY, f"{new_things.total} new {'thing' if new_things.total == 1 else 'things'}"
    if action.novelty is not None and action.novelty > SOMETHING_NEW:
        return Advice.MOSTLY, f"{action.novelty:.0%} of what it saw was new"
    if action.steps:
        return Advice.COMPRESS, "nothing new to its line of work"
    if action.facts.says:
        return Advice.MOSTLY, "an answer in words, no tool"
    return Advice.ARCHIVE, "a prompt, and nothing that came of it"


def is_chatter(action: ActionActivity) -> bool:
    """Whether an action only acknowledges: it has no check, and only acknowledging text."""
    return action.acknowledges and not action.facts.checks


def chatter_of(lanes: Sequence[LaneActivity], rows: Sequence[ActionRow], costs: Costs, total: int) -> Chatter:
    """The messages that only acknowledge: their number, and the cost of the model calls that wrote nothing else."""
    spent = Sum()
    places: list[Evidence] = []
    for lane in lanes:
        for ack in lane.facts.acks.found:
            call = lane.ledger.call(ack.key)
            if call is not None and call.owner is lane.ledger and not call.free:
                spent.add(call, costs)
                places.append(lane.evidence(ack.place))
    return Chatter(
        messages=len(places), of=sum(action.facts.says for lane in lanes for action in lane.actions),
        tokens=spent.tokens, share=share_of(spent.tokens, total), actions=sum(row.chatter for row in rows),
        first=tuple(places[:FIRST_NAMED]),
    )  # fmt: skip


def retention_of(rows: Sequence[ActionRow], chatter: Chatter) -> Retention:
    """The number of actions of each advice, and their cost."""
    counts = tuple(
        AdviceCount(
            advice,
            sum(row.advice is advice for row in rows),
            sum(row.figures.usage.total for row in rows if row.advice is advice),
        )
        for advice in Advice
    )
    return Retention(counts, chatter)


def _is_repetition(action: ActionActivity) -> bool:
    if action.place > PROVEN and action.family_novelty is not None and action.family_novelty <= BATCH_NOVELTY:
        return True
    if action.place or action.likeness is None or action.novelty is None:
        return False
    return action.likeness >= REPEATED_ALIKE and action.novelty <= NOTHING_NEW


def _repeats(action: ActionActivity, new_things: NewThings) -> str:
    if action.place:
        words = f"the {_th(action.place)} of its family, {action.family_novelty or 0:.0%} new in it"
    else:
        words = f"{action.likeness or 0:.0%} alike to one just before it"
    if new_things.first:
        words += f"; keep a line on {', '.join(one.text for one in new_things.first[:2])}"
    return words


def _th(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
