"""The outcome of a call: its class, a signature without the call's own words, and how much of it was new."""

from __future__ import annotations

import re
from array import array
from itertools import pairwise
from zlib import crc32

import orjson

from tui.judge.normalise import LOWER, is_redacted, mark, without_digits, without_hashes, without_ids, without_label
from tui.judge.novelty_filter import Seen, SeenLines
from tui.judge.shapes import NORMAL, Shape, numbers_of
from tui.model.event import Result

HEAD_LINES, TAIL_LINES = 6, 3
"""The numbers of first and last lines of a result from which its signature is made."""
SIGNATURE_CHARS = 600
TOKENS = 32
"""The most words of a signature that are compared with those of another."""
ERROR_LINES = 3
HEAD = 160
CALL_CHARS = 160
DOUBTFUL = 2
"""The number of lines differing only in digits that are examined. The others are assumed to be like them."""
HEAD_CHARS, TAIL_CHARS = 500, 400
COUNT_NEWS = 0.8
"""Novelty of a line that differs from a known one only in a number that is neither an id nor a time."""
LINES_KNOWN = 4096
FACTS_BYTES = 500
"""Bytes at the beginning of a result whose lines are facts of its action."""
STALE = 0.15
"""A result with at most this share of new lines brings nothing new."""
LEAST_LINE = 3
"""The fewest characters of a line that counts. Shorter lines, such as a single bracket, are ignored."""
SHORT = 240
SLIGHT = 4
"""The most words of a result that says almost nothing."""
CLOSELY = 8
"""Up to this many new lines of a result are examined word by word."""
LONG_WORDS = 24
"""In lines with at least this many words, the share of new word pairs counts."""
LABELLED = 2000
"""The words of the action's name are removed only from results of at most this many bytes."""
TRENDS_KEPT = 256
NUMBERS_KEPT = 4
BROKEN = 2.0
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TIMED = b"Wall time:"
_WRAPPED = b'{"content"'
WRAPPED_CHARS = 20_000
HASHED_LINES = 24
"""Up to this many new lines are searched for hashes. Among more lines a hash makes no difference."""
_ERROR = re.compile(
    r"(?im)^.*(?:error|fail|exception|not found|denied|cannot|can't|no such|unable|refused|invalid|traceback|fatal).*$"
)
_ERROR_WORDS = (
    b"error", b"fail", b"exception", b"not found", b"denied", b"cannot", b"can't", b"no such", b"unable", b"refused",
    b"invalid", b"traceback", b"fatal", b"timed out", b"timeout", b"not exist",
)  # fmt: skip
_SAYS_FAILED = re.compile(
    r"\s*(?:<\w+>\s*)?(?:[\w./-]{1,40}: )?(?:line \d+: )?(?:\w{1,12} (?=error |ERR!))?"
    r"(?:Error\b|error |ERR!|ERROR\b|error:|error\[|fatal:|FATAL\b|Traceback |Usage:|usage:|EXECUTION TIMED OUT"
    r"|Exception\b|panic:|Failed\b|FAILED\b|failed\b|Unable to|Cannot |Could not |No such file"
    r"|Permission denied|Access denied|Invalid |[Uu]nsupported |Unknown (?:command|option|tool)|\"?error\"?\s*:)"
    r"|\{\s*\"(?:ok|success)\"\s*:\s*false"
    r"|.{0,80}(?:: (?:a |an )?[\w ]{1,30} is required|: command not found|: not found$|[Nn]ot found[.:!]?$|syntax error"
    r"|introduced new syntax error"
    r"|could not (?:be )?(?:found|connect|resolve)|[Cc]onnection refused|does not exist|timed out|No such file)"
)
"""The beginning of a result that reports a failure, even if the client reports none."""
_BAD_WORDS = (
    *_ERROR_WORDS, b"required", b"false", b"unsupported", b"usage", b"panic", b"could not", b"unknown", b"syntax",
    b"access",
)  # fmt: skip
_REPORTS_FAILURE = re.compile(
    r"(?i)\b(?:could not|couldn't|cannot|can't|unable|not able|blocked|no permission|permission denied|not allowed|"
    r"may not|failed|refused|denied|rejected|gave up|out of memory|timed out|crashed|died|modified since|"
    r"has been modified|"
    r"not been read|did not match|not unique)\b"
)
_EMPTY = frozenset(
    (b"", b"null", b"{}", b"[]", b"none", b"(no output)", b"no matches found", b"no files found", b"(empty)",
     b"no results", b"no results found", b"no matches", b"0 results", b"no output")
)  # fmt: skip
_EMPTY_JSON = re.compile(rb"\{(?:\s*\"\w+\"\s*:\s*(?:\[\s*\]|\{\s*\}|null|\"\"|0|false)\s*,?)+\s*\}")
"""A JSON object that contains only empty values."""
_WRAPPING = frozenset(
    map(crc32, (b"content", b"type", b"text", b"iserror", b"is_error", b"false", b"true", b"ok", b"exit", b"code"))
)
"""Words that a client or a server puts around the result of a tool."""
_NOTHING_FOUND = re.compile(
    rb"(?i)\bno (?:\w+ ){0,2}(?:results?|matche?s|hits|files|documents|entries|records|output)\b"
    rb"|\b0 (?:results|matches|hits|files|rows|documents)\b|nothing (?:was )?found|did not match any|returned no "
)
_VOLATILE_SIGNS = (b"~", b"#####", b"#:#", b"#.#", b"#-#", b"#s", b"#m", b"# s", b"# m", b"#u", b"_#")
"""A masked line without any of these contains no id, no time and no measured value."""
_REFS = re.compile(r"\b(?:ref|uid|node|handle)[=:]\s?\"?\w+")
"""Names of the parts of a web page, which are new at each look."""
_HAS_DIGIT = re.compile(r"\d")
_UNCHANGED = re.compile(
    rb"\b(?:nothing (?:to|has|was|changed|new)|no (?:new |further )?(?:changes?|updates?|progress|output)|unchanged"
    rb"|up[- ]to[- ]date|already)\b"
)
_EFFECT = re.compile(
    rb"\b(?:created?|deleted?|removed?|wrote|written|converted|moved|renamed|updated|migrated|imported|exported|inserted"
    rb"|added|sent|installed|uploaded|downloaded|copied|merged|closed|resolved|processed|generated|saved|built|published"
    rb"|applied|posted|scheduled|assigned|registered|committed|replied|stored|archived|tagged|labell?ed|enabled|disabled)\b"
)
"""Words of a result, in lower case, which say that the call changed something."""
_EFFECT_PARTS = (b"ed", b"create", b"delete", b"remove", b"wrote", b"written", b"sent", b"built")
"""A text with none of these cannot match `_EFFECT`."""


