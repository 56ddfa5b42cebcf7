"""Names of keys, the shipped table, and that Textual uses exactly the keys that were checked."""

from __future__ import annotations

from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tui.config.errors import ConfigError
from tui.config.keys import BindingSpec, KeyOverride
from tui.config.load import parse_settings
from tui.screen.bindings import specs
from tui.screen.keymap import KeyTable, key_label, read_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("x", "x"), ("X", "X"), ("shift+x", "X"), ("?", "question_mark"), ("/", "slash"), ("+", "plus"), ("-", "minus"),
        ("slash", "slash"), ("question_mark", "question_mark"), ("comma", "comma"), ("é", "é"), ("Ctrl+P", "ctrl+p"),
        ("ctrl+shift+up", "ctrl+shift+up"), ("shift+ctrl+up", "ctrl+shift+up"), ("F5", "f5"), ("Esc", "escape"),
        ("pgdn", "pagedown"), ("return", "enter"), ("ctrl+m", "enter"), ("ctrl+i", "tab"), ("ctrl+space", "ctrl+at"),
        ("ctrl+[", "escape"), (" space ", "space"), ("alt+x", "alt+x"), ("ctrl+plus", "ctrl+plus"),
    ],
)  # fmt: skip
def test_names_of_keys(written: str, key: str) -> None:
    assert read_key(written) == key
    assert read_key(key) == key


@pytest.mark.parametrize(
    "written", ["", " ", "not a key!!", "enterr", "f25", "ctrl++", "hyperr+x", "ctrl+", "+x", "shift+1", "\x1b", "ab"]
)
def test_invalid_keys_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"no key|write the character"):
        read_key(written)


@pytest.mark.parametrize(
    ("key", "label"),
    [("question_mark", "?"), ("ctrl+p", "^p"), ("escape", "esc"), ("down", "↓"), ("G", "G"), ("enter", "enter")],
)
def test_labels_of_keys(key: str, label: str) -> None:
    assert key_label(key) == label


def test_the_shipped_keys_are_unchanged() -> None:
    table = KeyTable({})
    assert table.textual_keymap == {spec.id: ",".join(spec.keys) for spec in specs()}
    assert table.shown("app.help") == "?"
    assert table.keys_of("move.down") == "j, ↓"


def test_a_mistake_in_the_file_names_file_and_line() -> None:
    settings = parse_settings('[keys]\n"lane.open" = "ctrl+nope"\n').settings
    with pytest.raises(ConfigError, match=r'^config\.toml:2: keys\."lane\.open": there is no key "ctrl\+nope"'):
        KeyTable(settings.keys)


def test_a_capital_and_a_named_key_are_seen_as_the_same_key() -> None:
    for written in ("shift+s", "S", "return"):
        with pytest.raises(ConfigError, match=r"already is"):
            KeyTable({"app.mouse": KeyOverride((written,), "config.toml", 1)})


SPECS = (
    BindingSpec("app.quit", ("q",), "Quit", "anywhere"),
    BindingSpec("lane.one", ("a", "up"), "One", "anywhere"),
    BindingSpec("lane.two", ("b",), "Two", "anywhere"),
    BindingSpec("lane.three", ("c",), "Three", "the fleet"),
)


class Pad(Static, can_focus=True):
    BINDINGS: ClassVar = [Binding("c", "did('three')", "Three", id="lane.three")]

    def action_did(self, what: str) -> None:
        assert isinstance(self.app, Keys)
        self.app.action_did(what)


class Keys(App[None]):
    """Stores which binding each key reached."""

    BINDINGS: ClassVar = [
        Binding("q", "did('quit')", "Quit", id="app.quit"),
        Binding("a,up", "did('one')", "One", id="lane.one"),
        Binding("b", "did('two')", "Two", id="lane.two"),
    ]

    def __init__(self, table: KeyTable) -> None:
        super().__init__()
        self._table = table
        self.done: list[str] = []

    def compose(self) -> ComposeResult:
        yield Pad()

    def on_mount(self) -> None:
        self.set_keymap(self._table.textual_keymap)
        self.query_one(Pad).focus()

    def action_did(self, what: str) -> None:
        self.done.append(what)


async def pressed(overrides: dict[str, tuple[str, ...]], *keys: str) -> list[str]:
    app = Keys(KeyTable({name: KeyOverride(written) for name, written in overrides.items()}, SPECS))
    async with app.run_test() as pilot:
        await pilot.press(*keys)
    return app.done


async def test_textual_uses_the_default_keys_of_the_whole_table() -> None:
    assert await pressed({}, "a", "up", "b", "c", "q", "x") == ["one", "one", "two", "three", "quit"]


async def test_swapped_keys_work_and_a_freed_key_does_nothing() -> None:
    swapped = {"lane.one": ("b",), "lane.two": ("a", "?")}
    assert await pressed(swapped, "a", "question_mark", "b", "up") == ["two", "two", "one"]


async def test_a_key_can_be_moved_to_another_binding() -> None:
    moved = {"lane.three": ("b",), "lane.two": ("c",)}
    assert await pressed(moved, "b", "c", "a") == ["three", "two", "one"]


async def test_a_binding_without_a_key_is_never_reached() -> None:
    assert await pressed({"lane.two": ()}, "b", "a", "c") == ["one", "three"]
