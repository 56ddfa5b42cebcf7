"""Keys and text into the pane of an agent's client, and into nothing else.

Whatever is pasted into a pane whose client has gone is run by the shell there. So before each send the client must be
alive (number and start) and be the foreground of the terminal, and the pane must be the very one, not in a mode, not
synchronized with others and open for input. What tmux knows is asked and acted on in one command of its server, so that
nothing can come between; that the client is in the foreground is looked at right before.

A paste is bracketed where the client asked for that, holds no control characters, and its Enter comes a moment later:
clients take an Enter inside a paste for a new line.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from dataclasses import dataclass

import psutil

from tui.control.signals import START_SLACK_S, terminal_of
from tui.control.tmux import Pane, TmuxError, all_panes, ask_server, pane_above

LONGEST = 10_000
DEADLINE_S = 3.0
"""A tmux that hangs is given up after that."""
_REFUSED = "lanewatch-refused"


class TypingRefused(Exception):
    """Why nothing was typed, as one line."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Where keys may go, as it was when the operator decided."""

    server: str
    """The socket of the tmux server."""
    pane: str
    pane_pid: int
    pane_tty: str
    client_pid: int
    client_started: float


def aim_at(client_pid: int, client_started: float | None) -> Aim:
    """The pane of a client.

    Raises:
        TypingRefused: the client has gone or is another process, or it is in no pane.
    """
    started = _started(client_pid)
    if client_started is not None and abs(started - client_started) > START_SLACK_S:
        raise TypingRefused(f"process {client_pid} is another one by now: the client has gone")
    pane = _pane_above(client_pid)
    aim = Aim(pane.server, pane.id, pane.pid, pane.tty, client_pid, started)
    check(aim)
    return aim


def check(aim: Aim) -> None:
    """Looks whether keys may still go there.

    Raises:
        TypingRefused: the client has gone or is not in front.
    """
    if abs(_started(aim.client_pid) - aim.client_started) > START_SLACK_S:
        raise TypingRefused(f"process {aim.client_pid} is another one by now: the client has gone")
    front = _foreground_group(aim.client_pid, aim.pane_tty)
    if front is None:
        raise TypingRefused(f"pane {aim.pane} is not the terminal of the client")
    try:
        group = os.getpgid(aim.client_pid)
    except OSError as error:
        raise TypingRefused("the client has gone") from error
    if front != group:
        raise TypingRefused(f"the client is not in front in pane {aim.pane}: another program would get the keys")


def interrupt(aim: Aim) -> None:
    """Escape.

    Raises:
        TypingRefused: nothing was sent.
    """
    check(aim)
    _guarded(aim, f"send-keys -t {aim.pane} Escape")


def paste(aim: Aim, text: str, settle_s: float) -> None:
    """Pastes the text and submits it. `text` must have gone through `clean`.

    Raises:
        TypingRefused: nothing was typed; or, where the words say so, the text stands there without its Enter.
    """
    check(aim)
    buffer = f"lanewatch-{secrets.token_hex(8)}"
    _tmux(aim, "load-buffer", "-b", buffer, "-", given=text)
    try:
        check(aim)
        _guarded(aim, f"paste-buffer -p -d -b {buffer} -t {aim.pane}")
    except TypingRefused:
        _quietly(aim, "delete-buffer", "-b", buffer)
        raise
    time.sleep(settle_s)
    try:
        check(aim)
        _guarded(aim, f"send-keys -t {aim.pane} Enter")
    except TypingRefused as error:
        raise TypingRefused(f"pasted, but not submitted: {error}") from error


def leave(aim: Aim, command: str) -> None:
    """Types the client's own command for leaving, such as `/exit`, and submits it.

    Raises:
        TypingRefused: nothing was typed.
    """
    if not re.fullmatch(r"/[a-z]{1,16}", command):
        raise TypingRefused("that is no command for leaving")
    check(aim)
    _guarded(aim, f"send-keys -t {aim.pane} -l {command}")
    time.sleep(0.15)
    check(aim)
    _guarded(aim, f"send-keys -t {aim.pane} Enter")


