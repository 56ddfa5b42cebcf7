"""What a pattern cannot say of a secret: whether its characters look like those of one.

A check that fails on a text must fail on each beginning of it, unless the pattern of its kind asks for the end.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

_EXAMPLE = re.compile(r"EXAMPLE(?:KEY)?\Z")
"""How vendors end the keys of their documentation."""
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_PARTS = re.compile(r"[-_.~+/:]+")
_PLAIN_PART = re.compile(r"(?:[a-z]+|[A-Z]+|[A-Z][a-z]+|[0-9]{1,8}|[vV][0-9]+)\Z")
_PATH_IN_CODE = re.compile(r"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z_-]*[0-9]{0,2}\Z")
_PLACEHOLDER = re.compile(
    r"(?i)(?:(?:your|my|the|some|new|old|user|root|admin|db|database)?[_-]?(?:passw(?:or)?d|pass|passwd|secret|token|key)"
    r"[0-9]{0,4}|x{2,}|\*+|.*\.{3,}|<.*|\{.*|.*[_-]here)\Z"
)
_SCHEMA = re.compile(r"(?i)(?:required|nullable|string|sometimes|confirmed|min:|max:)")
_SHORT = 6
"""Distinct characters that something random has at least."""


def _digit(secret: str) -> bool:
    return any(char.isdigit() for char in secret)


def _no_example(secret: str) -> bool:
    return _EXAMPLE.search(secret) is None


def _opaque(secret: str) -> bool:
    """Letters and digits in no order that words, versions, dates and UUIDs have."""
    if len(set(secret)) < _SHORT or not _digit(secret) or not any(char.isalpha() for char in secret):
        return False
    if _UUID.match(secret) or _EXAMPLE.search(secret):
        return False
    parts = [part for part in _PARTS.split(secret.rstrip("=")) if part]
    return not all(map(_PLAIN_PART.match, parts))


def _opaque_or_quoted(secret: str) -> bool:
    return _opaque(secret) or (len(secret) >= _SHORT and _digit(secret) and not secret.isdigit())


def _no_code(secret: str) -> bool:
    """Not a name of a variable, and not a path to one."""
    return not (_PATH_IN_CODE.match(secret) or _EXAMPLE.search(secret) or _is_placeholder(secret))


def _no_name(secret: str) -> bool:
    return _no_code(secret) and _IDENTIFIER.match(secret) is None


def _no_word(secret: str) -> bool:
    """Not words that are joined by dashes or dots."""
    if _EXAMPLE.search(secret) or _is_placeholder(secret):
        return False
    parts = [part for part in _PARTS.split(secret) if part]
    return len(parts) == 1 or not all(part.isalpha() for part in parts)


def _is_placeholder(secret: str) -> bool:
    return len(set(secret)) < 3 or _PLACEHOLDER.match(secret) is not None


def _no_placeholder(secret: str) -> bool:
    return not _is_placeholder(secret)


def _no_schema(secret: str) -> bool:
    return not _is_placeholder(secret) and ("|" not in secret or _SCHEMA.match(secret) is None)


def _pair(secret: str) -> bool:
    """Base64 of a name and a password."""
    try:
        plain = base64.b64decode(secret + "=" * (-len(secret) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return ":" in plain[1:-1] and plain.isprintable()


def _cookie(secret: str) -> bool:
    """A value among them that is no mere setting."""
    values = [part.partition("=")[2] for part in f"x={secret.partition('=')[2]}".split(";")]
    return any(len(value) >= 8 and _opaque_or_quoted(value.strip()) for value in values)


def _any(_secret: str) -> bool:
    return True


CHECKS: dict[str, Callable[[str], bool]] = {
    "": _any,
    "digit": _digit,
    "no example": _no_example,
    "opaque": _opaque,
    "opaque or quoted": _opaque_or_quoted,
    "no code": _no_code,
    "no name": _no_name,
    "no word": _no_word,
    "no placeholder": _no_placeholder,
    "no schema": _no_schema,
    "pair": _pair,
    "cookie": _cookie,
}
"""By the names that `kinds.toml` calls them."""
