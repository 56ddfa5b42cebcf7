"""The search: what it finds, with the index and without, whatever became of the transcripts and of the index."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.agents.builders import (
    claude_api_error,
    claude_call,
    claude_message,
    claude_result,
    claude_user,
    codex_call,
    codex_message,
    codex_meta,
    codex_output,
    codex_turn,
    encode,
)
from tests.share.planting import SECRETS
from tui.history import search_index
from tui.history.search import _ODD, Hit, Search
from tui.history.search_build import Outcome, SearchBuild, SearchBuilder
from tui.history.search_index import NAME, SearchIndex, Unusable, match_of, size_of
from tui.history.search_words import _WORD, Query, _folded, read_query, words_of
from tui.sources.discover import Found, Root, RootKind, find

NOW = 1_785_800_000.0
AGENTS = ("claude", "codex")
TALK = (
    claude_user("Find the night ferry's tariff", seconds=1),
    claude_message("m1", [{"type": "text", "text": "The Café tariff is in tariffs.toml"}], seconds=2),
    claude_call("Bash", {"command": "rg ferry_tariff src"}, seconds=3),
    claude_result("no such folder: night\x1b[31mly", error=True, seconds=4),
    claude_api_error("overloaded ferry", seconds=5),
)


def ask(text: str) -> Query:
    return read_query(text, NOW, AGENTS)


def write(path: Path, records: Sequence[object], mode: str = "wb") -> Path:
    with path.open(mode) as file:
        file.writelines(encode(record) + b"\n" for record in records)
    return path


def on_disk(folder: Path) -> list[Found]:
    return find([Root(str(folder), None, RootKind.FOLDER)])


def hits(text: str, folder: Path, cache: Path | None, *, is_read: bool = True) -> list[Hit]:
    return list(Search(ask(text), on_disk(folder), cache, is_read=is_read).hits())


def build(folder: Path, cache: Path) -> set[Outcome]:
    builder = SearchBuilder(cache)
    done = {builder.take(found) for found in on_disk(folder)}
    builder.close()
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "logs"
    made.mkdir()
    write(made / "one.jsonl", TALK)
    return made


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


# -- queries --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        ("ferry", [4, 0]), ("FERRY tariff", [0]), ("cafe", [1]), ("Café tariffs", [1]), ("tariff*", [1, 0]), ("tari", []),
        ('"night ferry"', [0]), ('"ferry night"', []), ("ferry_tariff", [2]), ("ferry -night", [4]), ("tariffs.toml", [1]),
        ('tariff -"café tariff"', [0]), ("ferr* role:error", [4]), ("role:user ferry", [0]), ("night*", [3, 0]),
        ("ferry agent:codex", []), ("ferry project:no-such", []), ("ferry since:2026-08-03T12:00:03Z", [4]), ("nightly", [3]),
    ],
)  # fmt: skip
def test_a_query_finds_the_same_with_the_index_and_by_reading(folder: Path, cache: Path, text: str, offsets: list[int]):
    build(folder, cache)
    places = [0]
    for record in TALK:
        places.append(places[-1] + len(encode(record)) + 1)
    wanted = [places[at] for at in offsets]
    assert [hit.offset for hit in hits(text, folder, cache, is_read=False)] == wanted
    assert [hit.offset for hit in hits(text, folder, None)] == wanted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('"open', "no second quotation mark"), ("!!! a", "no letter or digit"), ("role:nobody a", "there is no role"),
        ("since:soon a", "since:"), ("a OR b", "searched as a word"), ("f*o", "the * is left out"), ("-a", "name a word"),
        ("-role:user a", "only words and phrases"), (" ".join("abcdefghijklmnopqrstuvwxyz" * 2), "only the first 32"),
    ],
)  # fmt: skip
def test_what_a_query_is_not_understood_in_is_told(text: str, told: str):
    assert any(told in note for note in ask(text).notes)


@pytest.mark.parametrize(
    "text",
    ['"', "'", "*", "-", 'x"*', "NEAR(a b)", "a AND", "{x}: a", "^a", "a:b", "x NOT", '""', "a\x00b", "\ud800 a", "(", ";--",
     "words MATCH 'x'", "-" * 99, '"' * 99, "(((a OR b) AND", "\u0301", "東京 tower"],
)  # fmt: skip
def test_no_query_reaches_the_index_as_its_language(folder: Path, cache: Path, text: str):
    build(folder, cache)
    query = ask(text)
    assert all(char.isalnum() or char in '"*() _' for char in match_of(query))
    search = Search(query, on_disk(folder), cache)
    list(search.hits())
    assert search.progress.problem == ""


def test_characters_without_spaces_between_words_are_words():
    assert [word for _, _, word in words_of("東京タワーtower")] == [*"東京タワー", "tower"]


def test_reading_leaves_out_no_character_that_is_folded_to_ascii():
    """What a search that reads leaves out by bytes: every letter that may stand for an ASCII one must be seen."""
    letters = (chr(code) for code in range(0x80, 0x32000) if not 0xD800 <= code < 0xE000)
    missed = [
        char for char in letters
        if _WORD.fullmatch(char) and any(map(str.isascii, _folded(char))) and not _ODD.search(char.encode())
    ]  # fmt: skip
    assert missed == []


def test_both_agents_and_the_facts_of_lanes(folder: Path, cache: Path):
    write(
        folder / "rollout-2026.jsonl",
        [codex_meta(cwd="/srv/quay", seconds=10), codex_turn(seconds=11, cwd="/srv/quay"), codex_message("moor the ferry", seconds=12),
         codex_call("exec_command", {"cmd": "moor --ferry"}, seconds=13), codex_output("ferry moored", seconds=14)],
    )  # fmt: skip
    build(folder, cache)
    for where in (cache, None):
        found = hits("ferry", folder, where)
        assert [(hit.agent, hit.role) for hit in found] == [
            ("codex", "tool"), ("codex", "tool"), ("codex", "user"), ("claude", "error"), ("claude", "user"),
        ]  # fmt: skip
        assert found[0].project == "quay"
        assert found[0].title == "moor the ferry"
        assert [hit.agent for hit in hits("ferry project:QUA", folder, where)] == ["codex"] * 3


# -- secrets ----------------------------------------------------------------------------------------------


def test_no_secret_is_in_the_index(folder: Path, cache: Path):
    texts = [text for text, _ in SECRETS.values()]
    write(
        folder / "secrets.jsonl",
        [line for text in texts for line in (claude_user(f"use {text} now"), claude_call("Bash", {"command": text}),
                                             claude_result(text))],
    )  # fmt: skip
    build(folder, cache)
    held = b"".join(path.read_bytes() for path in cache.iterdir()).lower()
    for _, secret in SECRETS.values():
        pieces = [word for _, _, word in words_of(secret) if len(word) > 5]
        assert not [piece for piece in pieces if piece.encode() in held], secret
        assert hits(f'"{secret}"', folder, cache) == []


def test_no_long_word_with_digits_is_in_the_index(folder: Path, cache: Path):
    write(folder / "hex.jsonl", [claude_user("word 0123456789abcdef0123456789abcdef01 word2")])
    build(folder, cache)
    assert b"0123456789abcdef" not in (cache / NAME).read_bytes()
    assert len(hits("0123456789abcdef0123456789abcdef01 word2", folder, cache)) == 1


# -- transcripts that change ------------------------------------------------------------------------------


def test_a_transcript_that_grows_is_continued(folder: Path, cache: Path):
    build(folder, cache)
    before = SearchIndex(cache).files()
    write(folder / "one.jsonl", [claude_user("a second ferry", seconds=9)], "ab")
    search = Search(ask("second"), on_disk(folder), cache)
    assert len(list(search.hits())) == 1
    assert search.progress.left_bytes < 1000
    build(folder, cache)
    after = SearchIndex(cache).files()
    assert [row.id for row in before.values()] == [row.id for row in after.values()]
    assert len(hits("second", folder, cache, is_read=False)) == 1
    assert len(hits("ferry", folder, cache)) == 3


@pytest.mark.parametrize("change", ["replaced", "shorter", "rewritten", "deleted", "older", "renamed"])
def test_a_transcript_that_is_gone_or_other_has_no_hits(folder: Path, cache: Path, change: str):
    path = folder / "one.jsonl"
    build(folder, cache)
    other = [claude_user("An island without boats")]
    if change == "replaced":
        write(folder / "new", other).replace(path)
    elif change == "shorter":
        os.truncate(path, len(encode(TALK[0])) - 40)
        write(path, other, "ab")
    elif change == "rewritten":
        text = path.read_bytes().replace(b"ferry", b"coach")
        path.write_bytes(text)
        os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1000))
    elif change == "older":
        write(folder / "new", other).replace(path)
        os.utime(path, (1, 1))
    elif change == "renamed":
        path.rename(folder / "two.jsonl")
    else:
        path.unlink()
    wanted = {"renamed": 2}.get(change, 0)
    for is_built in (False, True):
        if is_built:
            build(folder, cache)
        assert len(hits("ferry", folder, cache)) == wanted
        assert len(hits("ferry", folder, cache, is_read=is_built)) == wanted * is_built


# -- an index that is damaged, foreign or written by two --------------------------------------------------


def damage(cache: Path, how: str) -> None:
    path = cache / NAME
    if how == "empty":
        path.write_bytes(b"")
    elif how == "head":
        path.write_bytes(b"x" * 100 + path.read_bytes()[100:])
    elif how == "page":
        data = bytearray(path.read_bytes())
        for start in range(4096, len(data), 4096):
            data[start : start + 2000] = bytes(2000)
        path.write_bytes(data)
    elif how == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif how == "version":
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version=7")
    elif how == "tables":
        with sqlite3.connect(path) as db:
            db.execute("DROP TABLE piece")
    elif how == "text":
        path.write_bytes(b"not a database, but a letter\n" * 500)


@pytest.mark.parametrize("how", ["empty", "head", "page", "cut", "version", "tables", "text"])
def test_a_damaged_index_costs_time_and_no_hit(folder: Path, cache: Path, how: str):
    build(folder, cache)
    damage(cache, how)
    assert len(hits("ferry", folder, cache)) == 2
    assert build(folder, cache) == {Outcome.DONE}
    search = Search(ask("ferry"), on_disk(folder), cache, is_read=False)
    assert len(list(search.hits())) == 2
    assert search.progress.problem == ""


@pytest.mark.parametrize("how", ["link", "open", "file", "link to file", "no room"])
def test_a_folder_that_is_not_private_holds_no_index(folder: Path, cache: Path, tmp_path: Path, how: str):
    if how == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        cache.symlink_to(tmp_path / "elsewhere")
    elif how == "open":
        cache.mkdir()
        cache.chmod(0o755)
    elif how == "file":
        cache.write_text("")
    elif how == "link to file":
        cache.mkdir(mode=0o700)
        (tmp_path / "letter").write_text("dear")
        (cache / NAME).symlink_to(tmp_path / "letter")
    else:
        cache = Path("/proc/no-such-folder")
    assert build(folder, cache) == {Outcome.FAILED}
    with pytest.raises(Unusable):
        SearchIndex(cache)
    assert len(hits("ferry", folder, cache)) == 2
    if how == "link to file":
        assert (tmp_path / "letter").read_text() == "dear"


def test_a_full_disk_costs_no_hit(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    build(folder, cache)
    write(folder / "two.jsonl", [claude_user(" ".join(f"ferry{at}" for at in range(9000)))])
    opened = search_index.SearchIndex._set_up

    def full(self: SearchIndex, *, writes: bool) -> None:
        opened(self, writes=writes)
        pages = self._db.execute("PRAGMA page_count").fetchone()[0]
        self._db.execute(f"PRAGMA max_page_count={pages}")

    monkeypatch.setattr(SearchIndex, "_set_up", full)
    assert build(folder, cache) == {Outcome.DONE, Outcome.FAILED}
    assert len(hits("ferry", folder, cache)) == 2
    assert len(hits("ferry77", folder, cache)) == 1
    monkeypatch.undo()
    assert build(folder, cache) == {Outcome.DONE}
    assert len(hits("ferry77", folder, cache, is_read=False)) == 1


def test_one_builds_and_the_other_waits_for_it(folder: Path, cache: Path):
    first, second = SearchBuilder(cache), SearchBuilder(cache)
    [found] = on_disk(folder)
    assert first.take(found) is Outcome.DONE
    assert second.take(found) is Outcome.BUSY
    assert len(hits("ferry", folder, cache, is_read=False)) == 2
    first.close()
    assert second.take(found) is Outcome.DONE
    second.close()
    assert (cache.stat().st_mode & 0o777, (cache / NAME).stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_killed_builder_leaves_an_index_that_another_continues(folder: Path, cache: Path, tmp_path: Path):
    """Killed at its first, second, ... document, so within a transaction or between two."""
    for number in range(6):
        write(folder / f"more{number}.jsonl", [claude_user(f"ferry number{number}", seconds=number)] * 20)
    code = """