def clean(text: str) -> str:
    """The text as it may be typed: lines by newline, tabs as spaces, nothing after the last word.

    Raises:
        TypingRefused: it is empty, longer than 10,000 characters, or holds control characters.
    """
    text = text.replace("\r\n", "\n").replace("\t", "    ").rstrip("\n")
    if not text.strip():
        raise TypingRefused("there is no text to type")
    if len(text) > LONGEST:
        raise TypingRefused(f"the text has {len(text):,} characters; {LONGEST:,} can be typed")
    found = next((char for char in text if char != "\n" and (ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0)), None)
    if found is not None:
        raise TypingRefused(f"the text holds a control character (U+{ord(found):04X}): it is not typed")
    if any(0xD800 <= ord(char) < 0xE000 for char in text):
        raise TypingRefused("the text holds half a character: it is not typed")
    return text


# -- inside -------------------------------------------------------------------------------------


def _guarded(aim: Aim, act: str) -> None:
    """Does it if the pane is still the very one and takes input; tmux decides and acts at once."""
    holds = [
        f"#{{==:#{{pane_pid}},{aim.pane_pid}}}", f"#{{==:#{{pane_tty}},{aim.pane_tty}}}", "#{==:#{pane_dead},0}",
        "#{==:#{pane_in_mode},0}", "#{==:#{pane_input_off},0}", "#{!=:#{pane_synchronized},1}",
    ]  # fmt: skip
    condition = holds[0]
    for one in holds[1:]:
        condition = f"#{{&&:{condition},{one}}}"
    said = _tmux(aim, "if-shell", "-F", "-t", aim.pane, condition, act, f"display-message -p {_REFUSED}")
    if _REFUSED in said:
        raise TypingRefused(_why(aim))


def _why(aim: Aim) -> str:
    """In words, after tmux refused."""
    form = "#{pane_pid} #{pane_dead} #{pane_in_mode} #{pane_input_off} #{pane_synchronized}"
    pid, dead, mode, off, together = _tmux(aim, "display-message", "-p", "-t", aim.pane, form).strip().split(" ")
    if pid != str(aim.pane_pid) or dead == "1":
        return f"pane {aim.pane} is not what it was: the client has gone"
    if mode not in ("0", ""):
        return f"pane {aim.pane} is in copy mode: it would swallow the text"
    if off == "1":
        return f"pane {aim.pane} takes no input"
    if together == "1":
        return f"pane {aim.pane} is synchronized with others: they would get the text too"
    return f"pane {aim.pane} is not what it was"


def _tmux(aim: Aim, *args: str, given: str | None = None) -> str:
    try:
        return ask_server(aim.server, args, given, DEADLINE_S)
    except TmuxError as error:
        raise TypingRefused(str(error)) from error


def _quietly(aim: Aim, *args: str) -> None:
    try:
        _tmux(aim, *args)
    except TypingRefused:
        return


def _started(pid: int) -> float:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            raise TypingRefused("the client has gone")
        return process.create_time()
    except (psutil.Error, ValueError, OverflowError) as error:
        raise TypingRefused("the client has gone") from error


def _pane_above(pid: int) -> Pane:
    try:
        found = pane_above(pid, {pane.pid: pane for pane in all_panes()})
    except TmuxError as error:
        raise TypingRefused(str(error)) from error
    if found is None:
        raise TypingRefused("the client is in no tmux pane")
    return found


def _foreground_group(pid: int, tty: str) -> int | None:
    """The process group that gets a terminal's keys; None if the process has another terminal."""
    found = terminal_of(pid)
    if found is None:
        return None
    try:
        # By number, not by name: psutil remembers the names of the terminals that there were at its first look.
        return found.front if os.stat(tty).st_rdev == found.device else None  # noqa: PTH116
    except OSError:
        return None
