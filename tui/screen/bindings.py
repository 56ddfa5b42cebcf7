"""All keys and typed commands of lanewatch, and the bindings, hints and offers that are made from them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from textual.binding import Binding, BindingType

from tui.config.keys import BindingSpec
from tui.config.views import KEYS
from tui.control.user_commands import UserCommand
from tui.control.verbs.answer import SPEC as ANSWER
from tui.control.verbs.registry import all_verbs
from tui.model.frozen import frozen
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own


class Key(NamedTuple):
    """One row: permanent id, default keys, action or command, description, and short name in the footer."""

    id: str
    keys: str
    action: str
    description: str
    hint: str = ""

    @property
    def name(self) -> str:
        """The name of its action or command as it is typed: `copy id`."""
        return self.action.replace("_", " ")


class TypedSpec(NamedTuple):
    """A command that is typed with an argument: its name, the name of the argument, its description, and its key's id.

    The controllers declare the values of the argument (`Controller.arguments`).
    """

    name: str
    argument: str
    doc: SafeText
    key: str = ""


APP = (
    Key("app.help", "question_mark,f1", "help", "Keys and glyphs", "help"),
    Key("app.palette", "colon,ctrl+p", "command_line", "All commands by name", "command"),
    Key("app.theme", "T", "choose_theme", "Choose a theme", ""),
    Key("app.mouse", "M", "toggle_mouse", "Mouse on or off (off: select text)", ""),
    Key("app.cost", "i", "own_cost", "lanewatch's own CPU and memory", ""),
    Key("app.quit", "q,ctrl+q", "quit", "Quit", "quit"),
    Key("app.interrupt", "ctrl+c", "interrupt", "Say how to quit; twice: quit", ""),
)
VERBS = tuple(
    Key(f"verb.{spec.verb}", spec.key.keys, spec.verb.value, spec.key.description, spec.key.hint)
    for spec in all_verbs()
)
LIVE = (
    Key("order.stronger", "plus", "stronger", "Escalate: the next stronger step, if overdue", ""),
    Key("lane.mark", "space", "mark", "Mark the lane for a verb", ""),
    Key("lane.mark_tree", "t", "mark_tree", "Mark the lane and all below it", ""),
    Key("lane.mark_all", "asterisk", "mark_all", "Mark all lanes shown, or none", ""),
    Key("lane.jump", "o", "jump", "Go to the lane's tmux pane", "pane"),
    Key("fleet.away", "full_stop", "away", "Since you looked away", ""),
    Key("fleet.usage", "U", "usage", "Usage of all transcripts: days, weeks, models, projects", ""),
    Key("fleet.budgets", "dollar_sign", "budgets", "Budgets: how much is used, and when they end", ""),
)
REPLAY = (
    Key("replay.play", "space", "play", "Play / pause", "play/pause"),
    Key("replay.faster", "right_square_bracket", "faster", "Faster", "faster"),
    Key("replay.slower", "left_square_bracket", "slower", "Slower", "slower"),
    Key("replay.next_event", "full_stop", "next_event", "Step to the next event", "event"),
    Key("replay.previous_event", "comma", "previous_event", "Step back to the event before", ""),
    Key("replay.next_action", "greater_than_sign", "next_action", "To the next action of any lane", "action"),
    Key("replay.previous_action", "less_than_sign", "previous_action", "Back to the action before", ""),
    Key("replay.forward", "right_curly_bracket", "leap_on", "Forward by 1/50 of the run", ""),
    Key("replay.back", "left_curly_bracket", "leap_back", "Back by 1/50 of the run", ""),
    Key("replay.start", "circumflex_accent,0", "to_start", "To the start", ""),
    Key("replay.end", "dollar_sign", "to_end", "To the end", ""),
    Key("replay.jump", "at", "ask_time", "To a time: 07:12, +10m, 40%, S091", "time"),
    Key("replay.what_if", "w", "what_if", "What if a policy had run", "what if"),
)
FLEET = (
    *VERBS,
    Key("order.undo", "u", "undo", "Undo the last command or change", ""),
    Key("order.audit", "a", "audit", "Audit log: who asked for what", "audit"),
    Key("lane.conversation", "l", "conversation", "Read what the agent said and did", "read"),
    Key("lane.open", "enter", "open", "The lane in full", "detail"),
    Key("lane.filter", "slash", "filter", "Filter lanes: words, key:value, !not", "filter"),
    Key("lane.sort", "s", "sort", "Sort by the next column, now", "sort"),
    Key("lane.sort_again", "equals_sign", "sort_again", "Sort again by the present values", ""),
    Key("lane.reverse", "S", "reverse", "Reverse the order", ""),
    Key("lane.group", "B", "group", "Group by project, agent, state, ...", "group"),
    Key("lane.hide", "X", "hide", "Hide ended lanes, then idle ones, then none", "hide"),
    Key("lane.tags", "number_sign", "ask_tags", "Tags: your own words for the lane", ""),
    Key("view.columns", "C", "columns", "Choose columns, order and widths", ""),
    Key("lane.pin", "P", "pin", "Pin the lane to the top, or unpin it", ""),
    Key("view.save", "V", "ask_view", "Save this filter, group, sort and columns as a view", ""),
    *(Key(f"view.show_{key}", str(key), f"view_{key}", f"Saved view {key}", "") for key in KEYS),
    Key("view.none", "backspace", "view_none", "No view: all lanes in the usual order", ""),
    Key("finding.list", "f", "findings", "Findings: active and past", "findings"),
    Key("lane.next", "n", "next_finding", "Next finding, or lane that needs you", "next"),
    Key("finding.previous", "N", "previous_finding", "Previous finding, or lane", ""),
    Key("finding.mute", "m", "mute", "Mute or unmute a finding", "mute"),
    Key("lane.explain", "e", "explain", "Why this state and these numbers", "explain"),
    Key("lane.copy_id", "y", "copy_id", "Copy the lane's session id", ""),
    Key("lane.copy_path", "Y", "copy_path", "Copy the path of its transcript", ""),
    Key("fleet.search", "ctrl+f", "search", "Search in all conversations", ""),
    Key("fleet.window", "b", "burn_window", "Burn over 1, 5 or 60 minutes", "window"),
    Key("fleet.skips", "x", "skips", "What could not be read, and why", ""),
    Key("panel.next", "tab", "next_panel", "Next panel", ""),
    Key("panel.larger", "K,ctrl+up", "panel_larger", "Larger panel below the table", ""),
    Key("panel.smaller", "J,ctrl+down", "panel_smaller", "Smaller panel below the table", ""),
    Key("app.back", "escape", "back", "Back, or clear the filter", ""),
)
MOVES = (
    Key("move.down", "j,down", "move(1)", "Down", ""),
    Key("move.up", "k,up", "move(-1)", "Up", ""),
    Key("move.first", "g,home", "move_end(-1)", "First row", ""),
    Key("move.last", "G,end", "move_end(1)", "Last row", ""),
    Key("move.page_down", "pagedown,ctrl+d", "move_page(1)", "A page down", ""),
    Key("move.page_up", "pageup,ctrl+u", "move_page(-1)", "A page up", ""),
)
LANES = (
    Key("lane.fold", "z", "fold", "Fold or unfold the lanes below", ""),
    Key("lane.fold_in", "h,left", "fold_in", "Fold, or go to the parent", ""),
    Key("lane.fold_out", "right", "fold_out", "Unfold", ""),
)
PANEL = (
    Key("scroll.down", "j,down", "scroll_down", "Scroll down", ""),
    Key("scroll.up", "k,up", "scroll_up", "Scroll up", ""),
    Key("scroll.first", "g,home", "scroll_home", "To the top", ""),
    Key("scroll.last", "G,end", "scroll_end", "To the end", ""),
    Key("scroll.page_down", "pagedown,ctrl+d", "page_down", "A page down", ""),
    Key("scroll.page_up", "pageup,ctrl+u", "page_up", "A page up", ""),
)
CONVERSATION = (
    Key("conversation.page_down", "space,ctrl+f", "page(1)", "A page down", ""),
    Key("conversation.page_up", "ctrl+b", "page(-1)", "A page up", ""),
    Key("conversation.fold", "enter", "fold", "Show all of the entry, or less", "unfold"),
    Key("conversation.fold_all", "z", "fold_all", "Show all of every entry, or less", ""),
    Key("conversation.shorten", "c", "shorten", "Show only what was said and what failed, or all", "words only"),
    Key("conversation.next_entry", "J,right_curly_bracket", "move_entry(1)", "Next entry", ""),
    Key("conversation.previous_entry", "K,left_curly_bracket", "move_entry(-1)", "Previous entry", ""),
    Key("conversation.time", "at", "ask_time", "Go to a time", "time"),
    Key("conversation.search", "slash", "search", "Find words", "find"),
    Key("conversation.next_match", "n", "next_match", "Next match", "next"),
    Key("conversation.previous_match", "N", "previous_match", "Previous match", ""),
    Key("conversation.next_prompt", "right_square_bracket", "next_prompt", "Next prompt", "prompt"),
    Key("conversation.previous_prompt", "left_square_bracket", "previous_prompt", "Previous prompt", ""),
    Key("conversation.next_error", "e", "next_error", "Next error", "error below"),
    Key("conversation.previous_error", "E", "previous_error", "Previous error; at the end: the last", "error above"),
    Key("conversation.answer", "A", "answer", "Answer what the lane asks", "answer"),
    Key("conversation.next_finding", "f", "next_finding", "Next evidence of a finding", "finding"),
    Key("conversation.previous_finding", "F", "previous_finding", "Previous evidence of a finding", ""),
    Key("conversation.files", "d", "files", "Changed files, and their diffs", "diffs"),
    Key("conversation.actions", "a", "actions", "Actions, and to the beginning of one", "actions"),
    Key("conversation.enter", "greater_than_sign", "enter", "Into the subagent that the call started", "subagent"),
    Key("conversation.copy", "y", "copy", "Copy the entry", "copy"),
    Key("conversation.pager", "v", "pager", "Open what is loaded in $PAGER", ""),
    Key("conversation.editor", "o", "editor", "Open the entry in $EDITOR", ""),
    Key("conversation.back", "escape,q,h,left", "back", "Back to the lanes", "back"),
)
USAGE = (
    Key("usage.period", "p,tab", "next_period", "The table by day, week, month or for all time", "period"),
    Key("usage.group", "B", "next_group", "The table by agent, model, project or lane, or without groups", "group"),
    Key("usage.again", "r", "again", "Read what was written meanwhile", "read again"),
    Key("usage.back", "escape,q,U", "back", "Back to the lanes", "back"),
)
SEARCH = (
    Key("search.open", "enter", "open_hit", "Open the conversation at the hit", "read"),
    Key("search.next", "down", "next_hit", "Next hit", "next"),
    Key("search.previous", "up", "previous_hit", "Previous hit", ""),
    Key("search.page_down", "pagedown", "next_page", "A page down", ""),
    Key("search.page_up", "pageup", "previous_page", "A page up", ""),
    Key("search.back", "escape", "back", "Back to the lanes", "back"),
)
CHOOSER = (
    Key("columns.show", "space", "show_or_hide", "Show or hide the column", "show or hide"),
    Key("columns.left", "K,less_than_sign", "move_column(-1)", "Move the column to the left", "left"),
    Key("columns.right", "J,greater_than_sign", "move_column(1)", "Move the column to the right", "right"),
    Key("columns.wider", "plus,right", "resize(1)", "Wider by one cell", "wider"),
    Key("columns.narrower", "minus,left", "resize(-1)", "Narrower by one cell", "narrower"),
    Key("columns.natural", "0", "natural", "The column's own width", "own width"),
    Key("columns.all", "a", "automatic", "As many columns as fit", "as many as fit"),
    Key("columns.keep", "enter", "keep", "Keep the choice", "keep"),
    Key("columns.leave", "escape,q,C", "leave", "Cancel: the columns from before", "cancel"),
)
CONVERSATION_HINTS = (
    "conversation.back", "conversation.answer", "conversation.fold", "conversation.previous_error",
    "conversation.next_error", "conversation.search", "conversation.next_match",
    "conversation.next_prompt", "conversation.next_finding", "conversation.shorten",
    "conversation.enter", "conversation.files", "conversation.actions", "conversation.copy", "conversation.time",
)  # fmt: skip
SCOPES: dict[str, tuple[Key, ...]] = {
    "anywhere": APP, "the fleet": FLEET, "live lanes": LIVE, "a replay": REPLAY,
    "a list of rows": MOVES, "the lane table": LANES,
    "a page": PANEL, "a conversation": CONVERSATION, "the search": SEARCH, "the usage": USAGE,
    "the list of columns": CHOOSER,
}  # fmt: skip
"""The keys by the place where they are active.

