"""Takes out of a transcript's lines what must not leave this machine, and keeps what counting and judging need.

Works on the parsed line: texts at any depth, and keys that are texts (a path, a question). Three things go:

- **secrets** that `tui.view.secrets` knows, also behind JSON's escapes, escape sequences and invisible characters, or
  in JSON inside a text. Equal secrets get equal masks and different ones different masks, in letters that the judge
  takes neither for a number nor for a hash: it compares texts.
- **names of people** in the paths of home folders: `/home/ada/x` becomes `/home/~/x`, the next name `/home/~b`, the
  same name the same sign everywhere. Paths keep their form, so that two lanes in one file are still seen.
- **blobs**: runs of base64, in which nobody can see what they hold; thoughts that are sealed by the model's service.

Numbers, ids, times, types and names of tools and models match none of these and stay as they are; an id that looks
like a secret gets the same mask wherever it stands, so links hold. Texts become shorter: where lanewatch cuts a text at
a number of characters, a little more of it may be seen than before.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from io import StringIO
from typing import Any, NamedTuple, cast

import orjson

from tui.view.safe_text import UNSEEN
from tui.view.secrets import MASK, secrets_in

HOME = "name in a home folder"
BLOB = "base64"
DEPTH = "nested too deeply"
"""What is counted beside the kinds of `tui.view.secrets`."""

BLOB_FROM = 2048
"""Characters. Longer than any key that has no header of its own; shorter than any picture."""
SHORTEST = 7
"""Characters: `/home/a`, `://u:p@`. Nothing below is anything."""
DEEPEST = 200
"""JSON below is replaced: it can be read, but not written again."""
NESTED = 8
"""JSON in a text in JSON, so often. Each level doubles the backslashes: real ones are two or three deep."""
NAMES_CAP = 1000

_ROUNDS = 4  # as in `secrets`: a mask can lay bare the beginning of another secret
_LETTERS = "ghijklmnopqrstuvwxyz"  # no digits, no hex: the judge takes both out

_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HIDING = re.compile(rf'\\(?:u(?P<code>[0-9a-fA-F]{{4}})|(?P<short>["\\/bfnrt]))|{UNSEEN.pattern}')
_B64 = r"[A-Za-z0-9+/_-]"
_BREAK = r"(?:(?:\\{1,8}[rn]|\r?\n){1,2}[ \t]*)"
_BLOB = re.compile(rf"(?<!{_B64})(?:{_B64}{{60,}}+{_BREAK}?)++{_B64}{{0,59}}={{0,2}}")

_SEALED = frozenset({"signature", "encrypted_content"})
"""What only the model's service can read: the model's thoughts, of any length."""
_SEAL = re.compile(rf"{_B64}{{64,}}={{0,2}}\Z")

_SLASH = r"(?:[\\/]|%2[fF]|%5[cC])"  # as in a path, or in an address
_HOME = re.compile(rf"{_SLASH}(?:home|Users){_SLASH}{{1,8}}([^\s\\/\"'`<>|:*?,;()\[\]{{}}=&%$#@!…~]{{1,64}})")
_HOME_GATES = ("home", "Users")
_BEFORE_HOME = re.compile(r"(?:\A|[^\w.~-]|%[0-9A-F]{2}|[\\/][a-z]|[\\/](?:var|usr|export))\Z")
_LONGEST_NAME = 64
_ENCODED = re.compile(r"-(?:home|Users)-")
_UNKNOWN_HOME = re.compile(r"(?<![^/])-(?:home|Users)-([A-Za-z0-9]+)")
_NO_NAMES = frozenset({"Shared", "Public", "Default"})

_TELLING = re.compile(r"(?i)passw|passphrase|secret|token|key|authorization")
_PASSWORD = re.compile(r"(?i)(?:passw(?:or)?d|passphrase)\Z")


class _Found(NamedTuple):
    """What is to be replaced. `by` is a person's sign; None: a secret, which gets its mask."""

    start: int
    end: int
    kind: str
    by: str | None = None


