"""Keys and text into the pane of an agent's client, and into nothing else.

Whatever is pasted into a pane whose client has gone is run by the shell there. So before each send the client must be
alive (number and start), be in the foreground of the terminal and the only one there that reads it, and the pane must
be the very one, not in a mode, not synchronized with others and open for input. What tmux knows is asked and acted on
in one command of its server, so that nothing can come between; who reads the terminal is looked at right before.

A draft that a person has left in the client's input line is cleared first, or it would be submitted with the text. Both
clients take ctrl+u and ctrl+k for that, but only as single keys: a burst of them becomes text. So one is pressed, and
the pane looked at, until the line is empty. Without a line that can be emptied (a question of the client is open)
nothing is typed: its Enter would answer the question.

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

from tui.control.prompt_row import PromptRow, prompt_row
from tui.control.signals import START_SLACK_S
from tui.control.terminals import other_reader, shown_at, takes_keys
from tui.control.tmux import Pane, TmuxError, all_panes, ask_server, pane_above

LONGEST = 10_000
DEADLINE_S = 3.0
"""A tmux that hangs is given up after that."""
KEY_S = 0.04
"""Between two keys of clearing: both clients were seen to take them one by one then."""
MOST_IDLE = 6
"""Keys that may seem to change nothing, as between empty lines of a draft; after that it is no draft."""
SHOWN_S = 1.5
"""A word that was typed stands on the screen by then, on a busy machine too."""
DRAWN_S = 0.25
"""A key that has changed nothing on the screen by then changes nothing."""
MOST_KEYS = 60
"""Keys that a draft is cleared with: two a line."""
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
        TypingRefused: the client has gone, is not in front, or is not the one that reads the keys.
    """
    if abs(_started(aim.client_pid) - aim.client_started) > START_SLACK_S:
        raise TypingRefused(f"process {aim.client_pid} is another one by now: the client has gone")
    terminal = shown_at(aim.client_pid, aim.pane_tty)
    if terminal is None:
        raise TypingRefused(f"pane {aim.pane} is not the terminal of the client")
    try:
        group = os.getpgid(aim.client_pid)
    except OSError as error:
        raise TypingRefused("the client has gone") from error
    if terminal.front != group:
        raise TypingRefused(f"the client is not in front in pane {aim.pane}: another program would get the keys")
    reader = other_reader(aim.client_pid, group, aim.pane_tty)
    if reader is not None:
        raise TypingRefused(f"process {reader} reads the keys in pane {aim.pane}, in front of the client")
    if not takes_keys(aim.pane_tty):
        raise TypingRefused(f"the client reads no keys in pane {aim.pane}: a shell would find them there later")


def interrupt(aim: Aim) -> None:
    """Escape.

    Raises:
        TypingRefused: nothing was sent.
    """
    check(aim)
    _guarded(aim, f"send-keys -t {aim.pane} Escape")


def paste(aim: Aim, text: str, settle_s: float) -> None:
    """Pastes the text into the empty input line and submits it. `text` must have gone through `clean`.

    Raises:
        TypingRefused: nothing was typed; or, where the words say so, the text stands there without its Enter.
    """
    clear(aim)
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
    """Types the client's own command for leaving, such as `/exit`, into the empty input line and submits it.

    Raises:
        TypingRefused: nothing was typed; or, where the words say so, it stands there without its Enter.
    """
    if not re.fullmatch(r"/[a-z]{1,16}", command):
        raise TypingRefused("that is no command for leaving")
    clear(aim)
    check(aim)
    _guarded(aim, f"send-keys -t {aim.pane} -l {command}")
    end = time.monotonic() + SHOWN_S
    while not (shows := _row(aim).holds_only(command)) and time.monotonic() < end:
        time.sleep(KEY_S)
    if not shows:
        raise TypingRefused(
            f"typed, but not submitted: more than {command} stands in the input line of pane {aim.pane}"
        )
    check(aim)
    _guarded(aim, f"send-keys -t {aim.pane} Enter")


def clear(aim: Aim) -> None:
    """Empties the client's input line. Takes `DRAWN_S` where nothing stands in it.

    Raises:
        TypingRefused: no line that can be emptied is seen.
    """
    pressed, row, idle = "", _row(aim), 0
    for _ in range(MOST_KEYS):
        # What ctrl+u leaves is a line break before it, or the shell mode: backspace takes both.
        key = "C-k" if row.is_at_start else "BSpace" if pressed == "C-u" else "C-u"
        check(aim)
        _guarded(aim, f"send-keys -t {aim.pane} {key}")
        now = _row_after(aim, row)
        if now == row and key == "C-k" and not now.goes_on:
            return
        idle = idle + 1 if now == row else 0
        if idle == MOST_IDLE:
            break
        pressed, row = (key if idle else ""), now
    raise TypingRefused(f"no empty input line is seen in pane {aim.pane}: a question of its client, or a long draft")


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


def _row(aim: Aim) -> PromptRow:
    form = "#{cursor_x} #{cursor_y}"
    said = _tmux(aim, "display-message", "-p", "-t", aim.pane, form, ";", "capture-pane", "-p", "-t", aim.pane)
    place, _, screen = said.partition("\n")
    x, y = place.split(" ")
    return prompt_row(int(x), int(y), screen)


def _row_after(aim: Aim, before: PromptRow) -> PromptRow:
    """The row once a key has changed it; as it was, if none did."""
    end = time.monotonic() + DRAWN_S
    while True:
        time.sleep(KEY_S)
        now = _row(aim)
        if now != before or time.monotonic() >= end:
            return now


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
