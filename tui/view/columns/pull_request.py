"""The column with the pull request that the lane made or works on."""

from __future__ import annotations

from tui.model.snapshot import Lane
from tui.text.safe_text import safe_text
from tui.text.styled_text import Span, own
from tui.view.columns.base import NOTHING, Column, FilterKey, JsonField, RowContext, Sort
from tui.view.pull_request import pull_words


def _cell(lane: Lane, _row: RowContext, _cells: int) -> Span:
    if lane.pull is None:
        return NOTHING
    return Span(pull_words(lane.pull), "accent" if lane.pull.is_made else "dim")


def _text(lane: Lane) -> str:
    return f"#{lane.pull.number} {lane.pull.url}" if lane.pull is not None else ""


def _json(lane: Lane) -> object:
    pull = lane.pull
    if pull is None:
        return None
    return {"number": pull.number, "url": safe_text(pull.url) or None, "made": pull.is_made}


COLUMNS = (
    Column(
        name="pr",
        place=54,
        rank=265,
        title=own("PR"),
        doc=own("the pull request that it made, or works on"),
        in_help=False,
        cells=6,
        cell=_cell,
        leaves=30,
        has=lambda lane, _flag: lane.pull is not None,
        sort=Sort(
            "pr",
            120,
            own("pull request"),
            lambda lane, _alarm: (lane.pull.number if lane.pull is not None else 0,),
            descending=True,
            in_steps=False,
        ),
        filters=(FilterKey("pr", _text),),
        json=(
            JsonField(
                "pull_request",
                72,
                "The pull request that its transcript names: `number`, `url` (null if not stated), and whether the lane"
                " `made` it; null if none.",
                _json,
            ),
        ),
    ),
)
