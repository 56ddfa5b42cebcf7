"""Keys and text into the pane of an agent's client, and into nothing else.

Whatever is pasted into a pane whose client has gone is run by the shell there. So before each send the client must be
alive (number and identity), run an agent's program, be in the foreground of the terminal and the only one there that
reads it, and the pane must be the very one, not in a mode, not synchronized with others and open for input. What tmux
knows is asked and acted on in one command of its server, so that nothing can come between; who reads the terminal is
looked at right before.

Nothing is typed unless the client's input line is seen to be there and empty. A draft of a person would be submitted
with the text; the Enter would answer a question that is open, and Escape would answer it with No.

A paste is bracketed where the client asked for that, holds no control characters, and its Enter comes a moment later:
clients take an Enter inside a paste for a new line. It begins with a letter, since at the beginning a sign may be a
command of the client (`!`, `/`), and ends with a space: behind a backslash the Enter would be a new line, and behind
the beginning of a name it would choose one from a list.
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
from tui.control.routes.tmux.terminals import behind, other_reader, takes_keys
from tui.model.frozen import frozen

LONGEST = 10_000
DEADLINE_S = 3.0
"""A tmux that hangs is given up after that."""
KEY_S = 0.04
"""Between two looks at the screen."""
SHOWN_S = 1.5
"""What was typed or submitted is seen on the screen by then, on a busy machine too."""
DRAWN_S = 0.5
"""A client that is drawing its screen has drawn its input line by then."""
DIRECTIONS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
"""What a client drops from a paste; it may then take the end of the text for the beginning of a command's name."""
_REFUSED = "lanewatch-refused"


class TypingRefused(Exception):
    """Why nothing was typed, as one line."""


@frozen
class Aim:
    """Where keys may go, as it was when the operator decided."""

    server: str
    """The socket of the tmux server."""
    pane: str
    pane_pid: int
    pane_tty: str
    client_pid: int
    client_start: str
    """Its identity: see `process_table.identity`."""


def aim_at(client_pid: int, client_start: str | None) -> Aim:
    """The pane of a client; `client_start` is its identity, where it is known.

    Raises:
        TypingRefused: the client has gone or is another process, or it is in no pane.
    """
    start = _start(client_pid)
    if client_start is not None and start != client_start:
        raise TypingRefused(f"process {client_pid} is another one by now: the client has gone")
    pane = _pane_above(client_pid)
    aim = Aim(pane.server, pane.id, pane.pid, pane.tty, client_pid, start)
    check(aim)
    return aim


def check(aim: Aim) -> None:
    """Looks whether keys may still go there.

    Raises:
        TypingRefused: the client has gone, is not in front, or is not the one that reads the keys.
    """
    if _start(aim.client_pid) != aim.client_start:
        raise TypingRefused(f"process {aim.client_pid} is another one by now: the client has gone")
    # Whatever its name and its screen look like: a shell would run what is typed.
    if not runs_agent(aim.client_pid):
        raise TypingRefused(f"process {aim.client_pid} in pane {aim.pane} does not run an agent's program")
    if why := behind(aim.client_pid, aim.pane, aim.pane_tty):
        raise TypingRefused(why)
    reader = other_reader(aim.client_pid, aim.pane_tty)
    if reader is not None:
        raise TypingRefused(f"process {reader} reads the keys in pane {aim.pane}, in front of the client")
    if not takes_keys(aim.pane_tty):
        raise TypingRefused(f"the client reads no keys in pane {aim.pane}: a shell would find them there later")


def interrupt(aim: Aim, *, draft_stays: bool = False) -> None:
    """Escape.

    Args:
        aim: where.
        draft_stays: whether a draft may stand in the input line; True where it is known that no question is open, since
            the answer to one may look like a draft.

    Raises:
        TypingRefused: nothing was sent.
    """
    check(aim)
    _expect(aim, InputLine.EMPTY, *([InputLine.DRAFT] if draft_stays else []))
    check(aim)
    _guarded(aim, f"send-keys -t {aim.pane} Escape")


def paste(aim: Aim, text: str, settle_s: float) -> None:
    """Pastes the text into the empty input line and submits it. `text` must have gone through `clean`.

    Raises:
        TypingRefused: nothing was typed; or, where the words say so, the text stands there without its Enter.
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
    """Types the client's own command for leaving, such as `/exit`, into the empty input line and submits it.

    Raises:
        TypingRefused: nothing was typed; or, where the words say so, it stands there without its Enter.
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
    """The text as it may be typed: lines by newline, tabs as spaces, nothing after the last word.

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


def _await_paste(aim: Aim, text: str) -> None:
    """Waits until the client shows what was pasted: the text, or a mark that stands for it.

    Raises:
        TypingRefused: it does not. A question may have come meanwhile: its Enter would answer it.
    """
    end, last = time.monotonic() + SHOWN_S, text.rsplit(maxsplit=1)[-1][-8:]
    while True:
        row = _row(aim)
        # An input line that is too long for the screen shows its end only.
        if row.kind is InputLine.DRAFT or row.left.rstrip().endswith(last):
            return
        if time.monotonic() >= end:
            raise TypingRefused(f"it is not seen in the input line of pane {aim.pane}")
        time.sleep(KEY_S)


def _submit(aim: Aim) -> None:
    """Enter, and a look whether what was typed has left the input line.

    A client that still reads the paste takes the Enter for a new line: the line has changed then, and is no empty one.
    """
    typed = _row(aim)
    _guarded(aim, f"send-keys -t {aim.pane} Enter")
    end = time.monotonic() + SHOWN_S
    while (row := _row(aim)).kind is InputLine.DRAFT or (row.left, row.right) == (typed.left, typed.right):
        if time.monotonic() >= end:
            raise TypingRefused(f"it still stands in the input line of pane {aim.pane}")
        time.sleep(KEY_S)


def _expect(aim: Aim, *wanted: InputLine) -> None:
    """Looks whether the input line is as it must be; a client that is drawing its screen gets a moment.

    Raises:
        TypingRefused: it is not; the words say what is seen.
    """
    _guarded(aim, "display-message -p")  # another pane, or one in copy mode, shows no input line of the client
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
