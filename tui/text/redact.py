"""Redacts a transcript's lines: removes what must not leave this machine, and keeps what counting and judging need.

Works on the parsed line: texts at any depth, and keys that are texts (a path, a question). Three things are removed:

- **secrets** that `tui.text.secrets.find` finds, also behind JSON's escapes, escape sequences and invisible
  characters, or in JSON inside a text. Equal secrets get equal masks and different ones different masks, in letters
  that the judge takes neither for a number nor for a hash, because it compares texts.
- **names of people** in the paths of home folders: `/home/ada/x` becomes `/home/~/x`, the next name becomes `/home/~b`;
  a name is replaced in the same way everywhere. Paths keep their form, so that it is still seen when two lanes write
  one file.
- **blobs**: runs of base64, whose content cannot be checked, and reasoning that the model's service encrypted.

Numbers, ids, times, types and names of tools and models match none of these and stay as they are; an id that looks like
a secret gets the same mask everywhere, so references to it stay valid. Texts become shorter: where lanewatch cuts a
text after a number of characters, it may show a little more of the text than before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b

from tui.text.secrets.find import MASK
from tui.text.secrets.invisible import UNSEEN
from tui.text.secrets.masking import NESTED, TOO_DEEP, Found, Masker, uncovered_text

HOME = "name in a home folder"
BLOB = "base64"
DEPTH = "nested too deeply"
"""The key in `Redactor.counts` for values that are nested too deeply."""

BLOB_FROM = 2048
"""A base64 run of this many characters is a blob. Keys without a header are shorter, images are longer."""
NAMES_CAP = 1000

_LETTERS = "ghijklmnopqrstuvwxyz"  # no digits and no hex letters: the judge ignores both

_B64 = r"[A-Za-z0-9+/_-]"
_BREAK = r"(?:(?:\\{1,8}[rn]|\r?\n){1,2}[ \t]*)"
_BLOB = re.compile(rf"(?<!{_B64})(?:{_B64}{{60,}}+{_BREAK}?)++{_B64}{{0,59}}={{0,2}}")

_SEALED = frozenset({"signature", "encrypted_content"})
"""Fields that only the model's service can read: encrypted reasoning, of any length."""
_SEAL = re.compile(rf"{_B64}{{64,}}={{0,2}}\Z")

_SLASH = r"(?:[\\/]|%2[fF]|%5[cC])"  # as in a path or an address
_HOME = re.compile(rf"{_SLASH}(?:home|Users){_SLASH}{{1,8}}([^\s\\/\"'`<>|:*?,;()\[\]{{}}=&%$#@!…~]{{1,64}})")
_HOME_GATES = ("home", "Users")
_BEFORE_HOME = re.compile(r"(?:\A|[^\w.~-]|%[0-9A-F]{2}|[\\/][a-z]|[\\/](?:var|usr|export))\Z")
_LONGEST_NAME = 64
_ENCODED = re.compile(r"-(?:home|Users)-")
_UNKNOWN_HOME = re.compile(r"(?<![^/])-(?:home|Users)-([A-Za-z0-9]+)")
_NO_NAMES = frozenset({"Shared", "Public", "Default"})