import os, signal, sys
from pathlib import Path
from tests.history.test_search import build
from tui.history import search_index
made = search_index.indexed_words
left = int(sys.argv[3])
def counted(text):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return made(text)
search_index.indexed_words = counted
build(Path(sys.argv[1]), Path(sys.argv[2]))
"""
    for left in (3, 45):
        done = subprocess.run(
            [sys.executable, "-c", code, str(folder), str(cache), str(left)], check=False, cwd=Path(__file__).parents[2]
        )
        assert done.returncode == -signal.SIGKILL
        assert len(hits("ferry", folder, cache)) == 122
    assert build(folder, cache) == {Outcome.DONE}
    index = SearchIndex(cache, writes=True)
    index.check()
    index.close()
    assert len(hits("ferry", folder, cache, is_read=False)) == 122


def test_a_process_builds_it_and_lets_the_lock_go(folder: Path, cache: Path):
    build(folder, cache)
    gone = write(folder / "gone.jsonl", [claude_user("gone")])
    build(folder, cache)
    gone.unlink()
    write(folder / "two.jsonl", [claude_user("a third ferry")])
    background = SearchBuild(cache)
    states: list[int] = []
    background.want(on_disk(folder))
    state = background.wait(lambda state: states.append(state.left))
    assert (state.left, state.problem) == (0, "")
    assert len(hits("third", folder, cache, is_read=False)) == 1
    assert {Path(path).name for path in SearchIndex(cache).files()} == {"one.jsonl", "two.jsonl"}
    other = SearchBuilder(cache)
    assert other.take(on_disk(folder)[0]) is Outcome.DONE
    other.close()
    background.close()
    assert size_of(cache) > 0


# -- the command --------------------------------------------------------------------------------------------


def test_the_command_prints_hits_as_lines_and_as_json(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    from tui.cli.main import main

    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    place = ["--path", str(folder)]
    assert main(["search", "nightly", *place]) == 0
    said = capsys.readouterr()
    assert "2026-08-03 12:00  error  claude:5f0c21aa" in said.out
    assert "\x1b" not in said.out
    assert "1 of 1 transcripts" in said.err
    assert "they were read for this search" in said.err
    assert main(["search", "--build", *place]) == 0
    assert (cache / "lanewatch" / NAME).exists()
    assert main(["search", "ferry", "--role", "user", "--json", *place]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(hit["role"], hit["lane"], hit["offset"]) for hit in told["hits"]] == [("user", "claude:5f0c21aa", 0)]
    assert told["transcripts"] == {"total": 1, "indexed": 1, "scanned": 0, "bytes_not_indexed": 0}
    assert main(["search", "nothing-of-this", place[-1], *place]) == 1
    assert "name it by --path" in capsys.readouterr().err
    assert main(["search", "nightly", place[-1]]) == 0  # as the other commands, which take paths last
    said = capsys.readouterr()
    assert f"searched in {folder}, as with --path" in " ".join(said.err.split())
    assert "claude:5f0c21aa" in said.out
    (folder.parent / "empty").mkdir()
    monkeypatch.chdir(folder.parent)
    assert main(["search", "nothing-of-this", "empty"]) == 1
    assert "searched in" not in capsys.readouterr().err  # a folder without transcripts may well be a word
    assert main(["search", "!!", *place]) == 1
    assert "no letter or digit" in capsys.readouterr().err
