"""Names of lanes, models and actions."""

from __future__ import annotations

from tui.agents.registry import MODELS
from tui.model.snapshot import Lane
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own


def name_of(lane: Lane) -> SafeText:
    """The name of a lane: its title, else its kind, else its id."""
    if lane.title:
        return safe_text(lane.title, limit=160)
    if lane.agent_type:
        return safe_text(lane.agent_type, limit=60)
    return safe_text(lane.id, limit=80)


def title_of(action_name: str, title: str) -> SafeText:
    """An action's title without the ticket, which is its name."""
    return safe_text(title.removeprefix(action_name).lstrip(" :-–—") or title, limit=200)


def model_of(lane: Lane) -> SafeText:
    """The name of the lane's model, without the vendor's prefix and the date."""
    return model_name(lane.model)


def model_name(model: str | None) -> SafeText:
    """The model's name without the vendor's prefix and the date."""
    if not model:
        return own("model ?")
    name = model
    for models in MODELS:
        name = name.removeprefix(models.prefix)
    parts = name.split("-")
    if len(parts[-1]) == 8 and parts[-1].isdigit():
        parts.pop()
    return safe_text("-".join(parts), limit=40)