A key may have two meanings in places that never have the focus together; `keymap.APART` lists these.
"""


USER = "your commands"
"""The place of the keys of the user's own commands."""


def user_keys(commands: Iterable[UserCommand]) -> tuple[Key, ...]:
    """The keys of the user's own commands. The configuration names the keys themselves: see `keymap`."""
    return tuple(
        Key(f"command.{one.name}", f"<command.{one.name}>", one.name, f"Run {' '.join(one.argv)}"[:80])
        for one in commands
    )


VERB_KEYS = tuple(key.id for key in VERBS)
ANSWER_KEY = f"verb.{ANSWER.verb}"
LIVE_KEYS = tuple(key.id for key in LIVE)
NOT_IN_REPLAY = tuple(key for key in LIVE if key.keys not in {one.keys for one in REPLAY})
"""The keys of live lanes that do nothing else in a replay: there they say why they cannot act."""


def scopes(added: tuple[Key, ...]) -> dict[str, tuple[Key, ...]]:
    """The places of keys on one screen, with either the keys of live lanes or those of a replay (`added`)."""
    return {where: keys for where, keys in SCOPES.items() if keys is added or keys not in (LIVE, REPLAY)}


_FOCUSED = {
    "table": ("the fleet", "the lane table", "a list of rows"), "detail": ("a page", "the fleet"),
    "findings": ("the fleet", "a list of rows"), "conversation": ("a conversation",), "usage": ("the usage",),
    "search": ("the search",),
}  # fmt: skip
"""The places of keys that matter for each part of the screen that may have the focus."""