class Outcome:
    """The outcome of a call.

    `failed`: the client says so; `refused`: a person or a rule forbade it; `bad`: it failed by the client's word or by
    its text; `empty`: it brought nothing; `slight`: it says almost nothing; `fresh` (0 to 1): the share of its lines
    that the lane had not seen. `digest` is equal for equal outcomes, whatever the words of the call are; it is made of
    `tokens`. `error` is a mark of the line with the error, without ids and numbers; 0 if there is none. `numbers` is
    true if only numbers are new. `effect`: it says that the call changed something; `idle`: that nothing changed.
    """

    __slots__ = (
        "bad", "count", "digest", "effect", "empty", "error", "failed", "fresh", "head", "idle", "lines", "news",
        "numbers",
        "redacted", "refused", "same", "size", "slight", "tokens", "words",
    )  # fmt: skip

    def __init__(self, result: Result) -> None:
        self.failed = is_failure(result)
        self.refused = result.denied or result.interrupted
        self.bad = self.failed
        self.digest = 0
        self.tokens: frozenset[int] = frozenset()
        self.fresh = 0.0
        self.empty = False
        self.slight = False
        self.news = 0
        """The number of lines that are new, apart from lines in which only numbers are new."""
        self.same = True
        """True if all of its lines were seen before, letter by letter."""
        self.idle = False
        self.effect = False
        self.numbers = False
        self.error = 0
        self.words = ""
        self.head = ""
        self.size = 0
        self.redacted = False
        self.count = 0
        self.lines: list[int] = []

    @property
    def reports_failure(self) -> bool:
        """Whether the beginning of the text reports a failure, in words that helpers use."""
        return _REPORTS_FAILURE.search(self.head) is not None

    @property
    def sameness(self) -> float:
        """How much it is like earlier results: 1 if almost nothing is new, 0 if half of it or more is."""
        return max(0.0, 1.0 - 2.0 * max(0.0, self.fresh - STALE))


