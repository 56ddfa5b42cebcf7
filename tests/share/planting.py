"""Secrets of every kind that `tui.text.secrets.find` knows, and the ways in which a transcript hides one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

AN36 = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"

SECRETS: dict[str, tuple[str, str]] = {
    "aws key id": ("id AKIAQYLPMN5HFIQR7XYA here", "QYLPMN5HFIQR7XYA"),
    "aws secret": ("aws_secret_access_key = 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", "wJalrXUtnFEMI/K7MDENG"),
    "github": (f"ghp_{AN36}", AN36),
    "github fine": (f"github_pat_11ABCDEFG0{AN36}_{AN36}", AN36),
    "gitlab": ("glpat-abcDEF123456_-ghijKL", "abcDEF123456_-ghijKL"),
    "openai": ("sk-" + "aB3dE6gH9jK2mN5pQ8sT1uV4" * 2, "aB3dE6gH9jK2mN5pQ8sT1uV4"),
    "openai project": (f"sk-proj-{AN36}_{AN36}", AN36),
    "anthropic": (f"sk-ant-api03-{AN36}-{AN36}", AN36),
    "google": ("AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"),
    "slack": ("xoxb-123456789012-123456789012-AbCdEfGhIjKl", "123456789012-AbCdEfGhIjKl"),
    "slack hook": ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "B00000000"),
    "stripe": ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "4eC39HqLyjWDarjtT1zdp7dc"),
    "jwt": (
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "dozjgNryP4J3jVmNHl0w5N",
    ),
    "pem": ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----", "MIIEow"),
    "pem cut off": ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk", "b3BlbnNzaC1rZXk"),
    "bearer": ("Authorization: Bearer abcdef0123456789", "abcdef0123456789"),
    "basic": ("-H 'Authorization: Basic dXNlcjpodW50ZXIy'", "dXNlcjpodW50ZXIy"),
    "password": ("mysql --user=root --password=hunter2", "hunter2"),
    "password word": ("PASSWORD=swordfish ./run", "swordfish"),
    "password json": ('{"user":"bob","password":"correct-horse"}', "correct-horse"),
    "password json in json": (r'{"args":"{\"password\":\"correct-horse\"}"}', "correct-horse"),
    "token flag": ("gh auth login --with-token abcdef0123456789", "abcdef0123456789"),
    "token yaml": ("token: abc123def456", "abc123def456"),
    "api key env": ("export OPENAI_API_KEY=abcdefgh", "abcdefgh"),
    "api key code": ('client = Client(api_key="abcdefghijkl")', "abcdefghijkl"),
    "url": ("postgres://admin:s3cr3t@db.example.com/prod", "s3cr3t"),
    "npm": (f"//registry.example.com/:_authToken=npm_{AN36}", AN36),
    "hugging face": (f"hf_{AN36}", AN36),
    "sendgrid": ("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", "TwL2iGABf9DHoTf"),
    "stripe webhook": ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    "age": ("AGE-SECRET-KEY-1QQPQZ8LMNOPQRSTUV3Q4X5Y6Z7", "QQPQZ8LMNOPQRSTUV3Q4X5Y6Z7"),
    "pypi": (f"pypi-AgEIcHlwaS5vcmc{AN36}", AN36),
}
"""What stands in a text, and the part of it that nobody may see."""


def _split(raw: str, secret: str, between: str) -> str:
    half = raw.index(secret) + len(secret) // 2
    return raw[:half] + between + raw[half:]


HIDING: dict[str, Callable[[str, str], str]] = {
    "as it is": lambda raw, secret: raw,
    "coloured": lambda raw, secret: _split(raw, secret, "\x1b[1m"),
    "split by the unseen": lambda raw, secret: _split(raw, secret, "\u200b"),
    "json in a text": lambda raw, secret: json.dumps({"cmd": f"run {raw}", "n": 1}),
    "json in json in a text": lambda raw, secret: json.dumps({"a": json.dumps({"b": [raw]})}),
    "json cut off": lambda raw, secret: json.dumps({"cmd": raw, "rest": "x" * 9})[:-4],
    "escaped in a text": lambda raw, secret: '{"cmd": "' + "".join(f"\\u{ord(char):04x}" for char in raw) + '"}',
    "one letter escaped": lambda raw, secret: (
        json.dumps({"cmd": _split(raw, secret, "\0")})
        .replace("\\u0000", "")
        .replace(secret[0], f"\\u{ord(secret[0]):04x}")
    ),
    "a key twice": lambda raw, secret: '{"a": ' + json.dumps(raw) + ', "a": "no"}',
}
"""How a secret may stand in a text."""


def encode(record: object, *, escaped: str = "") -> bytes:
    """A line; what is `escaped` is written letter by letter as JSON's escapes."""
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    if escaped:
        line = line.replace(escaped, "".join(f"\\u{ord(char):04x}" for char in escaped))
    return line.encode()


def texts_in(value: Any) -> Iterator[str]:
    """All texts of a parsed line, keys too, and what stands in JSON within them."""
    if isinstance(value, str):
        yield value
        try:
            inner = json.loads(value)
        except ValueError:
            return
        if not isinstance(inner, str):
            yield from texts_in(inner)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_in(item)


def laid_bare(data: bytes) -> str:
    """All that stands in a file, whatever hides it."""
    found = [data.decode()]
    for line in data.splitlines():
        for text in texts_in(json.loads(line)) if line.strip() else ():
            bare = text
            for _ in range(4):
                found.append(bare.replace("\x1b[1m", "").replace("\u200b", ""))
                if "\\" not in bare:
                    break
                bare = _unescaped(bare)
    return "\n\0".join(found)


def survives(secret: str, data: bytes) -> bool:
    """Whether a secret stands anywhere in a file, whatever hides it."""
    return secret in laid_bare(data)


def _unescaped(text: str) -> str:
    try:
        return json.loads('"' + text.replace('"', "'").replace("\n", " ") + '"')
    except ValueError:
        return text
