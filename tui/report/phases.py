"""Phases of a run: stretches of actions that buy new things at one rate, found by change points.

What is measured is what each action bought that its line of work had never seen: files, outcomes of checks, errors,
commands, labels and numbers set aside. The counts are cut where that makes them likeliest: each stretch has a rate of
its own (counts of new things come in bursts, so the distribution is geometric), and each cut has to earn the usual
penalty of ln n (the Bayesian information criterion), so that a run that does not change has one phase.

A cut after which less comes is dated to the moment at which it could be known: when nothing new had come for longer
than ever before in that stretch, and for two actions at least. Until then, the next find could have been expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from tui.model.frozen import frozen

LEAST_ACTIONS = 8
"""Fewer have no phases."""
LEAST_LENGTH = 3
MOST_PHASES = 5
LEAST_SILENCE = 2
MOST_BLOCKS = 240
"""Longer runs are cut in blocks of several actions: the search is quadratic."""
MUCH = 1.0
"""New things per action: a stretch with so many is still finding out."""
ALIKE = 0.8
"""Mean likeness of a stretch whose actions are one move (C2)."""
CAP = 12
"""New things of one action that count: the first action of a run meets everything for the first time."""


@frozen
class Stretch:
    """Actions `first` to `last` (both included) of a run."""

    first: int
    last: int


@frozen
class Measure:
    """A stretch in numbers: new things per action, the share of actions that bought any, mean likeness (0 to 1)."""

    rate: float
    bought: float
    likeness: float | None


def stretches(bought: Sequence[int]) -> list[Stretch]:
    """The phases of a run by what each of its actions bought. Empty where there are too few actions."""
    if len(bought) < LEAST_ACTIONS:
        return []
    counts = [min(count, CAP) for count in bought]
    width = -(-len(counts) // MOST_BLOCKS)
    cuts = [cut * width for cut in _cuts([counts[at : at + width] for at in range(0, len(counts), width)])]
    return _dated(counts, cuts)


def measure(bought: Sequence[int], likeness: Sequence[float | None]) -> Measure:
    """A stretch in numbers."""
    known = [value for value in likeness if value is not None]
    return Measure(
        sum(min(count, CAP) for count in bought) / len(bought),
        sum(count > 0 for count in bought) / len(bought),
        sum(known) / len(known) if known else None,
    )


def named(one: Measure, after: Measure | None) -> tuple[str, str]:
    """What the numbers of a stretch say, in one word and in a sentence; `after` is the stretch that follows."""
    alike = one.likeness is not None and one.likeness >= ALIKE
    shape = "" if one.likeness is None else f", {one.likeness:.0%} alike in shape"
    found = f"{one.rate:.1f} new things an action, {one.bought:.0%} of the actions bought any{shape}"
    if one.rate == 0:
        return ("churning" if alike else "idle"), f"nothing new came of it{shape}"
    if one.rate >= MUCH:
        dries = after is not None and after.rate < one.rate / 2
        return ("converging" if dries else "exploring"), found
    return ("repeating" if alike else "slow"), found


# -- cutting ----------------------------------------------------------------------------------------


def _cuts(blocks: Sequence[Sequence[int]]) -> list[int]:
    """Where stretches begin, by blocks: the likeliest cuts of at most `MOST_PHASES`, each worth the penalty."""
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
    """How unlikely so many new things in so many actions are at their own mean rate: less is better."""
    if found == 0:
        return 0.0
    return -(found * log(found / (found + size)) + size * log(size / (found + size)))


# -- dating -----------------------------------------------------------------------------------------


def _dated(counts: Sequence[int], cuts: Sequence[int]) -> list[Stretch]:
    """The stretches with each fall dated to when it could be known."""
    borders = [0]
    for at, cut in enumerate(cuts[1:], 1):
        end = cuts[at + 1] if at + 1 < len(cuts) else len(counts)
        before, after = counts[cuts[at - 1] : cut], counts[cut:end]
        falls = sum(after) * len(before) < sum(before) * len(after)
        borders.append(min(_known_at(counts, borders[-1], cut, end), end - 1) if falls else cut)
    return [Stretch(first, last - 1) for first, last in zip(borders, [*borders[1:], len(counts)], strict=True)]


def _known_at(counts: Sequence[int], first: int, cut: int, end: int) -> int:
    """The first action from `cut` on that began after a longer silence than the stretch from `first` on had known."""
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
            return cut  # it goes on at a lower rate: that is known by the rate alone
        silence += 1
        if silence >= limit:
            return index + 1
    return cut
