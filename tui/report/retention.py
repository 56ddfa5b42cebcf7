"""What to keep of the record: advice on each action with its reason, and the chatter.

The classes are the postmortem's own: core proofs and hardening are kept, early actions in which the pattern was still
emerging mostly, late ones that differ by a label are compressed, acknowledgements go to the archive.
"""

from __future__ import annotations

from collections.abc import Sequence

from tui.model.evidence import Evidence
from tui.report.document import ActionRow, Advice, AdviceCount, Chatter, Retention, Truths, share_of
from tui.report.sums import Costs, Sum
from tui.report.work import ActionWork, LaneWork

PROVEN = 3
"""Members of a family that establish it; from the next one on it is repetition."""
BATCH_NOVELTY = 0.15
"""Above this a member of a family buys more than a label (the judge's own bound for a batch that gets on)."""
ALIKE = 0.8
NOTHING_NEW = 0.1
SOMETHING_NEW = 0.25
FIRST_NAMED = 5


def advice_on(action: ActionWork, truths: Truths) -> tuple[Advice, str]:
    """What to do with the record of an action, and why."""
    if is_chatter(action):
        return Advice.ARCHIVE, "acknowledges and hands out the next step; no check of its own"
    if _is_repetition(action):
        return Advice.COMPRESS, _repeats(action, truths)
    if truths.checks:
        return Advice.KEEP, f"first run of {truths.checks} {'check' if truths.checks == 1 else 'checks'}"
    if action.place:
        return Advice.MOSTLY, f"the {_th(action.place)} of its family: shows how the pattern was established"
    if truths.total:
        return Advice.MOSTLY, f"{truths.total} new {'thing' if truths.total == 1 else 'things'}"
    if action.novelty is not None and action.novelty > SOMETHING_NEW:
        return Advice.MOSTLY, f"{action.novelty:.0%} of what it saw was new"
    if action.steps:
        return Advice.COMPRESS, "nothing new to its line of work"
    if action.facts.says:
        return Advice.MOSTLY, "an answer in words, no tool"
    return Advice.ARCHIVE, "a prompt, and nothing that came of it"


def is_chatter(action: ActionWork) -> bool:
    """Whether an action only takes note of something and passes it on: no check, and what it says acknowledges."""
    return action.acknowledges and not action.facts.checks


def chatter_of(lanes: Sequence[LaneWork], rows: Sequence[ActionRow], costs: Costs, total: int) -> Chatter:
    """Messages that only acknowledge: how many, and what the model calls cost that wrote nothing else."""
    spent = Sum()
    places: list[Evidence] = []
    for lane in lanes:
        for ack in lane.facts.acks.found:
            call = lane.ledger.calls.get(ack.key)
            if call is not None and call.owner is lane.ledger and not call.free:
                spent.add(call, costs)
                places.append(lane.evidence(ack.place))
    return Chatter(
        messages=len(places), of=sum(action.facts.says for lane in lanes for action in lane.actions),
        tokens=spent.tokens, share=share_of(spent.tokens, total), actions=sum(row.chatter for row in rows),
        first=tuple(places[:FIRST_NAMED]),
    )  # fmt: skip


def retention_of(rows: Sequence[ActionRow], chatter: Chatter) -> Retention:
    """How many actions of each advice, and what they cost."""
    counts = tuple(
        AdviceCount(
            advice,
            sum(row.advice is advice for row in rows),
            sum(row.figures.usage.total for row in rows if row.advice is advice),
        )
        for advice in Advice
    )
    return Retention(counts, chatter)


def _is_repetition(action: ActionWork) -> bool:
    if action.place > PROVEN and action.family_novelty is not None and action.family_novelty <= BATCH_NOVELTY:
        return True
    if action.place or action.likeness is None or action.novelty is None:
        return False
    return action.likeness >= ALIKE and action.novelty <= NOTHING_NEW


def _repeats(action: ActionWork, truths: Truths) -> str:
    if action.place:
        words = f"the {_th(action.place)} of its family, {action.family_novelty or 0:.0%} new in it"
    else:
        words = f"{action.likeness or 0:.0%} alike to one just before it"
    if truths.first:
        words += f"; keep a line on {', '.join(truth.text for truth in truths.first[:2])}"
    return words


def _th(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