def is_failure(result: Result) -> bool:
    """Whether the call failed by its stated result or exit code."""
    return result.ok is False or (result.exit_code is not None and result.exit_code != 0)


def error_line(text: str) -> str:
    """The line of a failed result that names the error, at most 160 characters."""
    found = _ERROR.search(text[:HEAD_CHARS]) or _ERROR.search(text[-TAIL_CHARS:])
    line = found.group().strip() if found else text.strip().rsplit("\n", 1)[-1]
    return line[:160]


def error_mark(line: str) -> int:
    """A mark that is equal for errors that differ only in hashes and numbers; never 0."""
    return crc32(without_hashes(without_digits(line.lower().encode("utf-8", "replace")))) or 1


class OutcomeReader:
    """Reads the results of one lane, and remembers their lines."""

    __slots__ = ("_bare", "_blurred", "_close", "_lines", "_tokens", "_trends")

    def __init__(self) -> None:
        self._lines = SeenLines(LINES_KNOWN)
        self._blurred = Seen(1024)
        self._close = Seen(512)
        self._bare = Seen(1024)
        """Lines without the words of the calls that brought them."""
        self._trends: dict[int, array[float]] = {}
        """By line and call: the newest numbers of the line, and after them the direction of the changes of each."""
        self._tokens = Seen(2048)
        """Pairs of words of long lines."""

    def read(self, result: Result, shape: Shape, label: tuple[bytes, ...] = ()) -> Outcome:
        """The outcome of a call. `label`: the words of the action's own name.

        Words of the call that a result repeats are not new.
        """
        outcome = Outcome(result)
        text = result.text
        outcome.head = text[:HEAD]
        outcome.size = result.size
        outcome.redacted = is_redacted(text[:400])
        data = _unwrapped(text.encode("utf-8", "replace").strip())
        if not data:
            outcome.empty = outcome.slight = True
            outcome.digest = 1 + outcome.failed
            if outcome.failed:
                outcome.error = error_mark("")
            return outcome
        outcome.bad = outcome.failed or (
            _holds_one(data[:HEAD].lower(), _BAD_WORDS) and _SAYS_FAILED.match(outcome.head) is not None
        )
        if outcome.bad:
            outcome.words = error_line(text)
            if outcome.failed:
                outcome.error = error_mark(outcome.words)
        lines = [line for line in data.split(b"\n") if len(line) >= LEAST_LINE] or [data.replace(b"\n", b" ")]
        few = lines if len(lines) <= HEAD_LINES + TAIL_LINES else lines[:HEAD_LINES] + lines[-TAIL_LINES:]
        whole = b"\n".join(lines)
        unlabelled = without_label(whole, label) if label and len(whole) <= LABELLED else whole
        facts = None if few is lines and len(whole) <= FACTS_BYTES else b"\n".join(few)[:FACTS_BYTES]
        self._weigh(outcome, lines, facts, unlabelled, label, shape)
        if len(data) <= SHORT:
            self._look_closely(outcome, data)
        if outcome.bad:
            text = b"\n".join(_error_lines(lines) or lines[-2:])[:SIGNATURE_CHARS]
            self._sign(outcome, without_label(text, label) if label else text, shape)
        elif outcome.fresh <= 0.6 or len(data) <= SHORT:
            if few is lines and len(whole) <= SIGNATURE_CHARS:
                text = unlabelled
            else:
                text = b"\n".join(few)[:SIGNATURE_CHARS]
                text = without_label(text, label) if label else text
            self._sign(outcome, text, shape)
        outcome.slight = len(data) <= SHORT and len(outcome.tokens - _WRAPPING) <= SLIGHT
        shape.forget_words()
        return outcome

    @staticmethod
    def _look_closely(outcome: Outcome, data: bytes) -> None:
        low = data.lower()
        plain = low.rstrip(b".")
        says_no = b"no" in low or b"0 " in low
        outcome.empty = (
            plain in _EMPTY
            or _EMPTY_JSON.fullmatch(low) is not None
            or (says_no and _NOTHING_FOUND.search(data) is not None)
        )
        may_idle = b"no" in low or b"unchanged" in low or b"to" in low or b"already" in low
        outcome.idle = may_idle and _UNCHANGED.search(low) is not None
        outcome.effect = not outcome.idle and _holds_one(low, _EFFECT_PARTS) and _EFFECT.search(low) is not None

    @staticmethod
    def _sign(outcome: Outcome, text: bytes, shape: Shape) -> None:
        own = shape.call_words()
        tokens = [
            _plain(token) if b"#" in token else token for token in text.translate(NORMAL).split() if token not in own
        ]
        signature = one_sign(b" ".join(tokens))
        outcome.digest = crc32(signature, outcome.bad) or 1
        outcome.tokens = frozenset(map(crc32, signature.split(None, TOKENS)[:TOKENS]))

    def _weigh(
        self, outcome: Outcome, lines: list[bytes], facts: bytes | None, unlabelled: bytes, label: tuple[bytes, ...],
        shape: Shape,
    ) -> None:  # fmt: skip
        """Weighs all lines.

        `facts`: the beginning of its first and last ones; None if that is all. `unlabelled`: all of them, without the
        words of the label unless they are long.
        """
        outcome.count = len(lines)
        # One pass over all lines makes lower case and masks digits. Lines with a digit are compared as written, too.
        text = unlabelled.translate(LOWER)
        masked = text.split(b"\n")
        if facts is not None:
            text = without_digits(without_label(facts, label)) if label else facts.translate(LOWER)
        blurred = without_hashes(text) if b"#" in text else text
        outcome.lines = list(map(crc32, blurred.split(b"\n")))
        # A line without a digit needs no second comparison.
        exact = [crc32(line) if b"#" in plain else 0 for line, plain in zip(lines, masked, strict=True)]
        new, moved = self._lines.look(list(map(crc32, masked)), exact)
        if new and len(new) <= HASHED_LINES:
            new = self._without_known_hashes(new, masked, moved)
        if not new and not moved:
            return
        outcome.same = False
        fresh = float(len(new)) if len(new) > CLOSELY else self._news([masked[at] for at in new], shape)
        outcome.news = int(fresh)
        if moved:
            looked = moved[:DOUBTFUL]
            counts = self._counts([(lines[at], masked[at]) for at in looked], shape.text, label, shape.same)
            fresh += COUNT_NEWS * counts * len(moved) / len(looked)
            outcome.numbers = not new
        outcome.fresh = fresh / len(lines)

    def _without_known_hashes(self, new: list[int], masked: list[bytes], moved: list[int]) -> list[int]:
        """The lines that are new even without their hashes. The others are added to `moved`."""
        found: list[int] = []
        for at in new:
            if b"#" not in masked[at]:
                found.append(at)
                continue
            blurred = crc32(one_sign(without_hashes(masked[at])))
            (moved if blurred in self._blurred else found).append(at)
            self._blurred.add(blurred)
        return found

    def _news(self, lines: list[bytes], shape: Shape) -> float:
        """How many of these few lines are new without the words of the call."""
        own = shape.call_words()
        fresh = 0.0
        for line in lines:
            words = [word for word in line.translate(NORMAL).split() if word not in own]
            if len(words) >= LONG_WORDS:
                marks = [crc32(word, crc32(before)) for before, word in pairwise(words)]
                fresh += len(self._tokens.take(marks)) / len(marks)
                continue
            at = crc32(b" ".join(words))
            if words and at not in self._bare:
                self._bare.add(at)
                fresh += 1.0
        return fresh

    def _counts(self, lines: list[tuple[bytes, bytes]], call: str, label: tuple[bytes, ...], same: int) -> int:
        """How many of these lines, which differ from known ones only in digits, have another count.

        Ids and times do not matter. Each line comes with its masked form.
        """
        fresh = 0
        for line, _ in lines:
            text = _without(without_label(line, label).decode("utf-8", "replace"), numbers_of(call[:CALL_CHARS]))
            core = mark(text)
            if core not in self._close:
                self._close.add(core)
                fresh += self._goes_on(text, same)
        return fresh

    def _goes_on(self, line: str, same: int) -> bool:
        """Whether a number in this line of the same call keeps changing in one direction.

        Counts do; ports, durations and versions change in both directions.
        """
        numbers = [float(one) for one in _NUMBER.findall(line)[:NUMBERS_KEPT]]
        at = crc32(_NUMBER.sub("#", line).encode("utf-8", "replace"), same)
        known = self._trends.pop(at, None)
        if len(self._trends) >= TRENDS_KEPT:
            self._trends.pop(next(iter(self._trends)))
        size = len(numbers)
        if known is None or len(known) != 2 * size:
            self._trends[at] = array("d", numbers + [0.0] * size)
            return True
        self._trends[at] = known
        goes_on = False
        for place, one in enumerate(numbers):
            last, way = known[place], known[size + place]
            if one == last:
                continue
            step = 1.0 if one > last else -1.0
            if way in (0.0, step):
                goes_on = True
                known[size + place] = step
            else:
                known[size + place] = BROKEN
            known[place] = one
        return goes_on


