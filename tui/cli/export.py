"""`lanewatch export`: writes redacted transcripts into one file, which every command can read like the originals."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from tui import __version__
from tui.agents.registry import Sidecar, make_reader, sidecar_for
from tui.cli.common import CommandError, Common, now, say
from tui.cli.session import settings_of, since_of
from tui.control import audit
from tui.io.files import Refused, is_inside, open_transcript, refusal
from tui.io.json_fields import parse_raw, stamp
from tui.io.lines import BadLine, Line
from tui.model.event import UnreadableLine
from tui.model.frozen import frozen
from tui.sources.bundle import JOURNAL, SCHEMA, BundleError, BundleWriter, wrong_name
from tui.sources.bundle_paths import Homes
from tui.sources.discover import Root, find, homes, on_disk, places
from tui.sources.transcript import NOT_KNOWN
from tui.sources.whole_lines import NoLine, look, whole_lines
from tui.text.redact import Redactor
from tui.text.safe_text import SafeText, safe_path, safe_text
from tui.text.styled_text import joined, own
from tui.view.json_out import dumps, iso

LEFT_OUT = b'"left out: this line could not be read, so it could not be redacted"\n'
"""Replaces a line that a reader skipped. It is JSON but not an object, so that a reader of the bundle skips it too."""
EMPTY_AT_ONCE = 4096
NOTHING = "no transcript of a known agent in that window"
NO_JSON = "cannot be read as JSON, so its content is unknown"

_ACTOR = re.compile(r"\A[^(]*(?= \()")


@frozen
class ExportArgs:
    """The options of an export. Times are seconds UTC."""

    out: Path
    force: bool = False
    start: float | None = None
    """Transcripts that were last changed before this time are left out."""
    end: float | None = None
    """Each transcript is exported as it was at this time."""
    as_json: bool = False


@dataclass(slots=True)
class _Source:
    """One transcript that is added to the bundle."""

    path: str
    agent: str
    name: str
    lines: int = 0
    left_out: int = 0
    why: str = ""
    """The reason why the first left-out line was left out."""
    last: float | None = None


@dataclass(slots=True)
class _Export:
    """The state of one export in progress."""

    redactor: Redactor
    roots: list[Root]
    line_cap: int
    end: float | None
    homes: Homes = field(default_factory=Homes)
    sources: list[_Source] = field(default_factory=list[_Source])
    added: list[_Source] = field(default_factory=list[_Source])
    """The sources of which at least one line was written."""
    left_out: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    sidecars: int = 0
    entries: int = 0

    @property
    def inside(self) -> list[str]:
        """The real paths of the roots; no link may lead out of them."""
        return [root.path for root in self.roots]


def run(common: Common, args: ExportArgs) -> int:
    """Writes the bundle and prints what was removed from it.

    Raises:
        CommandError: no transcript was found, or the bundle could not be written.
    """
    settings = settings_of(common)
    start = args.start
    if start is None and (common.since is not None or args.end is None):
        start, _ = since_of(common, settings, now())
    roots, refused = places(common.paths) if common.paths else (homes(os.environ, Path.home()), [])
    export = _Export(Redactor(str(Path.home())), on_disk(roots), settings.watch.line_cap_mib * 1024 * 1024, args.end)
    _gather(export, start, refused)
    if not export.sources:
        raise CommandError("; ".join(f"{skip.path}: {skip.why}" for skip in refused) or NOTHING)
    try:
        with BundleWriter(args.out, overwrite=args.force) as writer:
            for source in export.sources:
                _add(writer, export, source)
            if not export.added:
                raise CommandError("none of these transcripts has a readable line in that window")
            _add_journal(writer, export)
            manifest = _manifest(writer, export, start, args.end)
            size = writer.finish(manifest)
    except BundleError as error:
        raise CommandError(str(error)) from error
    if args.as_json:
        sys.stdout.write(dumps(manifest) + "\n")
    else:
        say(_summary(args.out, export, writer, size))
    return 0


# -- what goes in ------------------------------------------------------------------------------------


def _gather(export: _Export, start: float | None, refused: list[UnreadableLine]) -> None:
    """Collects all transcripts with their names in the bundle, sorted. The redactor stores the names in their paths."""
    looked: list[tuple[str, str]] = []
    for found in sorted(find(export.roots, start, refused.append), key=lambda each: each.path):
        try:
            seen = look(found.path, _root(export, found.path).agent_hint, export.inside, export.line_cap)
        except (Refused, OSError) as error:
            export.left_out.append({"name": Path(found.path).name, "why": _why(error)})
            continue
        for folder in seen.folders:
            export.redactor.learn(folder)
        if seen.agent is None:
            export.left_out.append({"name": Path(found.path).name, "why": NOT_KNOWN})
        elif export.end is None or seen.began is None or seen.began <= export.end:
            looked.append((found.path, seen.agent))
    taken: set[str] = set()
    for path, agent in looked:
        name = export.redactor.name(export.homes.place(path, agent, _root(export, path)))
        why = "another transcript has this name" if name in taken else wrong_name(name)
        if why is not None:
            export.left_out.append({"name": name, "why": why})
            continue
        taken.add(name)
        export.sources.append(_Source(path, agent, name))
    export.sources.sort(key=lambda each: each.name)
    for skip in refused:  # the target of a link is private
        export.left_out.append({"name": Path(skip.path).name, "why": skip.why.partition(", to ")[0]})
    for one in export.left_out:
        one["name"] = export.redactor.name(one["name"])


def _root(export: _Export, path: str) -> Root:
    """The root that contains a path, the innermost of several."""
    return max((root for root in export.roots if is_inside(path, [root.path])), key=lambda root: len(root.path))


def _add(writer: BundleWriter, export: _Export, source: _Source) -> None:
    try:
        is_there = writer.add(source.name, _redacted(export, source)) is not None
    except Refused as error:  # it was removed after it was found
        export.left_out.append({"name": source.name, "why": _why(error)})
        return
    if source.left_out:
        export.left_out.append({"name": source.name, "lines": source.left_out, "why": source.why})
    if not is_there:
        return  # it began after the end of the window
    export.added.append(source)
    sidecar = sidecar_for(source.path)
    if sidecar is not None and (data := _sidecar(export, sidecar)) is not None:
        writer.add(sidecar.kind.sidecar_of(source.name), [data])
        export.sidecars += 1


def _redacted(export: _Export, source: _Source) -> Iterator[bytes]:
    """The redacted lines of a transcript, each at its line number.

    Raises:
        Refused: the transcript cannot be read.
    """
    number = 1
    for line in _lines(source.path, export):
        if line.number > number:
            yield from _empty(line.number - number)
        made = _line(export, source, line)
        if made is None:
            return
        yield made
        number = line.number + 1
        source.lines += 1


def _lines(path: str, export: _Export) -> Iterator[Line | NoLine]:
    """The lines of a transcript. An error here belongs to the transcript, not to the bundle."""
    try:
        yield from whole_lines(path, export.inside, export.line_cap)
    except OSError as error:
        raise refusal(path, error) from error


def _empty(count: int) -> Iterator[bytes]:
    """Empty lines, which keep the line numbers of the lines after them."""
    while count > 0:
        yield b"\n" * min(count, EMPTY_AT_ONCE)
        count -= EMPTY_AT_ONCE


def _line(export: _Export, source: _Source, line: Line | NoLine) -> bytes | None:
    """One line as written to the bundle; None after the end of the window."""
    if isinstance(line, NoLine):
        _leave_out(source, line.why)
        return LEFT_OUT if line.is_told else b""
    try:
        record = parse_raw(line.data)
    except BadLine:
        _leave_out(source, NO_JSON)
        return LEFT_OUT if _is_told(source.agent, line) else b"\n"
    at = stamp(record.get("timestamp"))
    if at is not None:
        if export.end is not None and at > export.end:
            return None
        source.last = at if source.last is None else max(at, source.last)
    return orjson.dumps(export.redactor.value(record), option=orjson.OPT_APPEND_NEWLINE)


def _is_told(agent: str, line: Line) -> bool:
    """True if a reader reports that it skipped this line; it ignores some lines without a report."""
    try:
        make_reader(agent).read(line)
    except BadLine:
        return True
    return False


def _leave_out(source: _Source, why: str) -> None:
    source.left_out += 1
    source.why = source.why or why


def _sidecar(export: _Export, sidecar: Sidecar) -> bytes | None:
    """The redacted sidecar of a lane; None if there is none. An unreadable one is replaced by `LEFT_OUT`."""
    try:
        opened = open_transcript(sidecar.path, export.inside)
    except Refused:
        return None
    try:
        data = os.read(opened.fd, sidecar.kind.size_cap + 1)
    finally:
        os.close(opened.fd)
    try:
        return orjson.dumps(export.redactor.value(parse_raw(data)), option=orjson.OPT_APPEND_NEWLINE)
    except BadLine:
        return LEFT_OUT


def _add_journal(writer: BundleWriter, export: _Export) -> None:
    """Adds the audit log entries about these lanes. The actor becomes `operator`, without a name."""
    from tui.cli.control import control_folder

    sessions = {_session(source.path) for source in export.added}
    lines: list[bytes] = []
    for entry in audit.read(control_folder()):
        if entry.session not in sessions or (export.end is not None and entry.at > export.end):
            continue
        actors = {"by": _ACTOR.sub("operator", entry.by), "run_by": _ACTOR.sub("operator", entry.run_by)}
        fields = {"v": 1, **asdict(entry), **actors}
        lines.append(orjson.dumps(export.redactor.value(fields), option=orjson.OPT_APPEND_NEWLINE))
    export.entries = len(lines)
    if lines:
        writer.add(JOURNAL, lines)


def _session(path: str) -> str:
    """The session of a transcript.

    For Claude Code it is the name of the file, for Codex the end of that name, for a subagent the name of its folder.
    """
    parts = path.removesuffix(".zst").removesuffix(".jsonl").split("/")
    if parts[-1].startswith("agent-") and "subagents" in parts:
        return parts[parts.index("subagents") - 1]
    return parts[-1][-36:] if parts[-1].startswith("rollout-") else parts[-1]


def _why(error: Refused | OSError) -> str:
    return error.why if isinstance(error, Refused) else f"cannot be read ({error.strerror or error})"


# -- the manifest and the summary ------------------------------------------------------------------------------


def _manifest(writer: BundleWriter, export: _Export, start: float | None, end: float | None) -> dict[str, Any]:
    """The manifest, schema 1. Within a schema a key is never removed and never changes its meaning."""
    by_name = {source.name: source for source in export.added}
    labels = sorted({source.name.split("/")[1] for source in export.added})
    return {
        "schema": SCHEMA,
        "lanewatch": __version__,
        "window": {"from": iso(start), "to": iso(end)},
        "homes": [{"folder": label, "agent": export.homes.hints.get(label)} for label in labels],
        "files": [
            {
                **asdict(file),
                "lines": by_name[file.name].lines if file.name in by_name else None,
                "last": by_name[file.name].last if file.name in by_name else None,
            }
            for file in writer.files
        ],
        "lines": sum(source.lines for source in export.added),
        "redactions": dict(sorted(export.redactor.counts.items())),
        "left_out": export.left_out,
    }


def _summary(out: Path, export: _Export, writer: BundleWriter, size: int) -> list[SafeText]:
    """The summary that a person should read before sharing the bundle."""
    import humanize

    plain = humanize.naturalsize(sum(file.size for file in writer.files))
    contents = f"{len(export.added)} transcripts, {export.sidecars} sidecars, {export.entries} journal entries"
    taken = ", ".join(f"{count} {kind}" for kind, count in sorted(export.redactor.counts.items()))
    lines = [
        joined(safe_path(str(out)), own(": "), safe_text(f"{contents}; {plain} in {humanize.naturalsize(size)}")),
        safe_text(f"removed: {taken or 'nothing'}"),
    ]
    for one in export.left_out:
        what = f"{one['lines']} lines of " if "lines" in one else ""
        lines.append(
            joined(own("left out: "), safe_text(what), safe_path(one["name"]), own(": "), safe_text(one["why"]))
        )
    lines.append(
        own("secrets that have no known form, and names in prose, are still in it: check it before you share it")
    )
    return lines