class Redactor:
    """For one export. The same lines in the same order give the same lines."""

    def __init__(self, home: str | None = None) -> None:
        """`home` is the home folder of whoever exports: it is known by sight wherever it lies."""
        self.counts: Counter[str] = Counter()
        """What was taken out, by kind."""
        self._masks: dict[bytes, str] = {}
        """By a digest of the secret: it is not held any longer than its line."""
        self._blobs: dict[bytes, str] = {}
        self._names: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        """The same names by how an agent writes them into a folder's name."""
        self._own: re.Pattern[str] | None = None
        self._own_name = ""
        if home:
            self._own_home(home)

    # -- what is known ----------------------------------------------------------------------------

    def learn(self, path: str) -> None:
        """Takes note of the person in whose home folder a path lies, if it does."""
        for found in _HOME.finditer(path):
            self._sign(found[1].rstrip("."))

    def _own_home(self, path: str) -> None:
        """The home of whoever exports, which may lie where homes mostly do not."""
        above, _, name = path.rstrip("/").rpartition("/")
        if not above:
            return  # the administrator's
        self._own_name = name  # gets its sign when it is met: the same lines give the same signs on any machine
        folder = f"{re.escape(_as_folder(above))}-({re.escape(_as_folder(name))})"
        self._own = re.compile(rf"(?:{re.escape(above)}/({re.escape(name)})|{folder})(?![A-Za-z0-9_])")

    # -- what is redacted -------------------------------------------------------------------------

    def value(self, value: Any, depth: int = 0, nested: int = 0) -> Any:
        """A value of a line; the very same object if there was nothing to take out."""
        if isinstance(value, str):
            return self.text(value, nested)
        if not isinstance(value, dict | list):
            return value
        if depth >= DEEPEST:
            self.counts[DEPTH] += 1
            return "‹left out: nested too deeply›"
        if isinstance(value, list):
            return self._list(cast("list[Any]", value), depth, nested)
        return self._object(cast("dict[str, Any]", value), depth, nested)

    def text(self, raw: str, nested: int = 0) -> str:
        """A text, redacted. Applied twice it changes nothing more."""
        if len(raw) < SHORTEST:
            return raw
        is_json = nested < NESTED and raw[0] in "{[" and raw[-1] in "}]"
        # Inside first where a pattern could run over the end of an inner text; else after, so that its form is kept.
        if is_json and "PRIVATE KEY" in raw:
            raw, is_json = self._inside(raw, nested), False
        if len(raw) >= BLOB_FROM:
            raw = _BLOB.sub(self._blob, raw)
        for _ in range(_ROUNDS):
            found = self._find(raw)
            if not found:
                break
            raw = self._replaced(raw, found)
        return self._inside(raw, nested) if is_json else raw

    def name(self, path: str) -> str:
        """A relative path, redacted part by part; it gets no other parts than it had, and nothing unseen."""
        path = "".join(UNSEEN.sub("_", char) for char in path)  # one by one: a sequence may swallow a suffix
        path = path.replace("\\", "_").replace("\n", "_")
        for match in _UNKNOWN_HOME.finditer(path):
            if self._encoded_at(path, match.start(1)) is None:
                self._sign(match[1])
        return "/".join(self.text(part).replace("/", "_") for part in path.split("/"))

    # -- structure --------------------------------------------------------------------------------

    def _inside(self, raw: str, nested: int) -> str:
        """A text that may be JSON: written anew only if there was something to take out."""
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return raw
        made = self.value(value, nested=nested + 1)
        return raw if made is value else orjson.dumps(made).decode()

    def _object(self, record: dict[str, Any], depth: int, nested: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        changed = False
        for key, value in record.items():
            is_word, is_telling = _about(key)
            new_key = key if is_word else self.text(key, nested)
            new = self.value(value, depth + 1, nested)
            if is_telling and isinstance(new, str):
                new = self._named(key, new)
            elif key in _SEALED and isinstance(new, str) and _SEAL.match(new):
                new = self._left_out(new)
            changed = changed or new is not value or new_key is not key
            made[new_key] = new
        return made if changed else record

    def _list(self, items: list[Any], depth: int, nested: int) -> list[Any]:
        made = [self.value(item, depth + 1, nested) for item in items]
        if any(isinstance(item, str) and item.startswith("--") for item in made[:64]):
            made = self._arguments(made)
        return made if any(new is not item for new, item in zip(made, items, strict=True)) else items

    def _named(self, key: str, value: str) -> str:
        """A value that only its key calls a secret."""
        head = f'"{key}":"'
        found = [
            _Found(secret.start - len(head), min(secret.end - len(head), len(value)), secret.kind)
            for secret in secrets_in(f'{head}{value}"')
            if len(head) <= secret.start < len(head) + len(value)
        ]
        if found and _PASSWORD.search(key):
            found = [_Found(0, len(value), found[0].kind)]  # a passphrase has spaces
        return self._replaced(value, found) if found else value

    def _arguments(self, items: list[Any]) -> list[Any]:
        """A command as a list: what stands after `--token` is known by what stands before it."""
        made = list(items)
        for index in range(1, len(made)):
            option, value = made[index - 1], made[index]
            if not (isinstance(option, str) and isinstance(value, str) and option.startswith("--")):
                continue
            head = f"{option} "
            if any(secret.start == len(head) for secret in secrets_in(head + value)):
                made[index] = self._mask(value, "key or token")
        return made

    # -- texts ------------------------------------------------------------------------------------

    def _find(self, raw: str) -> list[_Found]:
        """What is to be replaced, in order, without overlap: as the text stands, and behind each layer of hiding."""
        found: list[_Found] = []
        layers: list[_Layer] = []
        view = raw
        for _ in range(NESTED):
            seen = [_Found(*secret) for secret in secrets_in(view)]
            seen += self._people(view)
            found += [_placed(one, layers) for one in seen] if layers else seen
            layer = _uncovered(view)
            if layer is None:
                break
            layers.append(layer)
            view = layer.text
        return _merged(found) if found else found

    def _people(self, view: str) -> Iterator[_Found]:
        """Names in the paths of home folders, as they stand or as an agent writes a folder's path as one name."""
        if self._own is not None:
            for match in self._own.finditer(view):
                yield _Found(*match.span(1 if match[1] else 2), HOME, self._sign(self._own_name))
        if not any(map(view.__contains__, _HOME_GATES)):
            return
        for match in _HOME.finditer(view):
            name = match[1].rstrip(".")
            at = match.start()
            if not name or name in _NO_NAMES:
                continue
            is_address = view[at] == "%"
            if is_address or name in self._names or _BEFORE_HOME.search(view[max(0, at - 8) : at]):
                yield _Found(match.start(1), match.start(1) + len(name), HOME, self._sign(name))
        for match in _ENCODED.finditer(view):
            name = self._encoded_at(view, match.end())
            if name is not None:
                yield _Found(match.end(), match.end() + len(_as_folder(name)), HOME, self._sign(name))

    def _encoded_at(self, view: str, at: int) -> str | None:
        """The longest known name that stands here as an agent writes it into a folder's name: `-home-ada-harbor`."""
        best: str | None = None
        for end in range(at + 1, min(len(view), at + _LONGEST_NAME) + 1):
            after = view[end : end + 1]
            if not after.isalnum():
                best = self._folders.get(view[at:end], best)
                if after != "-":
                    break
        return best

    def _replaced(self, raw: str, found: Sequence[_Found]) -> str:
        parts: list[str] = []
        at = 0
        for one in found:
            parts.append(raw[at : one.start])
            if one.by is None:
                parts.append(self._mask(raw[one.start : one.end], one.kind))
            else:
                self.counts[HOME] += 1
                parts.append(one.by)
            at = one.end
        parts.append(raw[at:])
        return "".join(parts)

    def _blob(self, match: re.Match[str]) -> str:
        if len(match[0]) < BLOB_FROM:
            return match[0]
        return self._left_out(match[0])

    def _left_out(self, blob: str) -> str:
        self.counts[BLOB] += 1
        return f"‹left out {_number(self._blobs, blob)}: {len(blob)} characters of base64›"

    def _mask(self, secret: str, kind: str) -> str:
        self.counts[kind] += 1
        return f"{MASK[:-1]} {_number(self._masks, _bare(secret))}{MASK[-1]}"

    def _sign(self, name: str) -> str:
        sign = self._names.get(name)
        if sign is None:
            if len(self._names) >= NAMES_CAP:
                return "~other"
            self._folders.setdefault(_as_folder(name), name)
            sign = self._names[name] = "~" if not self._names else f"~{_letters(len(self._names) - 1)}"
        return sign


class _Layer(NamedTuple):
    """A text without one layer of hiding. `starts` are places in it, `raws` the same places in the text above."""

    text: str
    starts: array[int]
    raws: array[int]

    def place(self, index: int) -> int:
        """Where a character of it stands in the text above."""
        at = bisect_right(self.starts, index) - 1
        return self.raws[at] + index - self.starts[at]


def _uncovered(view: str) -> _Layer | None:
    """The text with escapes resolved and without what is not seen; None if there is neither."""
    if "\\" not in view and view.isascii() and view.isprintable():
        return None
    bare = StringIO()
    starts, raws = array("I", [0]), array("I", [0])  # a long text may be nothing but escapes
    length = at = 0
    for match in _HIDING.finditer(view):
        char = chr(int(match["code"], 16)) if match["code"] else _ESCAPES.get(match["short"] or "", "")
        bare.write(view[at : match.start()])
        bare.write(char)
        length += match.start() - at
        if char:
            starts.append(length)
            raws.append(match.start())
            length += 1
        starts.append(length)
        raws.append(match.end())
        at = match.end()
    if not at:
        return None
    bare.write(view[at:])
    return _Layer(bare.getvalue(), starts, raws)


def _placed(found: _Found, layers: Sequence[_Layer]) -> _Found:
    """What was found behind these layers, in the text before them all."""
    start, end = found.start, found.end
    for layer in reversed(layers):
        start, end = layer.place(start), layer.place(end)
    return found._replace(start=start, end=end)


def _bare(secret: str) -> str:
    """A secret without any hiding: it is the same secret however it is written."""
    for _ in range(NESTED):
        layer = _uncovered(secret)
        if layer is None:
            break
        secret = layer.text
    return secret


def _merged(found: list[_Found]) -> list[_Found]:
    merged: list[_Found] = []
    for one in sorted(found, key=lambda each: (each.start, each.end)):
        if not merged or one.start >= merged[-1].end:
            merged.append(one)
            continue
        last = merged[-1]
        by = last.by if last.by is not None and last.by == one.by else None
        kind = next((each.kind for each in (last, one) if each.by is None), last.kind)
        merged[-1] = _Found(last.start, max(last.end, one.end), kind, by)
    return merged


@lru_cache(4096)
def _about(key: str) -> tuple[bool, bool]:
    """Whether a key is a mere word, and whether it may call its value a secret. Few keys, asked for at every value."""
    return key.isidentifier(), _TELLING.search(key) is not None


def _number(known: dict[bytes, str], secret: str) -> str:
    """The letters that stand for a secret among those that are known by their digests."""
    digest = blake2b(secret.encode("utf-8", "replace"), digest_size=16).digest()
    return known.setdefault(digest, _letters(len(known)))


def _letters(number: int) -> str:
    """0 g, 1 h, ... 20 hg: a number without digits."""
    text = _LETTERS[number % len(_LETTERS)]
    while number := number // len(_LETTERS):
        text = _LETTERS[number % len(_LETTERS)] + text
    return text


def _as_folder(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "-", name)