def focused_first(shown: Mapping[str, tuple[Key, ...]], focus: str) -> dict[str, tuple[Key, ...]]:
    """The places; those of the part with the focus come first."""
    first = [where for where in _FOCUSED.get(focus, ()) if where in shown]
    return {where: shown[where] for where in (*first, *(one for one in shown if one not in first))}


def specs() -> tuple[BindingSpec, ...]:
    """The table in the form that the configuration checks."""
    return tuple(
        BindingSpec(id=key.id, keys=tuple(key.keys.split(",")), description=key.description, where=where)
        for where, keys in SCOPES.items()
        for key in keys
    )


def bindings(keys: tuple[Key, ...], *, command: bool = False, priority: bool = False) -> list[BindingType]:
    """The table in the form that Textual takes.

    `command`: the rows name commands of the lanes screen. `priority`: they come before the keys of an input.
    """
    return [
        Binding(
            key.keys, f"command('{key.action}')" if command else key.action, key.description, id=key.id,
            show=bool(key.hint), priority=priority or key.id == "panel.next",
        )
        for key in keys
    ]  # fmt: skip


# -- the footer ---------------------------------------------------------------------------------

_FOOTER = {
    "table": (
        "lane.next", "lane.conversation", "app.help", "app.quit", *VERB_KEYS, "lane.open", "finding.list",
        "lane.filter",
        "lane.sort", "lane.group", "lane.hide", "order.audit", "lane.jump", "lane.explain",
    ),
    "detail": (
        "app.back", "lane.next", "lane.conversation", "app.help", "app.quit", *VERB_KEYS, "finding.mute",
        "lane.explain", "lane.jump",
    ),
    "findings": (
        "app.back", "lane.open", "lane.next", "lane.conversation", "app.help", *VERB_KEYS, "finding.mute",
        "lane.explain", "lane.jump",
    ),
}  # fmt: skip
"""Ids of hints by the panel with the focus, the most important first."""
REPLAY_HINTS = (
    "replay.play", "lane.next", "replay.next_action", "replay.next_event", "replay.slower", "replay.faster",
    "replay.jump", "lane.conversation", "replay.what_if", "finding.list", "lane.open", "app.help", "app.quit",
    "order.audit",
)  # fmt: skip
SUBMITS = {"filter": "keep_filter", "time": "go_to_time", "mute": "keep_mute", "view": "keep_view", "tags": "keep_tags"}
"""The command that the enter key runs in each input."""
_INPUTS = {"filter": (own("keep"), own("clear")), "time": (own("go there"), own("cancel")),
           "mute": (own("mute"), own("cancel")), "view": (own("save"), own("cancel")),
           "tags": (own("save"), own("cancel"))}  # fmt: skip
