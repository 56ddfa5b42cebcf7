"""The column with the agent and the model of its last call."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.text.safe_text import safe_text
from tui.text.styled_text import Line, Span, fit_line, own, word
from tui.view.columns.base import Column, FilterKey, Grouping, JsonField, RowContext, Sort
from tui.view.json_out import usage_json
from tui.view.names import model_of

_WIDE = 20
"""From this width on, the cell names the agent, too; in a narrower one only the colour shows it."""


def _cell(lane: Lane, _row: RowContext, cells: int) -> Line:
    agent = safe_text(lane.agent, limit=12)
    if cells < _WIDE:
        return fit_line((Span(model_of(lane), f"agent.{agent}"),), cells)
    return fit_line((Span(agent, f"agent.{agent}"), word(" "), Span(model_of(lane), "dim")), cells)


def _models(lane: Lane) -> object:
    return {share.model or "unknown": usage_json(share.usage) for share in lane.models}


COLUMNS = (
    Column(
        name="agent",
        place=60,
        rank=86,
        plain_rank=80,
        title=own("MODEL"),
        wide_title=own("AGENT · MODEL"),
        doc=own("the agent and the model of its last call"),
        in_help=False,
        cells=13,
        wide=_WIDE,
        cell=_cell,
        sort=Sort(
            "model",
            90,
            own("agent and model"),
            lambda lane, _alarm: (lane.agent, not lane.model, model_of(lane).lower()),
            in_steps=False,
        ),
        filters=(
            FilterKey("agent", lambda lane: f"{lane.agent} {lane.agent_type or ''}"),
            FilterKey("model", lambda lane: " ".join(share.model or "unknown" for share in lane.models)),
        ),
        group=Grouping("agent", 20, lambda tree: tree[0].agent, lambda value: safe_text(value, limit=40)),
        json=(
            JsonField("agent", 20, "The agent that runs it.", lambda lane: lane.agent),
            JsonField("models", 110, "Tokens by model, in the form of `usage`.", _models),
        ),
    ),
)
