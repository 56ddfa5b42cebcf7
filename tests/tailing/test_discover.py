"""Where transcripts are looked for, which of them count, and in what order they come."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tailing.fakes import folder
from tui.agents.claude.sidecar import SIZE_CAP, Sidecar, is_sidecar, read_sidecar, sidecar_of, transcript_of
from tui.model.event import UnreadableLine
from tui.sources.discover import (
    OUTSIDE,
    OwnHomes,
    Root,
    RootKind,
    find,
    hint_for,
    homes,
    is_named_after,
    is_transcript,
    on_disk,
    places,
    walk,
)


def put(path: Path, mtime: float = 1000.0, data: bytes = b"{}\n") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (mtime, mtime))
    return str(path)


def paths(roots: list[Root]) -> list[tuple[str, str | None]]:
    return [(root.path, root.agent_hint) for root in roots]


# -- homes ----------------------------------------------------------------------------------------


def test_the_default_homes_are_named_though_none_is_there(tmp_path):
    assert paths(homes({}, tmp_path))[:4] == [
        (f"{tmp_path}/.config/claude/projects", "claude"),
        (f"{tmp_path}/.claude/projects", "claude"),
        (f"{tmp_path}/.codex/sessions", "codex"),
        (f"{tmp_path}/.codex/archived_sessions", "codex"),
    ]


def test_profiles_count_if_they_hold_projects(tmp_path):
    (tmp_path / ".claude-work" / "projects").mkdir(parents=True)
    (tmp_path / ".claude-backup").mkdir()
    (tmp_path / ".claude-note").write_text("x")
    assert [root.path for root in homes({}, tmp_path) if "-" in Path(root.path).parent.name] == [
        f"{tmp_path}/.claude-work/projects"
    ]


def test_lists_in_the_environment_replace_the_defaults(tmp_path):
    (tmp_path / "two" / "projects").mkdir(parents=True)
    env = {
        "CLAUDE_CONFIG_DIR": f" {tmp_path}/one ,, {tmp_path}/two/projects,~/three",
        "CODEX_HOME": f"{tmp_path}/c,~/d",
    }
    assert [root.path for root in homes(env, tmp_path)][:7] == [
        f"{tmp_path}/{name}"
        for name in (
            *("one/projects", "two/projects", "three/projects"),
            *("c/sessions", "c/archived_sessions", "d/sessions", "d/archived_sessions"),
        )
    ]


def test_a_configuration_folder_that_is_called_projects_is_told_from_the_folder_in_it(tmp_path):
    (tmp_path / "projects" / "projects").mkdir(parents=True)
    assert homes({"CLAUDE_CONFIG_DIR": f"{tmp_path}/projects"}, tmp_path)[0].path == f"{tmp_path}/projects/projects"


def test_homes_that_are_one_folder_under_two_names_are_watched_once(tmp_path):
    put(tmp_path / ".claude" / "projects" / "a" / "1.jsonl")
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "claude").symlink_to(tmp_path / ".claude")
    roots = homes({}, tmp_path)
    assert [root.path for root in on_disk(roots)] == [f"{tmp_path}/.claude/projects"]
    assert len(find(roots)) == 1


def test_paths_that_are_named_may_be_files_of_any_name_folders_or_a_mistake(tmp_path):
    log = put(tmp_path / "session.log")
    found, refused = places([log, str(tmp_path), str(tmp_path / "no")])
    assert [(root.path, root.kind) for root in found] == [(log, RootKind.FILE), (str(tmp_path), RootKind.FOLDER)]
    assert refused == [UnreadableLine(str(tmp_path / "no"), None, None, "no such file or directory")]
    assert [each.path for each in find(found)] == [log]


def test_the_nearest_root_gives_the_hint():
    roots = [Root("/home/ada", None, RootKind.FOLDER), Root("/home/ada/.codex/sessions", "codex", RootKind.HOME)]
    assert hint_for("/home/ada/.codex/sessions/2026/a.jsonl", roots) == "codex"
    assert hint_for("/home/ada/a.jsonl", roots) is None
    assert hint_for("/home/adam/a.jsonl", roots) is None


# -- what is in them ------------------------------------------------------------------------------


def test_the_newest_come_first_over_all_roots_and_old_ones_are_left_out(tmp_path):
    for name, mtime in (("1/old", 10), ("2/mid", 20), ("1/new", 40), ("2/deep/er", 30)):
        put(tmp_path / f"{name}.jsonl", mtime)
    roots = [folder(tmp_path / "1"), folder(tmp_path / "2")]
    assert [Path(each.path).stem for each in find(roots)] == ["new", "er", "mid", "old"]
    assert [Path(each.path).stem for each in find(roots, since=20)] == ["new", "er", "mid"]
    assert [Path(each.path).stem for each in walk(roots[1], since=25)] == ["er"]
    newest = find(roots)[0]
    assert (newest.size, newest.mtime, newest.ino) == (3, 40, os.stat(newest.path).st_ino)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("p/a.jsonl", True),
        ("p/a.jsonl.zst", True),
        ("p/agent-1.meta.json", False),
        ("p/a.json", False),
        ("p/history.jsonl", False),
        ("session_index.jsonl", False),
        ("p/s/subagents/workflows/wf/journal.jsonl", False),
        ("p/s/subagents/workflows/wf/agent-1.jsonl", True),
        ("p/journal.jsonl", True),
    ],
)
def test_names_that_count(tmp_path, name, counts):
    put(tmp_path / name)
    assert [Path(each.path) for each in find([folder(tmp_path)])] == [tmp_path / name] * counts
    assert is_transcript(str(tmp_path / name)) is counts


ROLLOUT = "rollout-2026-05-09T09-00-00-019e0bf7-0007-7ae8-bc12-000000000007.jsonl"


def test_of_one_thread_the_active_and_the_plain_file_count(tmp_path):
    active = tmp_path / "sessions" / "2026" / "05" / "09" / ROLLOUT
    archived = tmp_path / "archived_sessions" / ROLLOUT
    copies = [active, Path(f"{active}.zst"), archived, Path(f"{archived}.zst")]
    for age, path in enumerate(copies):
        put(path, mtime=1000 + age)
    for best in copies:
        assert [each.path for each in find([folder(tmp_path)])] == [str(best)]
        best.unlink()


def test_hard_links_and_links_within_the_roots_count_once(tmp_path):
    path = put(tmp_path / "a.jsonl")
    os.link(path, tmp_path / "b.jsonl")
    (tmp_path / "c.jsonl").symlink_to(path)
    assert len(find([folder(tmp_path)])) == 1


def test_folders_that_lead_round_or_out_are_not_entered_and_the_latter_are_named(tmp_path):
    root = tmp_path / "root"
    path = put(root / "deep" / "a.jsonl")
    put(tmp_path / "else" / "b.jsonl")
    (root / "deep" / "round").symlink_to(root)
    (root / "self").symlink_to(root / "self")
    (root / "out").symlink_to(tmp_path / "else")
    (root / "nowhere.jsonl").symlink_to(tmp_path / "nothing")
    refused: list[UnreadableLine] = []
    assert [each.path for each in find([folder(root)], refuse=refused.append)] == [path]
    assert [(skip.path, skip.line) for skip in refused] == [(str(root / "out"), None)]
    assert "leads out of the watched folders" in refused[0].why


def test_what_only_looks_like_a_transcript_is_refused_without_opening_it(tmp_path):
    os.mkfifo(tmp_path / "fifo.jsonl")
    (tmp_path / "zero.jsonl").symlink_to("/dev/zero")
    (tmp_path / "loop.jsonl").symlink_to(tmp_path / "loop.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    refused: list[UnreadableLine] = []
    assert find([folder(tmp_path)], refuse=refused.append) == []
    assert {Path(skip.path).stem for skip in refused} == {"fifo", "zero", "loop"}


def test_a_tree_deeper_than_recursion_is_walked(tmp_path):
    here = tmp_path
    for _ in range(400):
        here = here / "d"
    path = put(here / "a.jsonl")
    assert [each.path for each in find([folder(tmp_path)])] == [path]


def test_a_root_that_is_missing_holds_nothing(tmp_path):
    assert list(walk(folder(tmp_path / "no"))) == []


# -- sidecars -------------------------------------------------------------------------------------


def test_a_sidecar_is_read_without_its_escape_sequences(tmp_path):
    path = put(tmp_path / "agent-1.meta.json", data=b'{"agentType":"Explore","description":"Look\\u001b[31m","x":1}')
    assert read_sidecar(path) == Sidecar("Explore", "Look")
    assert is_sidecar(path)
    assert transcript_of(path) == str(tmp_path / "agent-1.jsonl")
    assert sidecar_of(transcript_of(path)) == path


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"\xff", b'{"agentType":' + b"[" * 3000 + b"]" * 3000 + b"}", b" " * (SIZE_CAP + 1)],
)
def test_a_broken_sidecar_is_one_skip(tmp_path, data):
    path = put(tmp_path / "agent-1.meta.json", data=data)
    skip = read_sidecar(path)
    assert isinstance(skip, UnreadableLine)
    assert skip.path == path
    assert skip.why


def test_what_a_sidecar_does_not_say_stays_unknown_and_what_it_says_is_bounded(tmp_path):
    path = put(tmp_path / "agent-1.meta.json", data=b'{"agentType":7,"description":"' + b"x" * 9000 + b'"}')
    sidecar = read_sidecar(path)
    assert isinstance(sidecar, Sidecar)
    assert sidecar.agent_type is None
    assert len(sidecar.description or "") == 2000


def test_no_sidecar_is_nothing_and_a_pipe_in_its_place_is_not_waited_for(tmp_path):
    assert read_sidecar(str(tmp_path / "agent-1.meta.json")) is None
    os.mkfifo(tmp_path / "agent-2.meta.json")
    assert isinstance(read_sidecar(str(tmp_path / "agent-2.meta.json")), UnreadableLine)


# -- whose a transcript is ----------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A transcript in the user's own home."""
    file = tmp_path / ".claude" / "projects" / "-w" / "s.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text("{}\n")
    return file


