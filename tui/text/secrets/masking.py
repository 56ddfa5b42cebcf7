"""Masks secrets in parsed JSON: in texts at any depth, behind escapes, and in keys.

Besides the text itself, in which `find` looks, its position counts: the key of an object names its value
(`"password"`), and an item of a list names the next one (`["--token", "..."]`). A value without secrets is returned as
the same object. Masking twice gives the same result as masking once.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import StringIO
from typing import Any, NamedTuple, cast

import orjson

from tui.text.secrets.find import MASK, SHORTEST, Look, Secret, look_at, secrets_in, secrets_seen
from tui.text.secrets.invisible import UNSEEN, parts_seen

DEEPEST = 200
"""Values nested more deeply are replaced, since they could be read but not be written again."""
TOO_DEEP = "‹left out: nested too deeply›"
NESTED = 8
"""How many levels of JSON inside JSON texts are opened. Each level doubles the backslashes; real texts have two or
three levels.
"""
COMMAND_BOUND = 100_000
"""Lists up to this many characters are read as a command."""

_ROUNDS = 32  # as in `find`

_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r'\\(?:u(?P<code>[0-9a-fA-F]{4})|(?P<short>["\\/bfnrt]))')
_CODE = re.compile(r"u([0-9a-fA-F]{4})")
_BORDER = "\x01"
"""One of the invisible characters, used as a sign."""
_HIDING = re.compile(rf'\\(?:u(?P<code>[0-9a-fA-F]{{4}})|(?P<short>["\\/bfnrt]))|{UNSEEN.pattern}')

_TELLING = re.compile(
    r"(?i)passw|pass\Z|passphrase|passcode|pwd|secret|token|key|auth|cookie|credential|pat\Z|salt|seed|session"
)
_PASSWORD = re.compile(r"(?i)(?:passw(?:or)?d|passphrase|passcode)\Z")
_JSON = re.compile(r'\s*+(?:\{[\s\S]*\}|\[[\s\S]*\]|"[\s\S]*")\s*\Z')
_WORD_BOUND = 16
"""Only identifiers up to this many characters are taken for names of fields."""


class Found(NamedTuple):
    """A span to replace, in characters. `by` is the replacement; None means that it is a secret and gets its mask."""

    start: int
    end: int
    kind: str
    by: str | None = None


class Masker:
    """Walks through parsed values and masks the secrets in them."""

    # -- for derived classes ---------------------------------------------------------------------------

    def mask(self, secret: str, kind: str) -> str:
        """The replacement for a secret of this kind."""
        del secret, kind
        return MASK

    def too_deep(self) -> str:
        """The replacement for a value that is nested too deeply."""
        return TOO_DEEP

    def prepared(self, raw: str) -> str:
        """A hook that changes a text before it is searched."""
        return raw

    def may_hold_others(self, raw: str) -> bool:
        """Whether a text may contain something to replace besides secrets."""
        del raw
        return False

    def others(self, view: str) -> Iterable[Found]:
        """Further spans to replace in a text, in one of its layers."""
        del view
        return ()

    def keyed(self, key: str, value: str) -> str:
        """A hook that changes a text by its key, after the secrets in it were masked."""
        del key
        return value

    # -- masking ---------------------------------------------------------------------------------------

    def value(self, value: Any, depth: int = 0, nested: int = 0) -> Any:
        """The masked value; the same object if there was nothing to replace."""
        if isinstance(value, str):
            return self.text(value, nested)
        if not isinstance(value, dict | list):
            return value
        if depth >= DEEPEST:
            return self.too_deep()
        if isinstance(value, list):
            return self._list(cast("list[Any]", value), depth, nested)
        return self._object(cast("dict[str, Any]", value), depth, nested)

    def text(self, raw: str, nested: int = 0) -> str:
        """The masked text."""
        if len(raw) < SHORTEST:
            return raw
        raw = self.prepared(raw)
        look = look_at(raw)
        if look.is_clean and not self.may_hold_others(raw):
            return raw
        is_json = nested < NESTED and _JSON.match(raw) is not None
        # Inner JSON is masked first if a pattern could match across its end; else last, which keeps its form.
        if is_json and "PRIVATE KEY" in raw:
            raw, is_json = self._inside(raw, nested), False
            look = look_at(raw)
        for _ in range(_ROUNDS):
            found = self._find(raw, look)
            if not found:
                break
            raw = self._replaced(raw, found)
            look = look_at(raw)
        return self._inside(raw, nested) if is_json else raw

    # -- structure --------------------------------------------------------------------------------

    def _inside(self, raw: str, nested: int) -> str:
        """Masks a text that may be JSON. It is written again only if something in it was replaced."""
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
            if isinstance(new, str):
                if is_telling:
                    new = self._named(key, new)
                new = self.keyed(key, new)
            changed = changed or new is not value or new_key is not key
            made[new_key] = new
        return made if changed else record

    def _list(self, items: list[Any], depth: int, nested: int) -> list[Any]:
        made = [self.value(item, depth + 1, nested) for item in items]
        if any(isinstance(item, str) and item.startswith("-") for item in made[:64]):
            made = self._command(made)
        return made if any(new is not item for new, item in zip(made, items, strict=True)) else items

    def _named(self, key: str, value: str) -> str:
        """Masks a value that is known to be a secret by its key alone."""
        if len(value) < 4 or MASK[:-1] in value:
            return value
        head = f'"{key}":"'
        found = [
            Found(secret.start - len(head), min(secret.end - len(head), len(value)), secret.kind)
            for secret in secrets_in(f'{head}{value}"')
            if len(head) <= secret.start < len(head) + len(value)
        ]
        if found and _PASSWORD.search(key):
            found = [Found(0, len(value), found[0].kind)]  # a passphrase has spaces
        return self._replaced(value, found) if found else value

    def _command(self, items: list[Any]) -> list[Any]:
        """Masks a command given as a list: the item behind `--token` is a secret."""
        texts = [item if isinstance(item, str) else "" for item in items]
        line = " ".join(texts)
        if len(line) > COMMAND_BOUND:
            return items
        secrets = secrets_in(line)
        if not secrets:
            return items
        made = list(items)
        at = 0
        for index, text in enumerate(texts):
            inside = list(_within(secrets, at, at + len(text)))
            if inside:
                made[index] = self._replaced(text, inside)
            at += len(text) + 1
        return made

    # -- texts ------------------------------------------------------------------------------------

    def _find(self, raw: str, look: Look) -> list[Found]:
        """The spans to replace, in order, without overlap.

        They are found in the text itself and in each layer below its escapes.
        """
        found: list[Found] = []
        layers: list[Layer] = []
        view = raw
        for depth in range(NESTED):
            seen = [Found(*secret) for secret in secrets_seen(view, look)]
            seen += self.others(view)
            if seen:
                # Places are computed only where something was found: most texts contain nothing.
                while len(layers) < depth:
                    layers.append(uncovered(layers[-1].text if layers else raw))
                found += [_placed(one, layers) for one in seen] if depth else seen
            bare = _uncovered_text(view, look)
            if bare is None:
                break
            view = bare
            look = look_at(view)
        return _merged(found) if found else found

    def _replaced(self, raw: str, found: Sequence[Found]) -> str:
        parts: list[str] = []
        at = 0
        for one in found:
            parts += (raw[at : one.start], self.mask(raw[one.start : one.end], one.kind) if one.by is None else one.by)
            at = one.end
        parts.append(raw[at:])
        return "".join(parts)


def _within(secrets: Sequence[Secret], start: int, end: int) -> Iterator[Found]:
    """The parts of the secrets between `start` and `end`, counted from `start`."""
    for secret in secrets:
        first, last = max(secret.start, start), min(secret.end, end)
        if first < last:
            yield Found(first - start, last - start, secret.kind)


class Layer(NamedTuple):
    """A text with one layer of escapes resolved.

    `starts` are places in this text, `raws` the same places in the text above it.
    """

    text: str
    starts: array[int]
    raws: array[int]

    def place(self, index: int) -> int:
        """The place in the text above of the character at `index`."""
        at = bisect_right(self.starts, index) - 1
        return self.raws[at] + index - self.starts[at]


def uncovered_text(view: str) -> str | None:
    """The text with escapes resolved and invisible characters removed; None if it has neither."""
    return _uncovered_text(view, look_at(view))


def _uncovered_text(view: str, look: Look) -> str | None:
    parts = parts_seen(view, _BORDER) if look.unseen else [view]
    if len(parts) == 1 and "\\" not in view:
        return None
    # The parts do not contain the border. It separates a backslash from what stood behind the invisible character.
    bare = _resolved(_BORDER.join(parts), is_bordered=len(parts) > 1)
    return None if bare == view else bare


def _resolved(text: str, *, is_bordered: bool) -> str:
    """The text with its escapes resolved and without borders."""
    pieces = iter(text.split("\\"))
    made = [next(pieces)]  # what stands as it is and what was resolved, in turn
    for piece in pieces:
        char = _ESCAPES.get(piece[:1])
        if char is not None:
            made += (char, piece[1:])
        elif not piece:  # two backslashes, or one at the end: what follows the second is no escape
            made += ("\\", next(pieces, ""))
        elif piece[0] == "u" and (code := _CODE.match(piece)) is not None:
            made += (chr(int(code[1], 16)), piece[5:])
        else:
            made += ("\\", piece)
    if is_bordered:
        made[::2] = [piece.replace(_BORDER, "") for piece in made[::2]]
    return "".join(made)


def uncovered(view: str) -> Layer:
    """As `uncovered_text`, with the place of each character."""
    hiding = _HIDING if look_at(view).unseen else _ESCAPE  # begins with a fixed character: fast
    bare = StringIO()
    starts, raws = array("I", [0]), array("I", [0])  # a long text may consist of escapes alone
    length = at = 0
    for match in hiding.finditer(view):
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
    bare.write(view[at:])
    return Layer(bare.getvalue(), starts, raws)


def _placed(found: Found, layers: Sequence[Layer]) -> Found:
    """Converts a span in the innermost text of these layers to a span in the outermost text."""
    start, end = found.start, found.end
    for layer in reversed(layers):
        start, end = layer.place(start), layer.place(end)
    return found._replace(start=start, end=end)


def _merged(found: list[Found]) -> list[Found]:
    merged: list[Found] = []
    for one in sorted(found, key=lambda each: (each.start, each.end)):
        if not merged or one.start >= merged[-1].end:
            merged.append(one)
            continue
        last = merged[-1]
        by = last.by if last.by is not None and last.by == one.by else None
        kind = next((each.kind for each in (last, one) if each.by is None), last.kind)
        merged[-1] = Found(last.start, max(last.end, one.end), kind, by)
    return merged


@lru_cache(4096)
def _about(key: str) -> tuple[bool, bool]:
    """Whether a key is a plain word, and whether it may mark its value as a secret.

    Cached: there are few keys, and this is asked for every value.
    """
    return key.isidentifier() and (len(key) < _WORD_BOUND or not any(map(str.isdigit, key))), _TELLING.search(
        key
    ) is not None
