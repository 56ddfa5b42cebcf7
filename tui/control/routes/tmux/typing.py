"""Sends keys and text to the pane of an agent's client, and nowhere else.

If the client has ended, the shell in its pane would run whatever is pasted. So these conditions are checked before each
send: the client runs (pid and identity) and is an agent's program; it is in the terminal's foreground and no other
process reads the terminal; the pane is the same one, in no mode, not synchronized with others and open for input. The
state of the pane is checked and used in one command of the tmux server, so it cannot change in between. The readers of
the terminal are checked just before.

Nothing is typed unless the screen shows the client's input line, and the line is empty: a person's draft would be
submitted with the text. Enter and Escape would answer an open question.

A paste is bracketed if the client supports that, contains no control characters, and is followed by Enter a moment
later: clients treat an Enter inside a paste as a new line. It begins with a letter, because a sign at the beginning may
be a command of the client (`!`, `/`). It ends with a space: after a backslash, Enter would be a new line, and after the
beginning of a name it would choose a name from a list.
"""

from __future__ import annotations

import re
import secrets
import time
import unicodedata

from tui.agents.agent_program import runs_agent
from tui.agents.process import identity
from tui.control.routes.tmux.client import Pane, TmuxError, all_panes, ask_server, pane_above
from tui.control.routes.tmux.input_line import InputLine, PromptRow, prompt_row
from tui.control.routes.tmux.terminals import other_reader, takes_keys, unreachable_reason
from tui.model.frozen import frozen

LONGEST = 10_000
DEADLINE_S = 3.0
"""Time limit for a tmux command, in seconds."""
KEY_S = 0.04
"""Seconds between two reads of the screen."""
SHOWN_S = 1.5
"""Seconds in which typed or submitted text becomes visible on the screen, even on a busy machine."""
DRAWN_S = 0.5
"""Seconds in which a client that is drawing its screen has drawn its input line."""
DIRECTIONS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""Marks of the writing direction. A client removes them from a paste, and may then take the end of the text for the
beginning of a command's name."""
_REFUSED = "lanewatch-refused"


class TypingRefused(Exception):
    """The reason why nothing was typed, as one line."""


@frozen
class Aim:
    """The pane and client that keys may go to, as they were when the operator decided."""

    server: str
    """The socket of the tmux server."""
    pane: str
    pane_pid: int
    pane_tty: str
    client_pid: int
    client_start: str
    """The client's identity: see `process_table.identity`."""


def aim_at(client_pid: int, client_start: str | None) -> Aim:
    """The pane of a client. `client_start` is its identity, or None if it is unknown.

    Raises:
        TypingRefused: the client has ended or is another process, or it is in no pane.
    """
    start = _start(client_pid)
    if client_start is not None and start != client_start:
        raise TypingRefused(f"process {client_pid} is another one by now: the client has gone")
    pane = _pane_above(client_pid)
    aim = Aim(pane.server, pane.id, pane.pid, pane.tty, client_pid, start)
    check(aim)
    return aim


def check(aim: Aim) -> None:
    """Checks that keys may still be sent to the pane.

    Raises:
        TypingRefused: the client has ended, is not in the foreground, or another process reads the keys.
    """
    if _start(aim.client_pid) != aim.client_start:
        raise TypingRefused(f"process {aim.client_pid} is another one by now: the client has gone")
    # Checked whatever its name and its screen are, because a shell would run the typed text.
    if not runs_agent(aim.client_pid):
        raise TypingRefused(f"process {aim.client_pid} in pane {aim.pane} does not run an agent's program")
    if why := unreachable_reason(aim.client_pid, aim.pane, aim.pane_tty):
        raise TypingRefused(why)
    reader = other_reader(aim.client_pid, aim.pane_tty)
    if reader is not None:
        raise TypingRefused(f"process {reader} reads the keys in pane {aim.pane}, in front of the client")
    if not takes_keys(aim.pane_tty):
        raise TypingRefused(f"the client reads no keys in pane {aim.pane}: a shell would find them there later")


def interrupt(aim: Aim, *, draft_stays: bool = False) -> None:
    """Sends Escape.

    Args:
        aim: the pane and its client.
        draft_stays: True if a draft may be in the input line. Only safe if no question is known to be open, because
            the answer to a question may look like a draft.

    Raises:
        TypingRefused: nothing was sent.
    """
    check(aim)
    _expect(aim, InputLine.EMPTY, *([InputLine.DRAFT] if draft_stays else []))
    check(aim)
    _guarded(aim, f"send-keys -t {aim.pane} Escape")


def paste(aim: Aim, text: str, settle_s: float) -> None:
    """Pastes the text into the empty input line and submits it. `text` must be a result of `clean`.

    Raises:
        TypingRefused: nothing was typed; or, if the message says so, the text was pasted but not submitted.
    """
    if not text[:1].isalpha():
        raise TypingRefused("a text that does not begin with a letter may be a command of the client: it is not typed")
    check(aim)
    _expect(aim, InputLine.EMPTY)
    check(aim)
    buffer = f"lanewatch-{secrets.token_hex(8)}"
    _tmux(aim, "load-buffer", "-b", buffer, "-", given=f"{text} ")
    try:
        check(aim)
        _guarded(aim, f"paste-buffer -p -d -b {buffer} -t {aim.pane}")
    except TypingRefused:
        _quietly(aim, "delete-buffer", "-b", buffer)
        raise
    try:
        _await_paste(aim, text)
        time.sleep(settle_s)
        check(aim)
        _submit(aim)
    except TypingRefused as error:
        raise TypingRefused(f"pasted, but not submitted: {error}") from error


