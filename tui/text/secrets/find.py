"""Finds secrets in a text and masks them.

Clean text costs one search by Hyperscan for the probes of all kinds at once (some gigabytes in a second). The pattern
of a kind runs only on a text in which one of its probes found something. The prefix that names the kind is kept (`ghp_`
and the mask), so that a reader knows what was there. All secrets get the same mask: equal texts stay equal, and nothing
of a weak password is visible.

Two properties matter to `tui.text.safe_text`: cutting a text without a secret does not make one (a pattern that fails
on a text fails on each prefix of it followed by `…`), and masked text contains nothing more to mask.
"""

from __future__ import annotations

import functools
import re
import string
import threading
from collections.abc import Iterator
from typing import NamedTuple

import hyperscan

from tui.text.secrets.compiled import compiled
from tui.text.secrets.table import Kind, Probe, kinds, names

MASK = "…\u2039masked\u203a"
"""Stands for each secret, whatever the secret was."""

Span = tuple[int, int]
"""Start and end of a text to mask, in characters."""

SHORTEST = 7
"""The shortest secret in characters: `://u:p@`."""
UNSEEN_CHARS = (  # each begins with few bytes: a class of characters in front would make the search three times as slow
    rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]",
    rb"\xc2[\x80-\x9f\xad]|\xcd\x8f|\xd8\x9c|\xe1\x85[\x9f\xa0]|\xe1\x9e[\xb4\xb5]|\xe1\xa0[\x8b-\x8f]",
    rb"\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xe3\x85\xa4|\xef\xb8[\x80-\x8f]",
    rb"\xef\xbb\xbf|\xef\xbe\xa0|\xef\xb7[\x90-\xaf]|\xef\xbf[\xb0-\xbb]|\xed[\xa0-\xbf]|\xf3\xa0",
)
"""Invisible characters, in UTF-8. A secret that contains one is not found by its probe."""
ESCAPED_CHARS = (
    *(rf"\\u00{digit}".encode() for digit in range(8)),
    *(rf"\\u{begin}".encode() for begin in ("00ad", "00AD", "200", "202", "206", "fe", "FE", "fE", "Fe", "db40")),
)
"""The same invisible characters written as JSON escapes. An escape may also stand for a character of the secret."""
_BEHIND_SIGN = (
    rb"(?:[\xe2-\xee][\x80-\xbf]{2}|\xef\xb8[\x80-\x8f]|\xf0\x9f[\x80-\xbe][\x80-\xbf])\Z",
    rb"(?i)u(?:2[1-9a-f][0-9a-f]{2}|fe0[0-9a-f]|d83[c-e]\\{1,8}ud[c-f][0-9a-f]{2})\\{0,8}\Z",
)
"""If one of these is directly before an invisible character, that character hides no probe. Probes are ASCII: only an
invisible character directly behind ASCII, or behind another invisible one, can hide one. Emoji and arrows are often
followed by an invisible variation selector. First as characters, then as escapes.
"""

_ANYWHERE = hyperscan.HS_FLAG_DOTALL
_ONCE = _ANYWHERE | hyperscan.HS_FLAG_SINGLEMATCH
_WRAPPED = 12
_REST = re.compile(r"\r?\n[ \t]{0,40}(?=[A-Za-z_+/.~-]{0,200}[0-9])[A-Za-z0-9+/_.~-]{8,4000}={0,2}(?=[\s\"'`\\]|\Z)")
_NAME = 80
_NAME_CHARS = string.ascii_letters + string.digits + "_.-"
"""The characters of a name, and the greatest length of a name."""
_ROUNDS = 32  # masking one secret can uncover the next one


class Secret(NamedTuple):
    """The place of a secret (start and end in characters) and its kind."""

    start: int
    end: int
    kind: str


Claims = list[tuple[Probe, list[int]]]
"""Probes of one expression, each with the indexes of its kinds in the table. A probe for characters that may hide a
secret has none."""


