"""Too many subagents: nested too deep, or started again and again for one prompt (finding `spiral`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from tui.judge.detector import Raised
from tui.judge.findings.base import FindingSpec
from tui.judge.limits import Limits, Unit, limit
from tui.judge.normalise import without_ids
from tui.model.evidence import Evidence
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class SpiralLimits:
    """The limits above which subagents are too many."""

    spiral_depth: int = limit(5, Unit.COUNT, "More than this many levels of subagents are a spiral.")
    spiral_children: int = limit(3, Unit.COUNT, "From this many subagents for the same prompt on, they are a spiral.")


SPIRAL = FindingSpec(
    kind=FindingKind.declare("spiral"),
    place=160,
    words=own("subagent spiral"),
    doc="Its subagents are nested too deep, or started repeatedly for the same prompt.",
    progress="the answer of one subagent used before another is started",
    to_do="end it with all subagents below it, and give the task to one agent, which does it itself",
    severities=(Severity.WARN, Severity.STOP),
    suggest=Verb.CLOSE,
    limits=SpiralLimits,
    is_unproven=True,
)
FINDINGS = (SPIRAL,)

PROMPT = 2000
SHOWN = 8


@frozen
class Node:
    """A lane in the tree: its key, its parent's key, its first prompt, and the time and place of that prompt."""

    key: str
    """The internal key of the lane, from its first event on; never shown."""
    name: str
    """The name of the lane that is shown."""
    parent: str | None
    depth: int
    prompt: str
    started: float | None
    path: str
    offset: int


def spirals(nodes: Iterable[Node], limits: Limits) -> Mapping[str, list[Raised]]:
    """The findings by the key of the root lane.

    One for each chain that is too deep, and one for each prompt that was given too often.
    """
    spiral = limits.of(SpiralLimits)
    nodes = list(nodes)
    by_key = {node.key: node for node in nodes}
    found: dict[str, list[Raised]] = {}
    parents = {node.parent for node in nodes}
    for node in nodes:
        # One finding for each chain, at its deepest lane.
        if node.depth > spiral.spiral_depth and node.key not in parents:
            found.setdefault(_root(node, by_key), []).append(_too_deep(node, by_key, spiral.spiral_depth))
    for root, equal in _equal_prompts(nodes, by_key):
        if len(equal) >= spiral.spiral_children:
            found.setdefault(root, []).append(_again(equal))
    return found


def _root(node: Node, by_key: Mapping[str, Node]) -> str:
    seen: set[str] = set()
    while node.key not in seen:
        seen.add(node.key)
        parent = by_key.get(node.parent or "")
        if parent is None:
            break
        node = parent
    return node.key


def _too_deep(node: Node, by_key: Mapping[str, Node], most: int) -> Raised:
    chain: list[Node] = [node]
    while chain[-1].parent in by_key and len(chain) <= node.depth:
        chain.append(by_key[chain[-1].parent or ""])
    evidence = tuple(
        Evidence(f"depth {one.depth}: {_line(one.prompt)}", one.started, one.path, one.offset)
        for one in reversed(chain[: SHOWN + 2])
    )
    first = next((one for one in reversed(chain) if one.depth > most), node)
    return SPIRAL.raised(
        f"depth:{node.name}", Severity.STOP, first.started,
        f"its subagents start subagents, {node.depth} levels deep; {most} levels are usual", evidence,
    )  # fmt: skip


def _equal_prompts(nodes: list[Node], by_key: Mapping[str, Node]) -> list[tuple[str, list[Node]]]:
    groups: dict[tuple[str, str], list[Node]] = {}
    for node in nodes:
        if node.parent is None or not node.prompt.strip():
            continue
        groups.setdefault((_root(node, by_key), _plain(node.prompt[:PROMPT])), []).append(node)
    return [(root, sorted(group, key=lambda node: node.started or 0.0)) for (root, _), group in groups.items()]


@lru_cache(maxsize=4096)
def _plain(prompt: str) -> str:
    """The prompt in lower case and without ids.

    Small numbers and names stay: they differ where each subagent has a page of its own.
    """
    # Cached, because the tree is checked again whenever a lane joins it.
    return " ".join(without_ids(prompt).lower().split())


def _again(equal: list[Node]) -> Raised:
    evidence = tuple(
        Evidence(f"{node.name}: {_line(node.prompt)}", node.started, node.path, node.offset) for node in equal[:SHOWN]
    )
    return SPIRAL.raised(
        f"prompt:{equal[0].name}", Severity.WARN, equal[-1].started,
        f"{len(equal)} subagents were started with the same prompt: “{_line(equal[0].prompt)}”", evidence,
    )  # fmt: skip


def _line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:120]
