"""Checks whether the characters of a match look like a secret, which a pattern alone cannot tell.

A check that fails on a text must also fail on each prefix of it, unless the kind's pattern requires the end.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

_EXAMPLE = re.compile(r"EXAMPLE(?:KEY)?\Z")
"""The ending of example keys in vendors' documentation."""
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
_CODE = re.compile(
    r"\A[A-Za-z_$][\w.]*[(\[]|[$%#]\{|\{\{|\$\(|\)\Z|\A\(\?|\|\||=>|->|::|\A[./~]{1,2}[\w.-]+/[\w.-]+/|://"
)
"""Code rather than a secret: a call, an index, a placeholder, a pattern, a path, an address."""
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z|[a-z][a-z0-9]*(?:_[a-z0-9]{1,12})+\Z")
_COMMAND_WORD = re.compile(r"[0-9.:/-]+(?:tcp|udp)?\Z|[./~][\w.~-]*/|[A-Za-z]:\\|file:|env:|@|https?:")
_COUNTERS = re.compile(r"[0-9]{1,6}(?:[,;&/][a-z_]{1,12}(?:[=:][0-9]{0,6})?)*\Z")
"""Counts of test results, such as `1,pending=7` behind `pass=`. Each prefix of such a text matches too."""
_APPLE = re.compile(r"[a-z]{4}(?:-[a-z]{4}){3}\Z")
_HEX = re.compile(r"[0-9a-f]{16,}\Z")
_RUNS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_PUNCTUATION = re.compile(r"[^A-Za-z0-9]+")
_JOINING = frozenset({
    "the", "and", "for", "are", "was", "has", "had", "not", "but", "with", "from", "were", "been", "into", "its",
    "their", "our", "his", "her", "your", "which", "while", "must", "should", "you", "how", "who", "why",
    "does", "did", "can", "cannot", "may", "per", "via", "than", "also", "please", "enter",
})  # fmt: skip
"""Common words of sentences, which do not occur in a passphrase of words."""
_LONG = 16
"""From this length on, letters and digits need to alternate a little less often."""
_SHORT = 6
"""A random text has at least this many different characters."""


def _digit(secret: str) -> bool:
    return any(char.isdigit() for char in secret)


def _no_example(secret: str) -> bool:
    return _EXAMPLE.search(secret) is None


def _opaque(secret: str) -> bool:
    """True for letters and digits in an order that words, versions, dates and UUIDs do not have."""
    if len(set(secret)) < _SHORT or not _digit(secret) or not any(char.isalpha() for char in secret):
        return False
    if _UUID.match(secret) or _EXAMPLE.search(secret):
        return False
    parts = [part for part in _PARTS.split(secret.rstrip("=")) if part]
    return not all(map(_PLAIN_PART.match, parts))


def _opaque_or_quoted(secret: str) -> bool:
    return _opaque(secret) or (len(secret) >= _SHORT and _digit(secret) and not secret.isdigit())


def _no_code(secret: str) -> bool:
    """True if it is neither the name of a variable nor a dotted path to one."""
    return not (_is_path_in_code(secret) or _EXAMPLE.search(secret) or _is_placeholder(secret))


def _is_path_in_code(secret: str) -> bool:
    return _PATH_IN_CODE.match(secret) is not None and not any(map(_is_random, secret.split(".")))


def _no_name(secret: str) -> bool:
    return _no_code(secret) and _IDENTIFIER.match(secret) is None


