"""Runs commands of the user (`user_commands.py`) for a lane.

There is no shell. Each value that replaces a placeholder is checked first, because a transcript may name any folder and
any session: a value must be one word, not begin with `-`, have no signs of code, and name something that exists.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tui.control import audit
from tui.control.audit import AuditRecord
from tui.control.folder import ControlFolder, FolderError
from tui.control.routes.tmux import client as tmux
from tui.control.user_commands import UserCommand, filled
from tui.model.frozen import frozen
from tui.model.snapshot import Lane

TAIL_BYTES = 64 * 1024
"""The most bytes that are kept of the output of a command in the background."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._/@-]{0,255}")
_SESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_LONGEST_PATH = 4096
_CODE_SIGNS = frozenset("$`;&|<>\"'\\")
"""Signs in a path that end a word or begin a command in the code of most languages. A program may run what it is given
as a word, as ssh does."""
_PLAIN_PATH = re.compile(r"[\w/.,:=@%+-]*")


class NotRun(Exception):
    """The reason why a command was not started. It may quote a path, so it is untrusted text for display."""


@frozen
class Prepared:
    """A command with all values in place, ready to be started."""

    command: UserCommand
    lane: str
    session: str
    argv: tuple[str, ...]
    folder: str | None
    """The working folder; None: that of lanewatch."""


@frozen
class Ended:
    """A program that has ended: its exit code, its seconds, and the end of its output (untrusted text)."""

    code: int
    seconds: float
    output: str = ""


def prepared(command: UserCommand, lane: Lane, run: tmux.Run = tmux.run_tmux) -> Prepared:
    """The command with the values of a lane. It asks tmux only if the command uses `{pane}`; call it from a thread.

    Raises:
        NotRun: a value is missing or not safe, or the program is not installed.
    """
    values = {name: _CHECKS[name](lane, run) for name in sorted(command.needs)}
    for name in command.parts_of_words:
        if not _PLAIN_PATH.fullmatch(values[name]):
            raise NotRun(f"{{{name}}} stands within a word, and its value has signs that could be code there")
    program = shutil.which(command.argv[0])
    if program is None:
        raise NotRun(f"{command.argv[0]} is not installed")
    # A relative path would be looked up again in the lane's folder, where an agent could have put a program.
    argv = (str(Path(program).absolute()), *filled(command.argv[1:], values))
    return Prepared(command, lane.id, lane.session, argv, values["folder"] if command.in_folder else None)


def _lane_id(lane: Lane, _run: tmux.Run) -> str:
    return _matching(_ID, lane.id, "the lane's id")


def _session(lane: Lane, _run: tmux.Run) -> str:
    return _matching(_SESSION, lane.session, "its session id")