"""The labels of enter and escape in each input."""
_BY_ID = {key.id: key for key in (*APP, *FLEET, *LIVE, *REPLAY)}


@frozen
class KeyHint:
    """One key, its label, and the action or command that a click runs."""

    key: SafeText
    label: SafeText
    action: str


def hints(
    scope: str,
    key_of: Callable[[str], SafeText],
    *,
    hidden: Collection[str] = (),
    table: tuple[str, ...] = (),
    first: Collection[str] = (),
) -> list[KeyHint]:
    """Hints for a panel (`table`, `detail`, `findings`) or an input (`filter`, `mute`, `time`).

    `key_of` returns the first key of an id. `hidden` are ids to leave out. `table` replaces the ids for the table.
    `first` are ids that come before the others, if they are among them.
    """
    if scope in _INPUTS:
        enter, escape = _INPUTS[scope]
        return [KeyHint(own("enter"), enter, SUBMITS[scope]), KeyHint(own("esc"), escape, "back")]
    names = table if table and scope == "table" else _FOOTER[scope]
    names = sorted(names, key=lambda name: name not in first)
    keys = [_BY_ID[name] for name in names if name not in hidden]
    return [KeyHint(key_of(key.id), safe_text(key.hint or "back"), key.action) for key in keys]


# -- the command line ---------------------------------------------------------------------------