class _Probes(NamedTuple):
    """The compiled probes of all kinds. Compiling takes some milliseconds, so it is done for the first text."""

    claims: tuple[Claims, ...]
    """By the index of the expression."""
    unseen: frozenset[int]
    """The indexes of the expressions that find invisible characters."""
    database: hyperscan.Database

    @classmethod
    def of_table(cls) -> _Probes:
        """Compiles the probes of all kinds in the table."""
        claims: dict[bytes, Claims] = {}
        claimants: dict[int, tuple[tuple[Probe, ...], list[int]]] = {}  # all kinds known by a name share their probes
        for index, kind in enumerate(kinds()):
            claimants.setdefault(id(kind.probes), (kind.probes, []))[1].append(index)
        for probes, indexes in claimants.values():
            for probe in probes:
                _claim(claims.setdefault(probe.expression, []), probe, indexes)
        for hiding in _hiding():
            _claim(claims.setdefault(hiding.expression, []), hiding, [])
        return cls(
            tuple(claims.values()),
            frozenset(index for index, expression in enumerate(claims) if expression in UNSEEN_CHARS),
            compiled(list(claims), [_ANYWHERE if _is_doubtful(claim) else _ONCE for claim in claims.values()]),
        )


def _claim(claims: Claims, probe: Probe, indexes: list[int]) -> None:
    for known, claimed in claims:
        if known == probe:
            claimed.extend(indexes)
            return
    claims.append((probe, list(indexes)))


def _is_doubtful(claims: Claims) -> bool:
    return any(probe.is_doubtful for probe, _ in claims)


def _hiding() -> Iterator[Probe]:
    """Probes for characters and escapes that may hide another probe."""
    for chars in UNSEEN_CHARS:
        yield Probe(chars, 3, never_behind=_BEHIND_SIGN[0]) if chars.startswith(rb"\xe2") else Probe(chars)
    for escape in ESCAPED_CHARS:
        if rb"\u00" in escape:
            yield Probe(escape)
        else:
            yield Probe(escape, len(escape) - 1, never_behind=_BEHIND_SIGN[1])


class Look(NamedTuple):
    """What one search over a text found."""

    data: bytes
    """The text in UTF-8."""
    kinds: dict[int, list[int]]
    """The kinds of which a probe matched, as indexes in the table, in ascending order. A kind whose pattern is searched
    only near its probes comes with the ends of their matches, in bytes.
    """
    names: list[int]
    """The ends of names that may mark their value as a secret, in bytes, in ascending order."""
    hides: bool
    """Whether something was found that may hide a secret."""
    unseen: bool
    """Whether the text contains invisible characters. Tabs and line ends do not count."""

    @property
    def is_clean(self) -> bool:
        """Whether the text certainly contains no secret and nothing that hides one."""
        return not self.kinds and not self.hides


