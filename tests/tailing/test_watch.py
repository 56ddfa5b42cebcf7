"""Changes are told soon, none is missed, and the watch ends when asked."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from tests.waiting import PATIENCE_S
from tui.sources.discover import Root, RootKind
from tui.sources.watch import ChangeSource


def source(folder: Path, **more: object) -> ChangeSource:
    return ChangeSource(lambda: [Root(str(folder), None, RootKind.FOLDER)], **more)  # type: ignore[arg-type]


async def until(changes: ChangeSource, wanted: set[str]) -> None:
    seen: set[str] = set()
    async with asyncio.timeout(PATIENCE_S):
        async for paths in changes:
            seen |= paths
            if wanted <= seen:
                return


@pytest.mark.parametrize("polling", [False, True])
async def test_new_files_appends_and_deletions_are_told(tmp_path, polling):
    file = tmp_path / "a.jsonl"
    file.write_text("{}\n")
    async with source(tmp_path, force_polling=polling) as changes:
        await until(changes, {str(file)})
        with file.open("a") as out:
            out.write("{}\n")
        await until(changes, {str(file)})
        late = tmp_path / "new" / "deep" / "b.jsonl"
        late.parent.mkdir(parents=True)
        late.write_text("{}\n")
        await until(changes, {str(late)})
        file.unlink()
        await until(changes, {str(file)})


async def test_no_file_in_a_new_folder_is_missed(tmp_path):
    async with source(tmp_path) as changes:
        wanted = set()
        for number in range(100):
            path = tmp_path / f"p{number}" / "subagents" / "agent-1.jsonl"
            path.parent.mkdir(parents=True)
            path.write_text("{}\n")
            wanted.add(str(path))
        await until(changes, wanted)


async def test_a_home_that_appears_later_is_watched(tmp_path):
    home = tmp_path / "home" / "projects"
    async with source(home) as changes:
        path = home / "x" / "a.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text("{}\n")
        await until(changes, {str(path)})
        with path.open("a") as out:
            out.write("{}\n")
        await until(changes, {str(path)})


async def test_files_that_are_known_are_not_told_again(tmp_path):
    from tui.sources.discover import find

    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_text("{}\n")
    known = find([Root(str(tmp_path), None, RootKind.FOLDER)])
    async with source(tmp_path, known=known) as changes:
        new.write_text("{}\n")
        seen: set[str] = set()
        async with asyncio.timeout(PATIENCE_S):
            async for paths in changes:
                seen |= paths
                if str(new) in seen:
                    break
        assert seen == {str(new)}


async def test_a_system_without_notices_is_polled_and_says_so(tmp_path):
    def refuse(_: object) -> object:
        raise OSError("no watches left")

    notices: list[str] = []
    async with source(tmp_path, make_notifier=refuse, on_notice=notices.append) as changes:
        path = tmp_path / "a.jsonl"
        path.write_text("{}\n")
        await until(changes, {str(path)})
    assert len(notices) == 1
    assert "no watches left" in notices[0]


async def test_other_files_are_nobodys_business(tmp_path):
    async with source(tmp_path) as changes:
        (tmp_path / "notes.txt").write_text("x")
        (tmp_path / "history.jsonl").write_text("x")
        path = tmp_path / "a.jsonl"
        path.write_text("{}\n")
        seen: set[str] = set()
        async with asyncio.timeout(PATIENCE_S):
            async for paths in changes:
                seen |= paths
                break
        assert seen == {str(path)}


async def test_it_ends_at_once_and_leaves_no_thread(tmp_path):
    before = threading.active_count()
    async with source(tmp_path) as changes:
        task = asyncio.create_task(anext(changes))
        await asyncio.sleep(0)
        task.cancel()
    assert threading.active_count() <= before
