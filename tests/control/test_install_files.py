"""Planning, applying and undoing an install on real files: what is refused, kept and stored for the undo."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tui.control.install import files
from tui.control.install.apply import apply
from tui.control.install.files import InstallError
from tui.control.install.plan import Change, GateStatus, install_state, plan_install, plan_uninstall

COMMAND = "'/home/me/my state/lanewatch/gate/gate.sh' claude"
OLDER = "/opt/lanewatch/gate/gate.sh claude"
AT = 1_790_000_000.5
MINE = b'{\r\n\t"model": "x",\r\n\t"hooks": {\r\n\t\t"Stop": [{"hooks": [{"type": "command", "command": "mine"}]}]\r\n\t}\r\n}'


class Place:
    """A home with one settings file, and lanewatch's folders."""

    def __init__(self, root: Path) -> None:
        self.file = root / "home" / ".claude" / "settings.json"
        self.record = root / "state" / "record"
        self.backups = root / "state" / "backups"
        (root / "home").mkdir()
        (root / "state").mkdir(mode=0o700)

    def write(self, data: bytes, mode: int = 0o644) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_bytes(data)
        self.file.chmod(mode)

    def plan(self, command: str = COMMAND, agent: str = "claude") -> Change:
        return plan_install(agent, self.file, command, self.record)

    def unplan(self) -> Change:
        return plan_uninstall("claude", self.file, self.record)

    def do(self, change: Change) -> str:
        return apply(change, self.record, self.backups, AT)

    def install(self, command: str = COMMAND) -> str:
        return self.do(self.plan(command))

    def uninstall(self) -> str:
        return self.do(self.unplan())

    def state(self) -> GateStatus:
        return install_state("claude", self.file, COMMAND).status

    def everything(self) -> dict[str, bytes | None]:
        """All files and folders of the home."""
        home = self.file.parent.parent
        return {str(path.relative_to(home)): path.read_bytes() if path.is_file() else None for path in home.rglob("*")}


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("mine", [MINE, b"{}", b"", b"\xef\xbb\xbf{}\n", b'{"hooks":{"Stop":[]}}'])
def test_uninstall_restores_the_original_bytes(here, mine):
    here.write(mine, 0o640)
    before = here.everything()
    assert "gate is in" in here.install()
    assert here.state() is GateStatus.CURRENT
    assert stat.S_IMODE(here.file.stat().st_mode) == 0o640
    assert "to the byte" in here.uninstall()
    assert here.everything() == before
    assert stat.S_IMODE(here.file.stat().st_mode) == 0o640
    assert here.state() is GateStatus.ABSENT


@pytest.mark.parametrize("folder", [True, False])
def test_uninstall_removes_a_file_and_folder_that_install_created(here, folder):
    if folder:
        here.file.parent.mkdir()
    before = here.everything()
    assert "(the file is new)" in here.install()
    assert stat.S_IMODE(here.file.stat().st_mode) == 0o600
    assert ("its folder too" in here.uninstall()) is not folder
    assert here.everything() == before


def test_a_created_folder_with_other_files_is_kept(here):
    here.install()
    (here.file.parent / "history").write_text("x")
    here.uninstall()
    assert here.everything() == {".claude": None, ".claude/history": b"x"}


def test_additions_to_a_created_file_are_kept(here):
    here.install()
    here.file.write_text(here.file.read_text().replace('{\n  "hooks"', '{\n  "model": "x",\n  "hooks"', 1))
    assert "edited since" in here.uninstall()
    assert json.loads(here.file.read_text()) == {"model": "x"}


def test_a_created_file_with_added_white_space_is_removed(here):
    here.install()
    here.file.write_text(here.file.read_text() + "\n\n")
    here.uninstall()
    assert not here.file.exists()


def test_an_edit_after_install_is_kept(here):
    here.write(MINE)
    here.install()
    here.file.write_bytes(here.file.read_bytes().replace(b'"x"', b'"y"'))
    assert "edited since" in here.uninstall()
    assert here.file.read_bytes() == MINE.replace(b'"x"', b'"y"')


