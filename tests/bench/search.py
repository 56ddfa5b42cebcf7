"""The search: each word of random sentences finds its transcript, no planted secret is in the index, and how quickly."""

from __future__ import annotations

import os
import random
import re
import shutil
import tempfile
import time
from pathlib import Path

from tests.agents.builders import claude_call, claude_result, claude_user
from tests.history.test_search import on_disk, write
from tests.share.planting import HIDING, SECRETS
from tui.conversation.line_file import LineFile
from tui.history.documents import ASSISTANT, USER, DocumentReader, agent_of
from tui.history.search import Search
from tui.history.search_build import SearchBuilder
from tui.history.search_index import size_of
from tui.history.search_words import is_indexed, read_query, words_of
from tui.sources.discover import Found

REAL = Path(os.environ.get("LANEWATCH_CORPUS", Path(__file__).resolve().parents[3] / "shared" / "real"))
TRANSCRIPTS, SENTENCES = 20, 10


def run(*, quick: bool) -> None:
    """Prints the figures."""
    if not REAL.is_dir():
        print("LANEWATCH_CORPUS names no folder of transcripts: left out")
        return
    with tempfile.TemporaryDirectory() as place:
        _measure(Path(place), quick=quick)


def _measure(place: Path, *, quick: bool) -> None:
    logs, cache = place / "logs", place / "cache"
    shutil.copytree(REAL, logs)
    for one in (logs, *logs.rglob("*")):
        one.chmod(0o755 if one.is_dir() else 0o644)
    texts = {found.path: _sentences(found) for found in on_disk(logs)}
    found = on_disk(logs)
    raw = sum(one.size for one in found)
    builder = SearchBuilder(cache)
    began = time.perf_counter()
    for one in found[: len(found) // 2]:
        builder.take(one)
    half = time.perf_counter() - began
    first = [_first_hit(word, found, cache) for word in ("the", "test", "file", "error", "function")]
    print(f"half built: first hit after {_ms(first)} (median, worst of {len(first)} words)")
    began = time.perf_counter()
    for one in found:
        builder.take(one)
    print(f"{len(found)} transcripts, {raw / 1e6:.1f} MB: built in {half + time.perf_counter() - began:.1f} s")
    builder.close()
    print(f"index {size_of(cache) / 1e6:.2f} MB, {size_of(cache) / raw:.1%} of it")
    _every_word(texts, found, cache, 5 if quick else TRANSCRIPTS)
    _planted_secrets(place)


def _planted_secrets(place: Path) -> None:
    """Looks for secrets in an index of nothing else: parts of some are common words."""
    logs, cache = place / "planted", place / "planted-cache"
    logs.mkdir()
    write(logs / "planted.jsonl", list(_planted()))
    builder = SearchBuilder(cache)
    for one in on_disk(logs):
        builder.take(one)
    builder.close()
    held = b"".join(path.read_bytes() for path in cache.glob("search.db*")).lower()
    pieces = {word for _, secret in SECRETS.values() for _, _, word in words_of(secret) if len(word) > 5}
    print(
        f"{len(pieces)} parts of {len(SECRETS)} planted secrets: {[one for one in pieces if one.encode() in held]} are in it"
    )


def _every_word(texts: dict[str, list[str]], found: list[Found], cache: Path, count: int) -> None:
    chance = random.Random(5)
    chosen = chance.sample([path for path, said in texts.items() if len(said) >= SENTENCES], count)
    asked = missed = left_out = 0
    took: list[float] = []
    for path in chosen:
        only = [one for one in found if one.path == path]  # without reading the newer hits of others
        for sentence in chance.sample(texts[path], SENTENCES):
            for word in {word for _, _, word in words_of(sentence)}:
                if not is_indexed(word):
                    left_out += 1
                    continue
                asked += 1
                began = time.perf_counter()
                search = Search(read_query(f'"{word}"', 0.0, ()), only, cache, is_read=False)
                if next(search.hits(), None) is None:
                    missed += 1
                    print(f"  {word} of {path} was not found")
                took.append(time.perf_counter() - began)
    print(f"{asked} words of {count} transcripts: {missed} not found, {left_out} too long to be in the index")
    print(f"the first hit of a word in a given transcript: {_ms(took)} (median, worst)")


def _first_hit(word: str, found: list[Found], cache: Path) -> float:
    began = time.perf_counter()
    next(Search(read_query(word, 0.0, ()), found, cache).hits(), None)
    return time.perf_counter() - began


def _sentences(found: Found) -> list[str]:
    """The sentences that people and models wrote in a transcript. Its file gets the time of its last line."""
    file = LineFile(found.path)
    agent = agent_of(file)
    if agent is None:
        return []
    reader, offset, said, last = DocumentReader(found.path, agent), 0, [], 0.0
    while offset < file.size:
        lines, end = file.after(offset, 1 << 20)
        for document in (one for line in lines for one in reader.take(line)):
            last = max(last, document.at or 0.0)
            if document.role in (USER, ASSISTANT):
                said += [one for one in re.split(r"(?<=[.!?])\s+|\n", document.text) if len(one.split()) >= 3]
        if end == offset:
            break
        offset = end
    file.close()
    if last:
        os.utime(found.path, (last, last))
    return said


def _planted():
    for hide in HIDING.values():
        for text, secret in SECRETS.values():
            hidden = hide(text, secret)
            yield from (
                claude_user(f"use {hidden} now"),
                claude_call("Bash", {"command": hidden}),
                claude_result(hidden),
            )


def _ms(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2] * 1000:.1f} ms, {ordered[-1] * 1000:.1f} ms"