def _matching(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not pattern.fullmatch(value) or ".." in value:
        raise NotRun(f"{what} has characters that are not passed on")
    return value


def _transcript(lane: Lane, _run: tmux.Run) -> str:
    path = _path(lane.path, "its transcript")
    if not stat.S_ISREG(_seen(path, "its transcript").st_mode):
        raise NotRun("its transcript is not a file")
    return path


def _folder(lane: Lane, _run: tmux.Run) -> str:
    if lane.recording:
        raise NotRun(f"its folder is not used: {lane.recording}")
    if not lane.cwd:
        raise NotRun("its folder is not known")
    path = _path(lane.cwd, "its folder")
    seen = _seen(path, "its folder")
    if not stat.S_ISDIR(seen.st_mode):
        raise NotRun("its folder is not a folder")
    if seen.st_uid != os.geteuid():
        raise NotRun("its folder belongs to somebody else")
    return path


def _pane(lane: Lane, run: tmux.Run) -> str:
    if lane.process is None:
        raise NotRun("its process is not known, so its pane is not")
    try:
        pane = tmux.pane_of(lane.process.pid, start=lane.process.start, run=run)
    except tmux.TmuxError as error:
        raise NotRun(str(error)) from error
    if pane is None:
        raise NotRun("no tmux pane holds its process")
    return pane.id


def _path(path: str, what: str) -> str:
    """Checks that the path is absolute, in its shortest form, printable, and without signs of code.

    An absolute path never begins with `-`.
    """
    if (
        not path.startswith("/")
        or len(path) > _LONGEST_PATH
        or not path.isprintable()
        or os.path.normpath(path) != path
    ):
        raise NotRun(f"the path of {what} is not passed on: it is not a plain absolute path")
    if not _CODE_SIGNS.isdisjoint(path):
        raise NotRun(f"the path of {what} is not passed on: it has signs that a program could take for code")
    return path


def _seen(path: str, what: str) -> os.stat_result:
    try:
        return os.stat(path)  # noqa: PTH116 (a path as text, exactly as it is passed on)
    except (OSError, ValueError) as error:
        raise NotRun(f"{what} is not there") from error


_CHECKS: Mapping[str, Callable[[Lane, tmux.Run], str]] = {
    "id": _lane_id, "session": _session, "transcript": _transcript, "folder": _folder, "pane": _pane,
}  # fmt: skip
"""The checked value of each placeholder."""


# -- running ------------------------------------------------------------------------------------


async def in_background(ready: Prepared) -> Ended:
    """Runs it without a terminal and waits for its end. Its output is read, and the last part of it is kept.

    Raises:
        NotRun: it cannot be started.
    """
    began = time.monotonic()
    try:
        process = await asyncio.create_subprocess_exec(
            *ready.argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, cwd=ready.folder, start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        raise NotRun(str(error)) from error
    kept = b""
    if process.stdout is not None:
        while data := await process.stdout.read(TAIL_BYTES):
            kept = (kept + data)[-TAIL_BYTES:]
    code = await process.wait()
    return Ended(code, time.monotonic() - began, kept.decode(errors="replace"))


def on_screen(ready: Prepared) -> Ended:
    """Runs it on the terminal, which the caller has freed, and waits for its end.

    Raises:
        NotRun: it cannot be started.
    """
    began = time.monotonic()
    try:
        code = subprocess.run(ready.argv, check=False, cwd=ready.folder).returncode
    except (OSError, ValueError) as error:
        raise NotRun(str(error)) from error
    return Ended(code, time.monotonic() - began)


def in_tmux(ready: Prepared, run: tmux.Run = tmux.run_tmux) -> str:
    """Runs it in a new pane or window of the tmux server that lanewatch runs in. Returns the id of the pane.

    Raises:
        NotRun: lanewatch does not run inside tmux, or tmux refused.
    """
    at = ["-c", _start_folder(ready.folder)] if ready.folder is not None else []
    made = "split-window" if ready.command.run == "pane" else "new-window"
    # tmux runs a single word by a shell, and several words without one.
    argv = ready.argv if len(ready.argv) > 1 else (shutil.which("env") or "/usr/bin/env", *ready.argv)
    try:
        return run([made, "-P", "-F", "#{pane_id}", *at, "--", *map(_whole_word, argv)]).strip()
    except tmux.TmuxError as error:
        raise NotRun(str(error)) from error


def _start_folder(folder: str) -> str:
    """The folder in a form that tmux takes literally. tmux would expand `#(...)` and so run a program."""
    if "#" in folder:
        raise NotRun("its folder has a # in its name, which tmux would interpret")
    return folder


def _whole_word(word: str) -> str:
    """The word in a form that tmux takes literally: a semicolon at the end would begin another command of tmux."""
    return f"{word[:-1]}\\;" if word.endswith(";") else word


# -- the audit log ------------------------------------------------------------------------------


class CommandLog:
    """Writes commands of the user to the audit log: before each is started, and its result."""

    def __init__(self, folder: ControlFolder, clock: Callable[[], float]) -> None:
        """`clock` returns seconds UTC."""
        self._folder = folder
        self._clock = clock

    def begin(self, ready: Prepared) -> str:
        """Writes the command that is about to be started. Returns the id for its other lines.

        Raises:
            NotRun: the log cannot be written, so nothing is started.
        """
        order = secrets.token_hex(8)
        try:
            self._folder.prepare()
            audit.append(self._folder, self._record(ready, order, "asked", _words(ready.argv)))
        except FolderError as error:
            raise NotRun(str(error)) from error
        return order

    def end(self, ready: Prepared, order: str, stage: str, words: str) -> str:
        """Writes the result. Returns the reason why the log cannot be written; empty if it was written."""
        try:
            audit.append(self._folder, self._record(ready, order, stage, words))
        except FolderError as error:
            return str(error)
        return ""

    def _record(self, ready: Prepared, order: str, stage: str, words: str) -> AuditRecord:
        return AuditRecord(
            self._clock(), audit.actor(), f"run {ready.command.name}", ready.lane, order, stage, ready.command.run,
            words, "", "", ready.session,
        )  # fmt: skip


def _words(argv: Sequence[str]) -> str:
    """The arguments as they are passed, each in quotes, so that two words cannot be read as one."""
    return " ".join(repr(word) for word in argv)