def test_a_second_install_changes_nothing(here):
    here.write(MINE)
    here.install()
    again = here.plan()
    assert (again.diff, again.before) == ("", again.after)
    assert "nothing to change" in here.do(again)
    assert "to the byte" in here.uninstall()
    assert here.file.read_bytes() == MINE
    assert "nothing to change" in here.uninstall()


@pytest.mark.parametrize("edited", [False, True])
def test_an_older_install_is_updated_and_can_be_undone(here, edited):
    here.write(MINE)
    here.install(OLDER)
    assert here.state() is GateStatus.OTHER
    if edited:
        here.file.write_bytes(here.file.read_bytes().replace(b'"x"', b'"y"'))
    here.install()
    assert here.state() is GateStatus.CURRENT
    assert b"/opt/" not in here.file.read_bytes()
    here.uninstall()
    assert here.file.read_bytes() == (MINE.replace(b'"x"', b'"y"') if edited else MINE)


def test_an_older_install_of_a_created_file_can_be_undone(here):
    here.install(OLDER)
    here.file.write_bytes(here.file.read_bytes() + b"\n")
    here.install()
    assert "its folder too" in here.uninstall()
    assert here.everything() == {}


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff", b'{"schema": 1, "original": 7}', None])
def test_without_a_record_the_entries_are_still_removed(here, damage):
    here.write(MINE)
    here.install()
    (kept,) = here.record.glob("*.json")
    kept.unlink() if damage is None else kept.write_bytes(damage)
    change = here.unplan()
    assert "no record" in change.notes[0]
    assert "no record" in here.do(change)
    assert here.file.read_bytes() == MINE


def test_a_record_with_a_damaged_original_is_ignored(here):
    here.write(MINE)
    here.install()
    (kept,) = here.record.glob("*.json")
    document = json.loads(kept.read_text())
    document["original"] = "e30="
    kept.write_text(json.dumps(document))
    here.uninstall()
    assert here.file.read_bytes() == MINE


def test_the_record_and_the_backups_are_private(here):
    here.write(MINE)
    here.install()
    here.uninstall()
    here.install()
    for folder in (here.record, here.backups):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    backups = sorted(here.backups.iterdir())
    assert len(backups) == 3
    assert all(path.name.startswith("20260921T") and path.name.endswith("settings.json") for path in backups)
    assert [path.read_bytes() == MINE for path in backups].count(True) == 2


def test_a_state_folder_that_others_can_open_is_refused(here):
    here.write(MINE)
    here.record.mkdir()
    here.record.chmod(0o755)
    with pytest.raises(InstallError, match="nobody else"):
        here.install()
    assert here.file.read_bytes() == MINE


# -- the diff ----------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("patch") is None, reason="no patch here")
@pytest.mark.parametrize("mine", [MINE, b"{}", b'{\n "a": 1\n}\n', None])
def test_the_diff_matches_the_change(here, tmp_path, mine):
    if mine is not None:
        here.write(mine)
    for step in (here.plan, here.unplan):
        change = step()
        copy = tmp_path / "copy"
        if change.before is not None:
            copy.write_bytes(change.before)
        subprocess.run(["patch", "--binary", "-s", str(copy)], input=change.diff.encode(), check=True)
        assert (copy.read_bytes() if copy.exists() else None) == change.after
        copy.unlink(missing_ok=True)
        here.do(change)


def test_a_path_cannot_write_to_the_terminal(tmp_path):
    folder = tmp_path / "a\x1b]0;b"
    folder.mkdir()
    change = plan_install("claude", folder / "settings.json", COMMAND, tmp_path / "record")
    assert "\x1b" not in change.diff + "".join(change.notes)


# -- notes -------------------------------------------------------------------------------------------------------------


def test_hooks_of_other_programs_are_listed(here):
    here.write(MINE)
    assert "Stop holds another hook of yours: it stays" in here.plan().notes


