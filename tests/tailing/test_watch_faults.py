"""The watch when the system does not play along: no notices, broken notices, lost notices, mounts that are not ours."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.tailing.fakes import folder
from tests.waiting import PATIENCE_S
from tui.io.mounts import is_remote_type
from tui.sources import watch_loops as listen
from tui.sources.discover import Root, RootKind
from tui.sources.watch import ChangeSource


class Deaf:
    """A notifier that never hears of anything, as after an overflow of the system's queue."""

    def __init__(self, folders: Sequence[str] = ()) -> None:
        self.folders = list(folders)

    def watch(self, debounce_ms: int, step_ms: int, timeout_ms: int, stop_event: threading.Event, /) -> str:
        return "stop" if stop_event.wait(timeout_ms / 1000) else "timeout"

    def close(self) -> None:
        pass


class Broken(Deaf):
    """A notifier that breaks at its first use, as watchfiles does over a name that is not UTF-8."""

    def watch(self, *_: object) -> str:
        raise RuntimeError("cannot decode a name")


async def until(changes: ChangeSource, wanted: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        async for paths in changes:
            if wanted in paths:
                return
    raise AssertionError("the watch ended")


def put(path: Path, data: str = "{}\n") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data)
    return str(path)


@pytest.fixture
def quick(monkeypatch):
    """Sweeps at a pace that suits a test."""
    monkeypatch.setattr(listen, "ALL_EVERY_S", 0.05)
    monkeypatch.setattr(listen, "HOT_EVERY_S", 0.02)
    monkeypatch.setattr(listen, "SWEEP_SHARE", 1.0)


async def test_what_the_system_did_not_tell_is_found_by_sweeping(tmp_path, quick):
    path = put(tmp_path / "a.jsonl")
    async with ChangeSource(lambda: [folder(tmp_path)], make_notifier=Deaf) as changes:
        await until(changes, path)
        put(Path(path), "{}\n{}\n")
        await until(changes, path)
        await until(changes, put(tmp_path / "new" / "b.jsonl"))
        os.unlink(path)
        await until(changes, path)


async def test_a_notifier_that_keeps_breaking_is_replaced_by_polling_with_one_notice(tmp_path):
    path, notices = put(tmp_path / "a.jsonl"), []
    async with ChangeSource(lambda: [folder(tmp_path)], make_notifier=Broken, on_notice=notices.append) as changes:
        await until(changes, path)
        put(Path(path), "{}\n{}\n")
        await until(changes, path)
    assert len(notices) == 1
    assert "cannot decode a name" in notices[0]


async def test_a_notifier_that_breaks_once_is_set_up_again(tmp_path):
    made: list[Deaf] = []

    def make(folders: Sequence[str]) -> Deaf:
        made.append(Deaf(folders) if made else Broken(folders))
        return made[-1]

    notices: list[str] = []
    async with ChangeSource(lambda: [folder(tmp_path)], make_notifier=make, on_notice=notices.append) as changes:
        await until(changes, put(tmp_path / "a.jsonl"))
    assert [type(notifier) for notifier in made] == [Broken, Deaf]
    assert notices == []


NO_WATCHES_LEFT = """
import sys
from tui.sources.watch import _rust_notifier
open("/proc/sys/user/max_inotify_watches", "w").write("3")
print("limited", flush=True)
try:
    _rust_notifier([sys.argv[1]])
except OSError as error:
    print("refused:", error)
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="needs a user namespace, whose limits are its own")
def test_a_system_that_has_no_watches_left_is_heard(tmp_path):
    for number in range(10):
        (tmp_path / str(number)).mkdir()
    done = subprocess.run(
        ["unshare", "-Ur", sys.executable, "-c", NO_WATCHES_LEFT, str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=60, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    if "limited" not in done.stdout:
        pytest.skip("no user namespaces here")
    assert "refused:" in done.stdout


async def test_names_that_are_no_utf8_stop_nothing(tmp_path):
    async with ChangeSource(lambda: [folder(tmp_path)]) as changes:
        path = put(tmp_path / "a.jsonl")
        await until(changes, path)
        odd = tmp_path / "\udcff\udcfe.jsonl"
        await until(changes, put(odd))
        put(Path(path), "{}\n{}\n")
        await until(changes, path)


async def test_a_folder_on_a_mount_is_polled_and_the_others_are_not(tmp_path, quick):
    armed: list[list[str]] = []

    def make(folders: Sequence[str]) -> Deaf:
        armed.append(list(folders))
        return Deaf(folders)

    near, far = tmp_path / "near", tmp_path / "far"
    near.mkdir()
    path = put(far / "a.jsonl")
    async with ChangeSource(
        lambda: [folder(near), folder(far)], make_notifier=make, is_remote=lambda path: path == str(far)
    ) as changes:
        await until(changes, path)
        put(Path(path), "{}\n{}\n")
        await until(changes, path)
        await until(changes, put(near / "b.jsonl"))  # (by a sweep: this notifier is deaf)
    assert armed == [[str(near)]]


async def test_a_root_that_was_removed_and_made_again_is_watched_again(tmp_path):
    root = tmp_path / "root"
    async with ChangeSource(lambda: [folder(root)]) as changes:
        for turn in range(3):
            path = Path(put(root / f"{turn}.jsonl"))
            await until(changes, str(path))
            put(path, "{}\n{}\n")
            await until(changes, str(path))
            os.unlink(path)
            os.rename(root, tmp_path / f"away{turn}")


async def test_a_single_file_is_followed_through_replacements(tmp_path):
    log = Path(put(tmp_path / "session.log"))
    async with ChangeSource(lambda: [Root(str(log), None, RootKind.FILE)]) as changes:
        await until(changes, str(log))
        for size in range(2, 5):
            os.replace(put(tmp_path / "next.log", "{}\n" * size), log)
            await until(changes, str(log))


async def test_changes_while_the_consumer_is_busy_are_gathered(tmp_path):
    wanted = {put(tmp_path / f"{number}.jsonl") for number in range(50)}
    async with ChangeSource(lambda: [folder(tmp_path)]) as changes:
        got = await anext(changes)
        while got != wanted:
            got |= await asyncio.wait_for(anext(changes), PATIENCE_S)


async def test_a_watch_that_fails_says_so_to_its_consumer():
    def roots() -> list[Root]:
        raise ZeroDivisionError("a mistake")

    async with ChangeSource(roots) as changes:
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                await asyncio.wait_for(anext(changes), PATIENCE_S)


async def test_after_its_end_there_is_nothing_more(tmp_path):
    before = threading.active_count()
    async with ChangeSource(lambda: [folder(tmp_path)], is_remote=lambda _: True) as changes:
        await until(changes, put(tmp_path / "a.jsonl"))
    for _ in range(2):
        with pytest.raises(StopAsyncIteration):
            await anext(changes)
    changes.close()
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("kind", "remote"),
    [("nfs4", True), ("fuse.sshfs", True), ("9p", True), ("ext4", False), ("fuseblk", False), ("overlay", False), ("", False)],
)  # fmt: skip
def test_file_systems_that_others_write_to(kind, remote):
    assert is_remote_type(kind) is remote