def _no_word(secret: str) -> bool:
    """True if it is not a row of words joined by dashes or dots."""
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
    """True for base64 of `name:password`."""
    try:
        plain = base64.b64decode(secret + "=" * (-len(secret) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return False
    return ":" in plain[1:-1] and plain.isprintable()


def _cookie(secret: str) -> bool:
    """True for a cookie with at least one value that is not a plain setting."""
    values = [part.partition("=")[2] for part in f"x={secret.partition('=')[2]}".split(";")]
    return any(len(value) >= 8 and _opaque_or_quoted(value.strip()) for value in values)


def _mixed(secret: str) -> bool:
    """True for letters and digits with any punctuation that are no code, path, address or placeholder."""
    bare = secret.rstrip("=,.):")
    if (
        _CONSTANT.match(bare)
        or _CODE.search(bare)
        or _UUID.match(bare)
        or _COUNTERS.match(bare)
        or _is_placeholder(bare)
        or "password" in bare.lower()
    ):
        return False
    return _opaque(bare) and not _is_path_in_code(bare)


def _random(secret: str) -> bool:
    """As `_mixed`, and letters and digits must alternate more often than in words, names and versions."""
    bare = secret.rstrip("=,.):")
    if not _mixed(bare):
        return False
    return any(map(_is_random, _PARTS.split(bare))) or _is_random(_PUNCTUATION.sub("", bare))


def _is_random(part: str) -> bool:
    """Whether letters and digits alternate as in no word: `a1B2c3D4`, not `utf8` or `ipv4Address`."""
    runs = _RUNS.findall(part)
    if len(runs) < 4 or part.isalpha():
        return False
    digits = sum(run.isdigit() for run in runs)
    if digits >= 2 and _HEX.match(part):
        return True
    most = 2.2 if len(part) < _LONG else 3.0
    return len(part) <= most * len(runs) or (len(part) <= 3.5 * len(runs) and digits >= 2)


def _mixed_cases(secret: str) -> bool:
    """True if it is random with at least two digits. A longer one may have letters of one case only."""
    if sum(map(str.isdigit, secret)) < 2 or not _random(secret):
        return False
    return secret != secret.lower() != secret.upper() or len(secret) >= 32


def _both_cases(secret: str) -> bool:
    """True if it is random, with letters of both cases and at least three digits."""
    return sum(map(str.isdigit, secret)) >= 3 and secret != secret.lower() != secret.upper() and _random(secret)


def _random_token(secret: str) -> bool:
    """True if letters and digits alternate in one long part, as they do in no name, version or path."""
    bare = secret.rstrip("=,.):")
    if sum(map(str.isdigit, bare)) < 3 or not _mixed(bare):
        return False
    parts = _PARTS.split(bare)
    return _is_random(max(parts, key=len)) and len(max(parts, key=len)) >= 2 * len(bare) // 3


def _no_sentence(secret: str) -> bool:
    """True for a row of words without a common word of sentences (`_JOINING`)."""
    words = [word.strip(".)") for word in re.split(r"[ ,\n]+", secret.lower())]
    return len(set(words)) > len(words) // 2 and not _JOINING.intersection(words)


def _credential(secret: str) -> bool:
    """As `_mixed`, for places where a UUID is a secret too."""
    digits = sum(map(str.isdigit, secret))
    return _UUID.match(secret) is not None or ((digits >= 2 or _is_random(secret)) and _mixed(secret))


def _secret_of_a_command(secret: str) -> bool:
    """For a value where a command expects a password: True if it is no path, address, port range or volume."""
    if (
        _is_placeholder(secret)
        or any(form.match(secret) for form in (_COMMAND_WORD, _COUNTERS))
        or not _no_example(secret)
    ):
        return False
    if _UUID.match(secret) or _APPLE.match(secret):
        return True
    return _random(secret) or (_digit(secret) and _opaque(secret))


def _private_key_in_base64(secret: str) -> bool:
    """For base64 behind `-----BEGIN `: True if it is of a private key, not of a certificate."""
    head = base64.b64decode("LS0tLS1CRUdJTi" + secret[:66].replace("-", "+").replace("_", "/"))
    return b"PRIVATE" in head or b"Static key" in head


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
    "mixed": _mixed,
    "credential": _credential,
    "random": _random,
    "mixed cases": _mixed_cases,
    "random token": _random_token,
    "no sentence": _no_sentence,
    "both cases": _both_cases,
    "secret of a command": _secret_of_a_command,
    "private key in base64": _private_key_in_base64,
}
"""The checks by the names that `kinds.toml` uses."""