def test_a_file_that_claude_does_not_load_is_reported_by_every_command(here):
    here.write(b'{\n  "model": "x" // quick\n}\n')
    change = here.plan()
    assert "does not load a file with comments or trailing commas (line 2)" in change.notes[0]
    assert "does not load" in here.do(change)
    assert here.state() is GateStatus.BROKEN
    here.uninstall()
    assert here.file.read_bytes() == b'{\n  "model": "x" // quick\n}\n'


@pytest.mark.parametrize(
    "text", ["\ufeff{}", '{"hooks": {}, "hooks": {}}', '{"model": "x"}', "{} // c", '{"hooks": {},}']
)
def test_a_file_that_codex_does_not_load_is_reported(here, text):
    here.write(text.encode())
    assert any("Codex does not load" in note for note in here.plan(agent="codex").notes)


def test_a_file_that_codex_loads_has_no_note(here):
    here.write(b'{"description": "mine", "hooks": {}}')
    assert here.plan(agent="codex").notes == ()


def test_switched_off_hooks_are_reported(here):
    here.write(b'{"disableAllHooks": true}')
    assert any("disableAllHooks" in note for note in here.plan().notes)
    here.install()
    found = install_state("claude", here.file, COMMAND)
    assert found.status is GateStatus.CURRENT
    assert "disableAllHooks" in found.words


# -- links -------------------------------------------------------------------------------------------------------------


def test_the_file_behind_a_link_is_changed_and_the_link_stays(here, tmp_path):
    real = tmp_path / "dotfiles.json"
    real.write_bytes(MINE)
    here.file.parent.mkdir()
    here.file.symlink_to(real)
    change = here.plan()
    assert change.target == real
    assert "is a link" in change.notes[0]
    here.do(change)
    assert here.file.is_symlink()
    assert real.read_bytes() == change.after
    here.uninstall()
    assert here.file.is_symlink()
    assert real.read_bytes() == MINE


def test_a_dangling_link_gets_its_file_and_uninstall_removes_it(here, tmp_path):
    here.file.parent.mkdir()
    here.file.symlink_to(tmp_path / "later.json")
    here.install()
    assert (tmp_path / "later.json").is_file()
    here.uninstall()
    assert here.file.is_symlink()
    assert not (tmp_path / "later.json").exists()


def test_links_in_a_circle_are_refused(here):
    here.file.parent.mkdir()
    here.file.symlink_to(here.file)
    with pytest.raises(InstallError, match=r"cannot be followed|cannot be read"):
        here.plan()


def test_hard_links_of_the_file_are_reported(here, tmp_path):
    here.write(MINE)
    (tmp_path / "other").hardlink_to(here.file)
    assert any("2 names" in note for note in here.plan().notes)


# -- refusals: one line, and nothing is touched ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b'{"a": 1', ":1:8: "),
        (b'{"hooks": []}', ':1:11: "hooks" must be an object'),
        (b'{\n "hooks": {"Stop": {}}\n}', ':2:20: "hooks"."Stop" must be an array'),
        (b"[]", ":1:1: the file must be an object"),
        (b'{"a": "\xff"}', "not UTF-8 (byte 7)"),
        (b"[" * 5000, "deep"),
        (b" " * (files.MOST_BYTES + 1), "larger than 4 MiB"),
    ],
    ids=["cut off", "a list", "a list of hooks", "no object", "no UTF-8", "deep", "large"],
)
def test_a_file_that_is_not_settings_is_refused(here, text, where):
    here.write(text)
    for plan in (here.plan, here.unplan):
        with pytest.raises(InstallError) as raised:
            plan()
        assert where in str(raised.value)
        assert "nothing was changed" in str(raised.value)
        assert "\n" not in str(raised.value)
    assert here.state() is GateStatus.BROKEN
    assert here.file.read_bytes() == text


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_file_that_is_not_regular_is_refused_at_once(here, make):
    here.file.parent.mkdir()
    make(here.file)
    with pytest.raises(InstallError, match="no regular file"):
        here.plan()
    assert here.state() is GateStatus.BROKEN