class Redactor(Masker):
    """Redacts the lines of one export. The same lines in the same order give the same result."""

    def __init__(self, home: str | None = None) -> None:
        """`home` is the home folder of the person who exports. It is recognised wherever it lies."""
        self.counts: Counter[str] = Counter()
        """How many values were replaced, by kind."""
        self._masks: dict[bytes, str] = {}
        """Masks by the digest of the secret, so that no secret is kept in memory after its line."""
        self._blobs: dict[bytes, str] = {}
        self._names: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        """The same names in the form that they have in folder names that an agent makes of a path."""
        self._own: re.Pattern[str] | None = None
        self._own_name = ""
        if home:
            self._own_home(home)

    # -- known names -----------------------------------------------------------------------------------

    def learn(self, path: str) -> None:
        """Notes the owner of the home folder in which a path lies, if there is one."""
        for found in _HOME.finditer(path):
            self._sign(found[1].rstrip("."))

    def _own_home(self, path: str) -> None:
        """Notes the home folder of the person who exports, which may lie in an unusual place."""
        above, _, name = path.rstrip("/").rpartition("/")
        if not above:
            return  # the administrator's home
        self._own_name = name  # gets its letters at its first occurrence
        folder = f"{re.escape(_as_folder(above))}-({re.escape(_as_folder(name))})"
        self._own = re.compile(rf"(?:{re.escape(above)}/({re.escape(name)})|{folder})(?![A-Za-z0-9_])")

    # -- redaction -------------------------------------------------------------------------------------

    def mask(self, secret: str, kind: str) -> str:
        """The mask of a secret: equal for equal secrets, different for different ones."""
        self.counts[kind] += 1
        return f"{MASK[:-1]} {_number(self._masks, _bare(secret))}{MASK[-1]}"

    def too_deep(self) -> str:
        """The replacement for a value that is nested too deeply."""
        self.counts[DEPTH] += 1
        return TOO_DEEP

    def prepared(self, raw: str) -> str:
        """The text without blobs."""
        return _BLOB.sub(self._blob, raw) if len(raw) >= BLOB_FROM else raw

    def may_hold_others(self, raw: str) -> bool:
        """Whether a text may contain a home folder, or something that hides one."""
        return self._own is not None or "\\u" in raw or any(map(raw.__contains__, _HOME_GATES))

    def others(self, view: str) -> Iterator[Found]:
        """Names of people in paths of home folders, also where an agent wrote a whole path as one folder name."""
        if self._own is not None:
            for match in self._own.finditer(view):
                yield self._person(*match.span(1 if match[1] else 2), self._own_name)
        if not any(map(view.__contains__, _HOME_GATES)):
            return
        for match in _HOME.finditer(view):
            name = match[1].rstrip(".")
            at = match.start()
            if not name or name in _NO_NAMES:
                continue
            is_address = view[at] == "%"
            if is_address or name in self._names or _BEFORE_HOME.search(view[max(0, at - 8) : at]):
                yield self._person(match.start(1), match.start(1) + len(name), name)
        for match in _ENCODED.finditer(view):
            name = self._encoded_at(view, match.end())
            if name is not None:
                yield self._person(match.end(), match.end() + len(_as_folder(name)), name)

    def keyed(self, key: str, value: str) -> str:
        """Removes reasoning that only the model's service can read."""
        return self._left_out(value) if key in _SEALED and _SEAL.match(value) else value

    def name(self, path: str) -> str:
        """A relative path, redacted part by part. The number of parts stays, and invisible characters are replaced."""
        # Character by character, because an escape sequence may include the suffix.
        path = "".join(UNSEEN.sub("_", char) for char in path)
        path = path.replace("\\", "_").replace("\n", "_")
        for match in _UNKNOWN_HOME.finditer(path):
            if self._encoded_at(path, match.start(1)) is None:
                self._sign(match[1])
        return "/".join(self.text(part).replace("/", "_") for part in path.split("/"))

    def _person(self, start: int, end: int, name: str) -> Found:
        return Found(start, end, HOME, self._sign(name))

    def _encoded_at(self, view: str, at: int) -> str | None:
        """The longest known name at this place, in the form that an agent gives a path as a folder name.

        `-home-ada-harbor`.
        """
        best: str | None = None
        for end in range(at + 1, min(len(view), at + _LONGEST_NAME) + 1):
            after = view[end : end + 1]
            if not after.isalnum():
                best = self._folders.get(view[at:end]) or best
                if after != "-":
                    break
        return best

    def _replaced(self, raw: str, found: Sequence[Found]) -> str:
        if people := sum(one.by is not None for one in found):
            self.counts[HOME] += people
        return super()._replaced(raw, found)

    def _blob(self, match: re.Match[str]) -> str:
        if len(match[0]) < BLOB_FROM:
            return match[0]
        return self._left_out(match[0])

    def _left_out(self, blob: str) -> str:
        self.counts[BLOB] += 1
        return f"‹left out {_number(self._blobs, blob)}: {len(blob)} characters of base64›"

    def _sign(self, name: str) -> str:
        sign = self._names.get(name)
        if sign is None:
            if len(self._names) >= NAMES_CAP:
                return "~other"
            self._folders.setdefault(_as_folder(name), name)
            sign = self._names[name] = "~" if not self._names else f"~{_letters(len(self._names) - 1)}"
        return sign


def _bare(secret: str) -> str:
    """The secret without escapes and invisible characters, so that it is equal however it is written."""
    for _ in range(NESTED):
        bare = uncovered_text(secret)
        if bare is None:
            break
        secret = bare
    return secret


def _number(known: dict[bytes, str], secret: str) -> str:
    """The letters of a secret, by its digest; a new secret gets the next letters."""
    digest = blake2b(secret.encode("utf-8", "replace"), digest_size=16).digest()
    return known.setdefault(digest, _letters(len(known)))


def _letters(number: int) -> str:
    """A number in letters, without digits: 0 is g, 1 is h, 20 is hg."""
    text = _LETTERS[number % len(_LETTERS)]
    while number := number // len(_LETTERS):
        text = _LETTERS[number % len(_LETTERS)] + text
    return text


def _as_folder(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "-", name)