class _Search:
    """The search state of one thread. Threads share the probes; each has its own scratch memory."""

    def __init__(self, probes: _Probes) -> None:
        self._claims, self._unseen, self._database = probes
        self._scratch = hyperscan.Scratch(probes.database)
        hits: list[tuple[int, int]] = []
        self._hits = hits

        def note(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
            hits.append((index, end))

        self._note = note

    def holds(self, data: bytes) -> bool:
        """Whether any probe matches."""
        hits = self._hits
        hits.clear()
        self._database.scan(data, match_event_handler=self._note, scratch=self._scratch)
        for index, end in hits:
            for probe, _ in self._claims[index]:
                if probe.holds_at(data, end):
                    return True
        return False

    def look(self, data: bytes) -> Look:
        """All that the probes find in a text."""
        hits = self._hits
        hits.clear()
        self._database.scan(data, match_event_handler=self._note, scratch=self._scratch)
        found: dict[int, list[int]] = {}
        names: set[int] = set()
        hides = unseen = False
        for index, end in hits:
            unseen = unseen or index in self._unseen
            for probe, claimed in self._claims[index]:
                if not claimed:
                    hides = hides or probe.holds_at(data, end)
                elif probe.near:
                    if probe.holds_at(data, end):
                        for kind in claimed:
                            found.setdefault(kind, []).append(end)
                elif (probe.named or not all(kind in found for kind in claimed)) and probe.holds_at(data, end):
                    for kind in claimed:
                        found.setdefault(kind, [])
                    if probe.named:
                        names.add(end - probe.named)
        return Look(data, dict(sorted(found.items())), sorted(names), hides, unseen)


_local = threading.local()
_compiling = threading.Lock()


@functools.cache
def _shared_probes() -> _Probes:
    return _Probes.of_table()


def _search() -> _Search:
    try:
        return _local.search
    except AttributeError:
        with _compiling:
            _local.search = _Search(_shared_probes())
        return _local.search


def may_hold_secret(data: bytes) -> bool:
    """Whether a UTF-8 text, or a line of JSON, may contain a secret or something that hides one."""
    return _search().holds(data)


def look_at(text: str) -> Look:
    """What one search over the text finds."""
    return _search().look(text.encode("utf-8", "surrogatepass"))


def mask_secrets(text: str) -> str:
    """The text with each secret replaced by `MASK`. The prefix that names the kind is kept."""
    for _ in range(_ROUNDS):
        spans = secret_spans(text)
        if not spans:
            return text
        text = replace_spans(text, spans)
    return text


def secret_spans(text: str) -> list[Span]:
    """The places of the secrets in the text, in order, without overlap."""
    return [(secret.start, secret.end) for secret in secrets_in(text)]


def secrets_in(text: str) -> list[Secret]:
    """The secrets in the text, in order, without overlap.

    If several kinds match at one place, the first kind in the table is given.
    """
    return secrets_seen(text, look_at(text)) if len(text) >= SHORTEST else []


def secrets_seen(text: str, look: Look) -> list[Secret]:
    """The secrets in a text, after `look_at` has searched it."""
    if not look.kinds or len(text) < SHORTEST:
        return []
    data = look.data
    table = kinds()
    found: list[Secret] = []
    named: list[Kind] = []
    for index, places in look.kinds.items():
        kind = table[index]
        if kind.called:
            named.append(kind)
            continue
        matches = kind.matches_near(text, _in_characters(text, data, sorted(places))) if places else kind.matches(text)
        for match in matches:
            if kind.check(match[1]):
                found.append(Secret(*match.span(1), kind.name))
    if named:
        found += _named(text, data, look.names, named)
    if len(found) > 1:
        found = _merged(found)
    return [_with_next_lines(text, secret) for secret in found]


def _merged(found: list[Secret]) -> list[Secret]:
    merged: list[Secret] = []
    for secret in sorted(found):
        if merged and secret.start <= merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(secret.end, merged[-1].end))
        else:
            merged.append(secret)
    return merged


def _with_next_lines(text: str, secret: Secret) -> Secret:
    """A long secret extended by its following lines, if a terminal wrapped it: lines that contain nothing else."""
    end = secret.end
    if end - secret.start >= _WRAPPED:
        while (rest := _REST.match(text, end)) is not None:
            end = rest.end()
    return secret if end == secret.end else secret._replace(end=end)


def replace_spans(text: str, spans: list[Span]) -> str:
    """The text with these spans masked. Spans are ordered and do not overlap."""
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], MASK)
        at = end
    parts.append(text[at:])
    return "".join(parts)


def _in_characters(text: str, data: bytes, places: list[int]) -> Iterator[int]:
    """Converts places in bytes to places in characters. `places` are in ascending order."""
    if len(text) == len(data):
        yield from places
        return
    at = char = 0
    for byte in places:
        char += len(data[at:byte].decode("utf-8", "surrogatepass"))
        at = byte
        yield char


def _named(text: str, data: bytes, ends: list[int], named: list[Kind]) -> Iterator[Secret]:
    """Values behind a name that marks them as secrets, such as `password=`."""
    excepted = names().excepted
    is_ascii = len(text) == len(data)
    at = char = 0
    for byte in ends:
        char = byte if is_ascii else char + len(data[at:byte].decode("utf-8", "surrogatepass"))
        at = byte
        before = text[max(0, char - _NAME) : char]
        name = before[len(before.rstrip(_NAME_CHARS)) :]
        if excepted.search(name) is not None:
            continue
        for kind in named:
            if not kind.is_called(name):
                continue
            match = kind.compiled.match(text, char)
            if match is not None and kind.check(match[1]):
                yield Secret(*match.span(1), kind.name)