def recording(home: Path, path: Path, **env: str) -> str:
    return OwnHomes(lambda: homes(env, home)).recording(str(path))


def test_what_lies_in_an_own_home_is_own(tmp_path: Path, own: Path) -> None:
    assert recording(tmp_path, own) == ""
    other = tmp_path / "work" / "projects" / "-w" / "s.jsonl"
    other.parent.mkdir(parents=True)
    other.write_text("{}\n")
    assert recording(tmp_path, other) == OUTSIDE
    assert recording(tmp_path, other, CLAUDE_CONFIG_DIR=str(tmp_path / "work")) == ""
    assert recording(tmp_path, own, CLAUDE_CONFIG_DIR=str(tmp_path / "work")) == OUTSIDE, (
        "the environment names another"
    )


def test_a_home_behind_a_link_is_own(tmp_path: Path, own: Path) -> None:
    (tmp_path / "disk").mkdir()
    moved = tmp_path / "disk" / "claude"
    (tmp_path / ".claude").rename(moved)
    (tmp_path / ".claude").symlink_to(moved)
    assert recording(tmp_path, own) == ""
    assert recording(tmp_path, moved / "projects" / "-w" / "s.jsonl") == ""


def test_a_link_out_of_the_home_is_a_recording(tmp_path: Path, own: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    own.rename(outside / "s.jsonl")
    own.symlink_to(outside / "s.jsonl")
    assert recording(tmp_path, own) == "its transcript is a link that leads out of your agents' homes"
    folder = own.parent.with_name("-linked")
    folder.symlink_to(outside)
    assert recording(tmp_path, folder / "s.jsonl") == OUTSIDE


def test_what_is_gone_is_a_recording(tmp_path: Path) -> None:
    assert recording(tmp_path, tmp_path / ".claude" / "projects" / "s.jsonl") == "its transcript is gone"


def test_another_users_file_or_home_is_a_recording(tmp_path: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert "belongs to another user" in recording(tmp_path, own)


def test_a_copy_is_told_by_its_name() -> None:
    session = "5f0c21aa-0000-4000-8000-000000000000"
    assert is_named_after(f"/h/{session}.jsonl", session, "claude")
    assert is_named_after(f"/h/rollout-2026-11-20T22-59-18-{session}.jsonl.zst", session, "claude")
    assert not is_named_after(f"/h/{session} (copy).jsonl", session, "claude")
    assert not is_named_after("/h/copied.jsonl", session, "claude")
    assert not is_named_after("/h/.jsonl", "", "claude")
