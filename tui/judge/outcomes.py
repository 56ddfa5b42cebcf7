"""The outcome of a call: good or bad, and how much of what it said was new to the lane."""

from __future__ import annotations

import re
from zlib import crc32

from tui.judge.masks import is_redacted, mark, without_digits, without_hashes, without_ids, without_label
from tui.judge.novelty_filter import FEW, Seen
from tui.judge.shapes import numbers_of
from tui.model.event import Result

HEAD_LINES, TAIL_LINES = 5, 4
"""Lines of a result that are looked at."""
CALL_CHARS = 160
HEAD = 120
DOUBTFUL = 2
"""Lines that differ in digits alone and are looked at closely; the rest is taken to be like them."""
HEAD_CHARS, TAIL_CHARS = 500, 400
COUNT_NEWS = 0.8
"""How new a line is that differs from a known one in its numbers alone, ids and times set aside."""
_ERROR = re.compile(
    r"(?im)^.*(?:error|fail|exception|not found|denied|cannot|can't|no such|unable|refused|invalid|traceback|fatal).*$"
)
_VOLATILE_SIGNS = (b"~", b"#####", b"#:#", b"#.#", b"#-#", b"#s", b"#m", b"# s", b"# m", b"#u", b"_#")
"""Without any of these in its masked self a line holds no id, no time and no measured value."""
_HAS_DIGIT = re.compile(r"\d")
_TRIVIAL = frozenset(
    (b"", b"ok", b"done", b"true", b"null", b"{}", b"[]", b"none", b"success", b"(no output)", b"no matches found",
     b"no files found", b"(empty)")
)  # fmt: skip


class Outcome:
    """What came of a call. `digest` is the same for the same outcome; `fresh` (0 to 1) is the share of new lines.

    `empty` means that it said next to nothing, which proves next to nothing. `error` is a mark of the error's
    line without ids and numbers, 0 if none; `head` is the result's beginning.
    """

    __slots__ = ("digest", "empty", "error", "failed", "fresh", "head", "lines", "redacted", "size", "words")

    def __init__(self, failed: bool) -> None:
        self.failed = failed
        self.digest = 0
        self.fresh = 0.0
        self.empty = False
        self.error = 0
        self.words = ""
        self.head = ""
        self.size = 0
        self.redacted = False
        self.lines: list[int] = []


def is_failure(result: Result) -> bool:
    """Whether the call failed, by its own word."""
    return result.ok is False or (result.exit_code is not None and result.exit_code != 0)


def error_line(text: str) -> str:
    """The line of a failed result that names the error, at most 160 characters."""
    found = _ERROR.search(text[:HEAD_CHARS]) or _ERROR.search(text[-TAIL_CHARS:])
    line = found.group().strip() if found else text.strip().rsplit("\n", 1)[-1]
    return line[:160]


def error_mark(line: str) -> int:
    """The same for errors that differ in ids and numbers alone, never 0."""
    return crc32(without_hashes(without_digits(line.lower().encode("utf-8", "replace")))) or 1


class OutcomeReader:
    """Reads results of one lane; remembers the lines that it has seen."""

    __slots__ = ("_close", "_exact", "_masked")

    def __init__(self) -> None:
        self._exact = Seen()
        self._masked = Seen()
        self._close = Seen(FEW)

    def read(self, result: Result, label: tuple[bytes, ...] = (), call: str = "") -> Outcome:
        """The outcome of a call. `label`: the words of the action's own name; `call`: the call's arguments.

        What a result merely repeats of them is no news.
        """
        outcome = Outcome(is_failure(result))
        text = result.text
        outcome.head = text[:HEAD]
        outcome.size = result.size
        if outcome.failed:
            self._name_error(outcome, text)
        if len(text) > HEAD_CHARS + TAIL_CHARS:
            text = f"{text[:HEAD_CHARS]}\n{text[-TAIL_CHARS:]}"
        outcome.redacted = is_redacted(text[:400])
        data = text.encode("utf-8", "replace").strip()
        outcome.empty = len(data) <= 24 and data.lower().rstrip(b".") in _TRIVIAL
        lines = data.splitlines()
        if len(lines) > HEAD_LINES + TAIL_LINES:
            lines = lines[:HEAD_LINES] + lines[-TAIL_LINES:]
        self._weigh(outcome, lines, label, call)
        return outcome

    def _weigh(self, outcome: Outcome, lines: list[bytes], label: tuple[bytes, ...], call: str) -> None:
        if not lines:
            outcome.digest = crc32(b"", outcome.failed)
            return
        # In one pass over all lines: no mask touches a line's end.
        blurred = without_hashes(without_digits(without_label(b"\n".join(lines), label)))
        outcome.digest = crc32(blurred, outcome.failed)
        masked = blurred.split(b"\n")
        blur = list(map(crc32, masked))
        outcome.lines = blur
        plain = list(map(crc32, lines))
        unknown = self._exact.unseen(plain)
        if not unknown:
            return
        self._exact.learn([plain[at] for at in unknown])
        candidates = [blur[at] for at in unknown]
        new = self._masked.unseen(candidates)
        fresh = float(len(new))
        if len(new) < len(unknown):
            known = set(new)
            doubtful = [index for at, index in enumerate(unknown) if at not in known]
            looked = doubtful[:DOUBTFUL]
            counts = self._counts([(lines[at], masked[at]) for at in looked], call, label)
            fresh += COUNT_NEWS * counts * len(doubtful) / len(looked)
        self._masked.learn([candidates[at] for at in new])
        outcome.fresh = fresh / len(lines)

    def _counts(self, lines: list[tuple[bytes, bytes]], call: str, label: tuple[bytes, ...]) -> int:
        """Of lines that differ from known ones in digits only, those where a count differs.

        Ids and times mean nothing, a count may mean everything. Each line comes with its masked self.
        """
        fresh = 0
        for line, masked in lines:
            # Where a label was taken out, it may be all that differs.
            if not label and not any(sign in masked for sign in _VOLATILE_SIGNS) and not _HAS_DIGIT.search(call):
                fresh += 1  # small whole numbers alone: a count
                continue
            text = without_label(line, label).decode("utf-8", "replace")
            core = mark(_without(text, numbers_of(call[:CALL_CHARS])))
            if core not in self._close:
                self._close.add(core)
                fresh += 1
        return fresh

    @staticmethod
    def _name_error(outcome: Outcome, text: str) -> None:
        outcome.words = error_line(text)
        outcome.error = error_mark(outcome.words)


def _without(line: str, numbers: tuple[str, ...]) -> str:
    for number in numbers:
        line = line.replace(number, "#")
    return without_ids(line)