TYPED = (
    TypedSpec("sort", "COLUMN", own("Sort by a column"), "lane.sort"),
    TypedSpec("filter", "TEXT", own("Show only the lanes that match"), "lane.filter"),
    TypedSpec("group", "BY", own("Group the lanes"), "lane.group"),
    TypedSpec("hide", "WHICH", own("Hide lanes by their states"), "lane.hide"),
    TypedSpec("view", "NAME", own("Show a saved view")),
    TypedSpec("save", "NAME", own("Save filter, groups, order and columns as a view"), "view.save"),
    TypedSpec("delete-view", "NAME", own("Delete a saved view")),
    TypedSpec("tag", "NAME", own("Add a tag to the lane, or remove it"), "lane.tags"),
    TypedSpec("at", "TIME", own("Go to a time of the recording: 07:12, +10m, 40%, S091"), "replay.jump"),
    TypedSpec("window", "TIME", own("Show the burn over this time"), "fleet.window"),
    TypedSpec("split", "PERCENT", own("Set the height of the panel below the table")),
    TypedSpec("theme", "NAME", own("Choose a theme, which is shown at once"), "app.theme"),
)
"""The commands that take an argument, in the order in which they are offered."""
_NOT_OFFERED = ("back", "command_line", "interrupt", "next_panel")


def offered_keys(tables: Iterable[tuple[Key, ...]]) -> Iterator[Key]:
    """The keys whose commands can be typed by name.

    Keys that move the cursor or scroll are left out, and keys that a typed command replaces.
    """
    replaced = {spec.key for spec in TYPED} | {spec.name for spec in TYPED}
    for keys in tables:
        for key in keys:
            if "(" not in key.action and key.action not in _NOT_OFFERED and not replaced & {key.id, key.name}:
                yield key
