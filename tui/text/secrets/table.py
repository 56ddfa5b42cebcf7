"""The table of secret kinds, read from `kinds.toml`.

Each kind has a name, an origin, probes and a pattern that find it, and a check.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tui.text.secrets.checks import CHECKS
from tui.text.secrets.compiled import parsed

CHARS = {
    "alnum": "A-Za-z0-9",
    "alnum_": "A-Za-z0-9_",
    "alnum_=": "A-Za-z0-9_=",
    "alnum-": "A-Za-z0-9-",
    "word": "A-Za-z0-9_-",
    "word.": "A-Za-z0-9_.-",
    "word=": "A-Za-z0-9_=-",
    "word.=": "A-Za-z0-9_.=-",
    "base64": "A-Za-z0-9+/=",
    "base64_": "A-Za-z0-9+/=_",
    "base64_-": "A-Za-z0-9+/=_,-",
    "hex": "0-9a-fA-F",
    "hex-": "0-9a-fA-F-",
    "upper": "A-Z0-9",
    "upper.": "A-Z0-9.",
}
"""Named character classes of the table."""

BACK, AHEAD = 120, 400
"""If a kind is searched near its probes, and its row states no number: a match begins at most `BACK` characters before
the end of its probe and is searched for at most `AHEAD` characters behind it.
"""
LONGEST = 4000
"""The greatest length, in characters, of a token with a prefix."""
DISTINCT = 5
"""A token has at least this many different characters: `xxxxxxxx` is not a token."""
_WRAP = r"(?:\r?\n[ \t]{0,40})?"  # a token may be wrapped at the edge of the terminal
_GLUED = re.compile(rb"(?<!\\)(?<!\\u[0-9a-fA-F]{3})[A-Za-z0-9]\Z")  # an escape's letter and digits do not count
_BEFORE = 32
"""The number of bytes before a probe that are checked."""
_NO_VALUE = r"[${(<\[]|%[({]"
_BARE_VALUE = rf"""(?!{_NO_VALUE})[^\s"'`\\]{{4}}"""
_QUOTED_OR_MIXED = rf"""[ \t]*(?:["'`\\]["'`\\ \t]*|(?=[^\s"'`\\]{{0,300}}?[0-9])){_BARE_VALUE}"""
_PAIR = rf"""[ \t,rn\\\r\n"'vV]{{0,160}}alue["'`\\ \t]*[:=]["'`\\ \t]*{_BARE_VALUE}"""
_BEHIND = {
    "=": rf"""["'`\\ \t]*{_BARE_VALUE}""".encode(),
    ":": rf"[=>]?{_QUOTED_OR_MIXED}".encode(),
    "</": rf"[a-z]{{1,12}}>(?:\s|\\[nrt])*<[a-z]{{1,12}}>{_BARE_VALUE}".encode(),
    ">": rf"""(?:(?:</|<\\/)[a-z]{{1,12}}>(?:\s|\\[nrt])*<[a-z]{{1,12}}>)?{_BARE_VALUE}""".encode(),
    "": rf"""["'`\\ \t\]]*(?:(?::=|=>|\?=|[:=]){_QUOTED_OR_MIXED}|{_PAIR}|>{_BARE_VALUE})""".encode(),
}
"""The pattern of the value behind a name, by the sign between them: `=`, a sign with a space or a colon, any other
sign.
"""
_PIECE = re.compile(r"<([A-Z_]+)>")


class Probe(NamedTuple):
    """A short expression that is cheap to search for. A pattern can only match where one of its probes matches."""

    expression: bytes
    """A Hyperscan expression over UTF-8."""
    length: int = 0
    """The length of the expression in bytes, if it is a plain word."""
    after: bytes = b""
    """A pattern that must match directly behind the word."""
    begins: bool = False
    """If True, no letter or digit may stand before the word."""
    named: int = 0
    """If the word is the end of a name and its sign: the length of the sign in bytes."""
    never_behind: bytes = b""
    """A pattern that must not match directly before the expression. `length` must be set."""
    near: bool = False
    """If True, each match of the kind's pattern begins near a match of this probe: see `Kind.reach`."""

    @property
    def is_doubtful(self) -> bool:
        """Whether each match has to be checked by `holds_at`."""
        return bool(self.after) or self.begins or bool(self.never_behind) or self.near

    def holds_at(self, data: bytes, end: int) -> bool:
        """Whether the pattern may match at a place where the word was found."""
        if self.begins and _GLUED.search(data, max(0, end - self.length - 6), end - self.length) is not None:
            return False
        if self.never_behind:
            begin = end - self.length
            if _compiled_bytes(self.never_behind).search(data, max(0, begin - _BEFORE), begin) is not None:
                return False
        return not self.after or _compiled_bytes(self.after).match(data, end) is not None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of secrets."""

    name: str
    origin: str
    probes: tuple[Probe, ...]
    """At least one of them matches wherever the pattern matches."""
    pattern: str
    check: Callable[[str], bool]
    called: str = ""
    """For a kind that is known by the name of its value: the pattern that is searched for in the name. `pattern` is
    then that of the value.
    """
    begins: str = ""
    """A fixed beginning of every match, which is faster to search for than the pattern; "" if there is none."""
    reach: tuple[int, int] = (BACK, AHEAD)
    """If `Probe.near`: how many characters before and behind the end of a probe matches are searched for."""

    def matches_near(self, text: str, places: Iterable[int]) -> Iterator[re.Match[str]]:
        """Matches of the pattern near the ends of its probes' matches. `places` are in ascending order."""
        at = 0
        for first, last in self._spans_round(places):
            for found in self._matches_between(text, max(at, first), last):
                yield found
                at = found.end()

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """All matches of the pattern, as `finditer` gives them."""
        return self._matches_between(text, 0, len(text)) if self.begins else self.compiled.finditer(text)

    def _matches_between(self, text: str, at: int, last: int) -> Iterator[re.Match[str]]:
        """Matches that begin between two places."""
        search = _compiled(self.begins or self.pattern).search
        while (seen := search(text, at, last)) is not None:
            # The text was cut for this search, so the match is made on the whole text.
            found = self.compiled.match(text, seen.start())
            if found is not None:
                yield found
            at = max(found.end() if found is not None else 0, seen.start() + 1)

    def _spans_round(self, places: Iterable[int]) -> Iterator[tuple[int, int]]:
        """The spans to search around the places; spans that touch are joined."""
        back, ahead = self.reach
        first = last = -1
        for place in places:
            if place - back > last:
                if last >= 0:
                    yield first, last
                first = max(0, place - back)
            last = place + ahead
        if last >= 0:
            yield first, last

    @property
    def compiled(self) -> re.Pattern[str]:
        """The compiled pattern. Its only group is the secret. Compiled when first asked for."""
        return _compiled(self.pattern)

    def is_called(self, name: str) -> bool:
        """Whether a value of this name is a secret of this kind."""
        return _compiled(self.called).search(name) is not None


class Names(NamedTuple):
    """The endings of names that mark their value as a secret."""

    words: tuple[bytes, ...]
    """In lower case, longer words first."""
    signs: tuple[str, ...]
    excepted: re.Pattern[str]


@functools.cache
def _table() -> Mapping[str, Any]:
    return parsed((Path(__file__).parent / "kinds.toml").read_bytes())


@functools.cache
def names() -> Names:
    """The endings of names, from `kinds.toml`."""
    table = _table()["names"]
    words = sorted(table["words"], key=len, reverse=True)
    return Names(tuple(word.encode() for word in words), tuple(table["signs"]), re.compile(table["except"]))


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """All kinds in the order of the table. Where two kinds match, the first one counts."""
    table = _table()
    pieces = {"WRAP": _WRAP, **table["pieces"]}
    return (
        *(_prefixed(row) for row in table["prefixed"]),
        *(_shaped(row, pieces) for row in table["shaped"]),
        *(_named(row, pieces) for row in table["named"]),
    )


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@functools.cache
def _compiled_bytes(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)


def _shaped(row: Mapping[str, Any], pieces: Mapping[str, str]) -> Kind:
    after = b"(?is)" + row["after"].encode() if "after" in row else b""
    near: bool | int = row.get("near", False)
    probes = (
        *(Probe(probe.encode(), near=bool(near)) for probe in row.get("probe", ())),
        *(Probe(re.escape(word).encode(), len(word.encode()), after, near=bool(near)) for word in row.get("words", ())),
        *(
            Probe(b"(?i)" + re.escape(word).encode(), len(word.encode()), after, near=bool(near))
            for word in row.get("any_case", ())
        ),
    )
    return Kind(
        row["name"], row["origin"], probes, _resolved(row["pattern"], pieces), CHECKS[row.get("check", "")],
        begins=row.get("begins", ""), reach=(BACK, AHEAD) if isinstance(near, bool) else (near, near),
    )  # fmt: skip


def _named(row: Mapping[str, Any], pieces: Mapping[str, str]) -> Kind:
    pattern, called = (_resolved(row[key], pieces) for key in ("pattern", "called"))
    return Kind(row["name"], row["origin"], _name_probes(), pattern, CHECKS[row.get("check", "")], called)


@functools.cache
def _name_probes() -> tuple[Probe, ...]:
    """A probe for each ending of a name with each sign. All kinds that are known by a name share them."""
    words = [(b"(?i)" + re.escape(word), len(word)) for word in names().words]
    signs = [(re.escape(sign.encode()), len(sign), _behind(sign)) for sign in names().signs]
    return tuple(
        Probe(word + sign, length + size, behind, named=size) for word, length in words for sign, size, behind in signs
    )


def _behind(sign: str) -> bytes:
    if sign in ("</", ">", '">'):
        return _BEHIND["</" if sign == "</" else ">"]
    return _BEHIND["=" if sign in ("=", "?=", '"=') else ":" if sign[-1] in ":=" else ""]


def _resolved(pattern: str, pieces: Mapping[str, str]) -> str:
    while _PIECE.search(pattern) is not None:
        pattern = _PIECE.sub(lambda found: pieces[found[1]], pattern)
    return pattern


def _prefixed(row: Mapping[str, Any]) -> Kind:
    named: str = row["chars"]
    chars, least = CHARS.get(named, named), row["least"]
    prefixes: list[str] = row["prefixes"]
    begins = "|".join(map(re.escape, sorted(prefixes, key=len, reverse=True)))
    rest = rf"(?![A-Za-z0-9…{chars}])" if row.get("exact") else rf"[{chars}]{{0,{LONGEST}}}"
    # Base64 can contain a prefix of letters by chance, directly behind `+` or `/`.
    before = r"(?<![A-Za-z0-9+/])" if all(map(str.isalnum, prefixes)) else r"(?<![A-Za-z0-9])"
    token = rf"(?:[{chars}]{_WRAP}){{{least - 1}}}[{chars}]{rest}"
    after = rf"(?:[{chars}]|\\+[nr]|[\s\x1b]){{{least}}}".encode()
    probes = tuple(Probe(re.escape(prefix).encode(), len(prefix), after, begins=True, near=True) for prefix in prefixes)
    return Kind(
        row["name"], row["origin"], probes, rf"{before}(?:{begins})({token})", _plain if row.get("plain") else _mixed,
        begins=f"(?:{begins})",
    )  # fmt: skip


def _plain(secret: str) -> bool:
    return len(set(secret)) >= DISTINCT


def _mixed(secret: str) -> bool:
    return len(set(secret)) >= DISTINCT and any(char.isdigit() for char in secret)
