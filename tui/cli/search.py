"""`lanewatch search`: prints the hits of a search through all conversations."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from tui.agents.registry import AGENTS
from tui.cli.ansi import show
from tui.cli.common import CommandError, Common, home_roots, named_roots, now, say, say_aside
from tui.cli.session import settings_of
from tui.config.paths import Paths
from tui.config.schema import Settings
from tui.history.search import Search
from tui.history.search_build import BuildState, SearchBuild
from tui.history.search_index import size_of
from tui.history.search_words import Query, read_query
from tui.model.frozen import frozen
from tui.sources.discover import Found, find, places
from tui.text.format import number, size
from tui.text.safe_text import safe_text
from tui.text.styled_text import Line, Span, joined, own
from tui.text.times import ALL, moment
from tui.view.json_out import dumps
from tui.view.search import count_words, covered, note_lines, printed_hit, search_json


@frozen
class Asked:
    """What is searched for, as given on the command line. None: no restriction."""

    words: str
    project: str | None = None
    agent: str | None = None
    since: str | None = None
    role: str | None = None
    limit: int | None = None
    """The most hits; None: all."""
    builds: bool = False
    """True if the index is brought up to date first."""


def index_folder(common: Common, settings: Settings) -> Path | None:
    """The folder with the search index; None: none is kept, as for a demo."""
    if common.demo is not None or not settings.search.index:
        return None
    return Paths.of(os.environ, Path.home()).cache


def transcripts(common: Common, settings: Settings) -> list[Found]:
    """The transcripts that are searched, newest first.

    Raises:
        CommandError: none of the named paths exists.
    """
    if common.demo is not None:
        return find(common.demo.roots())
    return find(named_roots(common)[0] if common.paths else home_roots(settings))


def names_transcripts(words: Sequence[str]) -> bool:
    """Whether the last of several words is a path with transcripts, as other commands take it."""
    if len(words) < 2 or not os.path.lexists(words[-1]):
        return False
    return bool(find(places(words[-1:])[0]))


def say_taken_as_path(path: str) -> None:
    """Says on standard error that the last word was taken as a path."""
    told = joined(own("searched in "), safe_text(path, limit=200), own(", as with --path; as the first word it is one"))
    show([(Span(told, "dim"),)], sys.stderr)


def run(common: Common, asked: Asked, *, as_json: bool) -> int:
    """Prints the hits as they are found. Exit code 1 if there are none.

    Raises:
        CommandError: no word was given, or `--since` is not understood.
    """
    settings = settings_of(common)
    query = _query(asked)
    if not query.wanted and not (asked.builds and not asked.words):
        raise CommandError("; ".join(query.notes) or "name words to search for")
    found = transcripts(common, settings)
    folder = index_folder(common, settings)
    if asked.builds:
        _build(folder, found)
        if not query.wanted:
            return 0
    search = Search(query, found, folder)
    hits = islice(search.hits(), asked.limit)
    if as_json:
        listed = list(hits)
        is_whole = asked.limit is None or len(listed) < asked.limit
        sys.stdout.write(dumps(search_json(listed, query, search.progress, query.notes, is_whole=is_whole)) + "\n")
        return 0 if listed else 1
    show(note_lines(query), sys.stderr)
    count = 0
    for hit in hits:
        count += 1
        say(printed_hit(hit, query))
        sys.stdout.flush()
    _tell(search, count, asked.limit)
    if not count:
        show(_why_none(asked.words, len(found)), sys.stderr)
    return 0 if count else 1


def _why_none(words: str, transcripts: int) -> list[Line]:
    """What may be wrong with a search without hits."""
    lines: list[Line] = []
    path = next((word for word in words.split() if "/" in word and os.path.lexists(word)), None)
    if path is not None:
        told = joined(own("to search in "), safe_text(path, limit=200), own(", name it by --path; here it was a word"))
        lines.append((Span(told, "dim"),))
    if not transcripts:
        lines.append((Span(own("no transcript was found: --path names others, --demo a running demo"), "dim"),))
    return lines


def _query(asked: Asked) -> Query:
    at = now()
    query = read_query(asked.words, at, [agent.name for agent in AGENTS])
    since = query.since
    if asked.since is not None and asked.since != ALL:
        try:
            since = moment(asked.since, at)
        except ValueError as error:
            raise CommandError(f"--since {asked.since}: {error}") from error
    return replace(
        query, role=asked.role or query.role, agent=asked.agent or query.agent, since=since,
        project=asked.project.casefold() if asked.project else query.project,
    )  # fmt: skip


def _tell(search: Search, count: int, limit: int | None) -> None:
    is_whole = limit is None or count < limit
    lines: list[Line] = [(Span(count_words(count, is_whole=is_whole), "dim"),)]
    if told := covered(search.progress, is_done=is_whole):
        lines.append((Span(told, "dim"),))
        if search.progress.problem:
            lines.append((Span(safe_text(search.progress.problem, limit=300), "dim"),))
        lines.append((Span(own("the screen brings the index up to date, or lanewatch search --build"), "dim"),))
    show(lines, sys.stderr)


def _build(folder: Path | None, found: Sequence[Found]) -> None:
    """Brings the index up to date.

    Raises:
        CommandError: no index is kept, or it cannot be written.
    """
    if folder is None:
        raise CommandError("no search index is kept: see [search] index in the configuration")
    build = SearchBuild(folder)

    def told(state: BuildState) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number(state.left)} transcripts left ({size(state.left_bytes)})\x1b[K")
            sys.stderr.flush()

    try:
        build.want(found)
        state = build.wait(told)
    finally:
        build.close()
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if state.problem:
        raise CommandError(state.problem)
    say_aside([joined(own("the search index has "), number(len(found)), own(" transcripts: "), size(size_of(folder)))])