def test_a_file_of_another_user_is_refused(here, monkeypatch):
    here.write(MINE)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(InstallError, match="another user"):
        here.plan()


def test_an_unknown_agent_and_an_invalid_command_are_refused(here):
    with pytest.raises(InstallError, match="claude and codex"):
        here.plan(agent="gemini")
    with pytest.raises(InstallError, match=r"gate\.sh"):
        here.plan("/bin/gate.sh claude")
    with pytest.raises(InstallError, match="UTF-8"):
        here.plan("'/\udcff/lanewatch/gate/gate.sh' claude")


def test_a_file_that_changed_since_the_plan_is_not_overwritten(here):
    here.write(MINE)
    change = here.plan()
    here.file.write_bytes(MINE + b"\n")
    with pytest.raises(InstallError, match="has changed since"):
        here.do(change)
    assert here.file.read_bytes() == MINE + b"\n"
    assert here.state() is GateStatus.ABSENT


def test_a_file_that_was_created_since_the_plan_is_not_overwritten(here):
    change = here.plan()
    here.write(b"{}")
    with pytest.raises(InstallError):
        here.do(change)
    assert here.file.read_bytes() == b"{}"


def test_a_change_at_the_last_moment_is_noticed(here, monkeypatch):
    here.write(MINE)
    change = here.plan()
    like = files._like

    def meanwhile(path: Path, temporary: Path) -> None:
        like(path, temporary)
        path.write_bytes(b'{"theirs": 1}')

    monkeypatch.setattr(files, "_like", meanwhile)
    with pytest.raises(InstallError, match="has changed since"):
        here.do(change)
    assert here.everything() == {".claude": None, ".claude/settings.json": b'{"theirs": 1}'}
    assert list(here.record.glob("*.json")) == []


def test_a_read_only_file_is_not_changed(here):
    here.write(MINE, 0o444)
    with pytest.raises(InstallError, match=r"cannot be written: .*; nothing was changed"):
        here.install()
    assert here.file.read_bytes() == MINE


def test_a_folder_that_cannot_be_written_is_reported(here, monkeypatch):
    here.write(MINE)
    change = here.plan()
    opened = os.open

    def refusing(path, flags, *rest, **options):
        if flags & os.O_CREAT and Path(path).parent == here.file.parent:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *rest, **options)

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(InstallError, match="cannot be written: Permission denied; nothing was changed"):
        here.do(change)
    monkeypatch.undo()
    assert here.file.read_bytes() == MINE
    assert list(here.record.glob("*.json")) == []


def test_a_full_disk_changes_no_file(here, monkeypatch):
    here.write(MINE)
    here.install(OLDER)
    before = here.everything()
    change = here.plan()
    synced = os.fsync

    def full(fd: int) -> None:
        if ".claude" in os.readlink(f"/proc/self/fd/{fd}"):
            raise OSError(28, "No space left on device")
        synced(fd)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc here")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InstallError, match="No space left"):
        here.do(change)
    monkeypatch.undo()
    assert here.everything() == before
    here.uninstall()
    assert here.file.read_bytes() == MINE


def test_a_missing_home_is_not_created(here):
    here.file = here.file.parent.parent / "no" / "such" / "settings.json"
    with pytest.raises(InstallError, match="cannot be made"):
        here.install()
    assert here.everything() == {}


def test_extended_attributes_are_kept(here):
    here.write(MINE)
    with contextlib.suppress(OSError, AttributeError):
        os.setxattr(here.file, "user.mine", b"1")
        here.install()
        assert os.getxattr(here.file, "user.mine") == b"1"


def test_only_one_install_runs_at_a_time(here):
    here.write(MINE)
    change = here.plan()
    from tui.control.install.files import locked

    with locked(here.record), pytest.raises(InstallError, match="another lanewatch"):
        here.do(change)
    here.do(change)
