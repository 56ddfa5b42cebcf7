"""The trust that Codex stores, read from its files. The hashes were written by Codex 0.169.0 itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tui.agents.codex.hooks import HOOKS, TRUST_STEPS
from tui.control.install.plan import plan_install, trust_of

COMMAND = "/opt/lanewatch/gate/gate.sh codex"
MEASURED = {
    "pre_model_request": "b5e3fda9c16e367b83d3612048408920a93276b749eb3bacb282b569e35077bc",
    "pre_tool_use": "90997679af8758f9a3d3a10afa492eb8b01f1635e115d74b5563256c0dc7e7ca",
    "post_tool_use": "12335200f4a1a9038cbcc8dedeea5a7f8fd4fb760f43c90b9b4ea645f79c7d2f",
    "session_start": "979bc9791f8feef2d798735d8a529ae38103fbf1a2a8b6548bb6bb2d53571c3e",
    "user_prompt_submit": "ab35e572a9fd4da7417f852f903596c0b71c0a908377f38910ecf73415f984a1",
    "stop": "e82d08fa886a5fba391dea2dc8149488288ccaf6c60852371cfc990a359c562e",
}
EVENTS = [hook.event for hook in HOOKS.entries]


class Home:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "codex"
        self.folder.mkdir()
        self.hooks = self.folder / "hooks.json"
        self.hooks.write_bytes(plan_install("codex", self.hooks, COMMAND, root / "record").after or b"")

    def trust(self, *, file: Path | None = None, only: str = "", extra: str = "", row: str = "") -> None:
        """Writes what the client writes when its user trusts the hooks of a file."""
        rows = "".join(
            f'[hooks.state."{file or self.hooks}:{event}:0:0"]\ntrusted_hash = "sha256:{digest}"\n{row}\n'
            for event, digest in MEASURED.items()
            if only in event
        )
        (self.folder / "config.toml").write_text(f'model = "x"\n{extra}\n[hooks.state]\n{rows}')

    def edit(self, old: str, new: str) -> None:
        text = self.hooks.read_text()
        assert old in text
        self.hooks.write_text(text.replace(old, new))

    def found(self) -> dict[str, str]:
        return dict(trust_of("codex", self.folder, self.hooks))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_hooks_are_untrusted_without_an_entry_about_trust(home):
    assert home.found() == dict.fromkeys(EVENTS, "untrusted")
    (home.folder / "config.toml").write_text("")
    assert home.found() == dict.fromkeys(EVENTS, "untrusted")


def test_hooks_that_codex_marked_are_trusted(home):
    home.trust()
    assert home.found() == dict.fromkeys(EVENTS, "trusted")


def test_each_event_is_trusted_separately(home):
    home.trust(only="tool_use")
    trusted = {event for event, trust in home.found().items() if trust == "trusted"}
    assert trusted == {"PreToolUse", "PostToolUse"}


def test_a_changed_hook_is_modified(home):
    home.trust()
    home.edit("/opt/", "/usr/")
    assert home.found() == dict.fromkeys(EVENTS, "modified")


def test_a_hook_at_another_position_is_not_trusted(home):
    home.trust()
    home.edit('"Stop": [', '"Stop": [{"hooks": [{"type": "command", "command": "mine"}]}, ')
    assert home.found() == dict.fromkeys(EVENTS, "trusted") | {"Stop": "untrusted"}


def test_a_hook_that_was_switched_off_is_disabled(home):
    home.trust(row="enabled = false")
    assert home.found() == dict.fromkeys(EVENTS, "disabled")
    home.trust(row="enabled = true")
    assert home.found() == dict.fromkeys(EVENTS, "trusted")
    home.trust(extra="[features]\nhooks = false")
    assert home.found() == dict.fromkeys(EVENTS, "disabled")


def test_an_unknown_form_of_the_file_is_unknown(home):
    home.trust()
    home.edit('"type": "command",', '"type": "command", "statusMessage": "hi",')
    assert home.found() == dict.fromkeys(EVENTS, "unknown")


@pytest.mark.parametrize("config", [b"\xff", b"[hooks", b"x = [" * 9000])
def test_a_config_that_cannot_be_read_is_unknown(home, config):
    (home.folder / "config.toml").write_bytes(config)
    assert home.found() == dict.fromkeys(EVENTS, "unknown")


@pytest.mark.parametrize("config", ["hooks = 7", '[hooks]\nstate = "x"', '[hooks.state]\n"a" = 7'])
def test_a_config_of_another_form_trusts_nothing(home, config):
    (home.folder / "config.toml").write_text(config)
    assert home.found() == dict.fromkeys(EVENTS, "untrusted")


def test_the_trust_of_a_file_that_codex_does_not_load_is_unknown(home):
    home.trust()
    home.hooks.write_text("// mine\n" + home.hooks.read_text())
    assert home.found() == dict.fromkeys(EVENTS, "unknown")


def test_without_entries_no_trust_is_reported(home):
    for text in ("{}", "", "not json", '{"hooks": []}'):
        home.hooks.write_text(text)
        assert home.found() == {}
    home.hooks.unlink()
    assert home.found() == {}


def test_the_home_is_compared_by_real_path_and_the_file_by_name(home, tmp_path):
    home.trust()
    (tmp_path / "link").symlink_to(home.folder)
    assert trust_of("codex", tmp_path / "link", tmp_path / "link" / "hooks.json") == dict.fromkeys(EVENTS, "trusted")
    home.hooks.rename(tmp_path / "dotfile.json")
    home.hooks.symlink_to(tmp_path / "dotfile.json")
    assert home.found() == dict.fromkeys(EVENTS, "trusted")


def test_a_project_counts_only_if_it_is_trusted_too(home, tmp_path):
    repo = tmp_path / "repo"
    (repo / ".codex").mkdir(parents=True)
    file = repo / ".codex" / "hooks.json"
    file.write_bytes(home.hooks.read_bytes())
    home.trust(file=file)
    assert trust_of("codex", home.folder, file) == dict.fromkeys(EVENTS, "unknown")
    home.trust(file=file, extra=f'[projects."{repo}"]\ntrust_level = "trusted"')
    assert trust_of("codex", home.folder, file) == dict.fromkeys(EVENTS, "trusted")


def test_two_entries_for_one_event_are_unknown(home):
    home.trust()
    document = json.loads(home.hooks.read_text())
    document["hooks"]["Stop"] *= 2
    home.hooks.write_text(json.dumps(document))
    assert home.found()["Stop"] == "unknown"


def test_the_steps_name_the_keys():
    for step in ("Trust all and continue", "press 2", "/hooks", "/new", "t trusts all"):
        assert step in TRUST_STEPS