def leave(aim: Aim, command: str) -> None:
    """Types the client's exit command, such as `/exit`, into the empty input line and submits it.

    Raises:
        TypingRefused: nothing was typed; or, if the message says so, it was typed but not submitted.
    """
    if not re.fullmatch(r"/[a-z]{1,16}", command):
        raise TypingRefused("that is no command for leaving")
    check(aim)
    _expect(aim, InputLine.EMPTY)
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


def clean(text: str) -> str:
    """The text as it can be typed: line breaks as newlines, tabs as spaces, no newlines at the end.

    Raises:
        TypingRefused: it is empty, longer than 10,000 characters, or holds control characters or marks of direction.
    """
    text = text.replace("\r\n", "\n").replace("\t", "    ").rstrip("\n")
    if not text.strip():
        raise TypingRefused("there is no text to type")
    if len(text) > LONGEST:
        raise TypingRefused(f"the text has {len(text):,} characters; {LONGEST:,} can be typed")
    found = next((char for char in text if char != "\n" and (ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0)), None)
    if found is not None:
        raise TypingRefused(f"the text holds a control character (U+{ord(found):04X}): it is not typed")
    if hidden := next((char for char in text if unicodedata.bidirectional(char) in DIRECTIONS), None):
        raise TypingRefused(
            f"the text holds a mark of direction (U+{ord(hidden):04X}) that clients drop: it is not typed"
        )
    if any(0xD800 <= ord(char) < 0xE000 for char in text):
        raise TypingRefused("the text holds an incomplete character: it is not typed")
    return text


# -- inside -------------------------------------------------------------------------------------


def _guarded(aim: Aim, act: str) -> None:
    """Runs a tmux command if the pane is unchanged and takes input; tmux checks and acts in one step."""
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


def _await_paste(aim: Aim, text: str) -> None:
    """Waits until the client shows the paste: the text, or a placeholder for it.

    Raises:
        TypingRefused: it is not shown. A question may have been opened in the meantime, which Enter would answer.
    """
    end, last = time.monotonic() + SHOWN_S, text.rsplit(maxsplit=1)[-1][-8:]
    while True:
        row = _row(aim)
        # An input line that is too long for the screen shows only its end.
        if row.kind is InputLine.DRAFT or row.left.rstrip().endswith(last):
            return
        if time.monotonic() >= end:
            raise TypingRefused(f"it is not seen in the input line of pane {aim.pane}")
        time.sleep(KEY_S)


def _submit(aim: Aim) -> None:
    """Sends Enter, and checks that the text has left the input line.

    A client that is still reading the paste treats the Enter as a new line: then the line has changed, but is not
    empty.
    """
    typed = _row(aim)
    _guarded(aim, f"send-keys -t {aim.pane} Enter")
    end = time.monotonic() + SHOWN_S
    while (row := _row(aim)).kind is InputLine.DRAFT or (row.left, row.right) == (typed.left, typed.right):
        if time.monotonic() >= end:
            raise TypingRefused(f"it still stands in the input line of pane {aim.pane}")
        time.sleep(KEY_S)


def _expect(aim: Aim, *wanted: InputLine) -> None:
    """Checks that the input line has one of the wanted states; a client that is drawing its screen gets `DRAWN_S`.

    Raises:
        TypingRefused: it has another state; the message names it.
    """
    _guarded(aim, "display-message -p")  # another pane, or one in copy mode, does not show the client's input line
    end = time.monotonic() + DRAWN_S
    while (seen := _row(aim).kind) not in wanted:
        if time.monotonic() >= end:
            raise TypingRefused(_SEEN[seen].format(pane=aim.pane))
        time.sleep(KEY_S)


_SEEN = {
    InputLine.DRAFT: "a draft stands in the input line of pane {pane}: submit it or delete it first",
    InputLine.SHELL: "the input line of pane {pane} is in shell mode: leave that first",
    InputLine.NONE: "no input line is seen in pane {pane}: answer or close the question or menu that is open there",
    InputLine.EMPTY: "the input line of pane {pane} is empty",
}


def _row(aim: Aim) -> PromptRow:
    form = "#{cursor_x} #{cursor_y}"
    said = _tmux(aim, "display-message", "-p", "-t", aim.pane, form, ";", "capture-pane", "-p", "-e", "-t", aim.pane)
    place, _, screen = said.partition("\n")
    x, y = place.split(" ")
    return prompt_row(int(x), int(y), screen)


def _why(aim: Aim) -> str:
    """The reason why tmux refused, in words."""
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


def _start(pid: int) -> str:
    start = identity(pid)
    if start is None:
        raise TypingRefused("the client has gone")
    return start


def _pane_above(pid: int) -> Pane:
    try:
        found = pane_above(pid, {pane.pid: pane for pane in all_panes()})
    except TmuxError as error:
        raise TypingRefused(str(error)) from error
    if found is None:
        raise TypingRefused("the client is in no tmux pane")
    return found
