"""Going to the tmux pane that a lane lives in. Runs in a thread: tmux is asked only when a key was pressed."""

from __future__ import annotations

from tui.control.routes.tmux import client as tmux
from tui.model.snapshot import Lane
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import joined, own


def jump_to(lane: Lane) -> tuple[bool, SafeText]:
    """Brings the pane of the lane's process to the front. True and where it is, or False and why not."""
    if lane.process is None:
        return False, own("no live process of this lane is known, so no pane is")
    try:
        pane = tmux.pane_of(lane.process.pid, start=lane.process.start)
        if pane is None:
            return False, own("no tmux pane holds this lane's process")
        tmux.jump(pane)
    except tmux.TmuxError as error:
        return False, safe_text(str(error), limit=200)
    return True, joined(own("went to "), safe_text(f"{pane.session}:{pane.window} {pane.id}", limit=120))