def one_sign(data: bytes) -> bytes:
    """The text with each masked number, such as `###`, shortened to one `#`."""
    return data.replace(b"####", b"#").replace(b"##", b"#").replace(b"##", b"#") if b"##" in data else data


def _unwrapped(data: bytes) -> bytes:
    """The result of a tool without the text that its client puts around it."""
    if data.startswith(_TIMED):
        return data.partition(b"Output:")[2].strip()
    if not data.startswith(_WRAPPED) or len(data) > WRAPPED_CHARS:
        return data
    try:
        parts = orjson.loads(data)["content"]
        return "\n".join(part["text"] for part in parts).encode("utf-8", "replace").strip()
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return data


def _holds_one(text: bytes, parts: tuple[bytes, ...]) -> bool:
    for part in parts:  # noqa: SIM110 - any() takes three times as long, and this is asked of each result
        if part in text:
            return True
    return False


def _error_lines(lines: list[bytes]) -> list[bytes]:
    """The first lines that name an error."""
    found: list[bytes] = []
    for line in lines[:40] + lines[-20:] if len(lines) > 60 else lines:
        low = line[:200].lower()
        for word in _ERROR_WORDS:
            if word in low:
                found.append(line[:200])
                break
        if len(found) == ERROR_LINES:
            break
    return found


def _plain(token: bytes) -> bytes:
    """The token; for an id, a hash or a number, one sign in its place."""
    rest = token.strip(b"abcdef#-_.:/")
    if not rest:
        return b"#"
    return b"~" if len(token) >= 5 and token.count(b"#") >= 2 and token[:1] != b"#" and b"##" not in token else token


def _without(line: str, numbers: tuple[str, ...]) -> str:
    line = _REFS.sub("#", without_ids(line))
    for number in numbers:
        line = line.replace(number, "#") if len(number) > 1 else re.sub(rf"\b{number}\b", "#", line)
    return line
