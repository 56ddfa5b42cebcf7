"""Where the quick search says that a text is clean."""

from __future__ import annotations

import json

import pytest

from tui.text.secrets.entry import clean_line, clean_text
from tui.text.secrets.find import MASK, may_hold_secret

ZERO_WIDTH = "\u200b"
CLEAN = [
    "\u26a0\ufe0f a warning",
    "\U0001f468\u200d\U0001f4bb at work",
    "docker compose up -d --wait postgres",
    "make\tdocker build -f Dockerfile .",
    "Compiling gix-credentials v0.38.1\n   Compiling http v0.2.12\n   Compiling gix-path v0.12.1",
    "the cache key is propagated to subprocesses, the key for deduplication is kept",
    "p.Limits.ExecutionConcurrencyOfWorkers",
]
HIDDEN = [
    f"\u26a0\ufe0f gh{ZERO_WIDTH}p_{'a1B2c3D4e5F6g7H8i9' * 2}",
    f"\u26a0\ufe0f ghp_a1B2c3D4{ZERO_WIDTH}e5F6g7H8i9a1B2c3D4e5F6g7H8i9",
    f"gh\U0001bca0{ZERO_WIDTH}p_{'a1B2c3D4e5F6g7H8i9' * 2}",
    f"gh{ZERO_WIDTH}\ufe0fp_{'a1B2c3D4e5F6g7H8i9' * 2}",
]
COUNTERS = ["pass=1,pending=7", "::pass=12,fail=3,skip=1", "pass=37,pending=0,fail=2 of 39", "DB_PASS=1,pending=7"]
FOUND = [
    "docker login -u bob -p a1B2c3D4e5",
    "podman run x login --username\tbob\t-p\ta1B2c3D4e5",
    "keytool -import -storepass a1B2c3D4e5",
    "openssl rsa -passin pass:a1B2c3D4e5",
    'curl -s https://x.example/a -u "bob:a1B2c3D4e5"',
    "tool --credentials a1B2c3D4e5",
    "tool --secret-key a1B2c3D4e5F6",
    "tool --pat a1B2c3D4e5F6",
    "the password is now a1B2c3D4e5",
    "the password for bob@x is a1B2c3D4e5",
    "the api key was a1B2c3D4e5F6",
]


@pytest.mark.parametrize("text", CLEAN)
def test_what_holds_no_secret_is_not_looked_at_closely(text: str) -> None:
    assert not may_hold_secret(text.encode())
    assert not may_hold_secret(json.dumps({"text": text}).encode())


@pytest.mark.parametrize("text", HIDDEN)
def test_what_may_hide_a_secret_is_found_beside_an_emoji(text: str) -> None:
    assert may_hold_secret(text.encode())
    line = json.dumps({"text": text}).encode()
    assert may_hold_secret(line)
    assert MASK in clean_line(line, json.loads(line))["text"] or "\U0001bca0" in text


@pytest.mark.parametrize("text", FOUND)
def test_what_the_narrow_probes_are_for_is_found_in_a_text_and_in_a_line(text: str) -> None:
    assert MASK in clean_text(text)
    for value in (text, json.dumps({"cmd": text}), json.dumps({"a": json.dumps({"cmd": text})})):
        line = json.dumps({"text": value}).encode()
        assert "a1B2c3D4" not in json.dumps(clean_line(line, json.loads(line)))
    line = json.dumps({"command": text.replace('"', "").split()}).encode()
    if "is" not in text.split() and "was" not in text.split():
        assert "a1B2c3D4" not in json.dumps(clean_line(line, json.loads(line)))


@pytest.mark.parametrize("text", COUNTERS)
def test_counters_of_tests_are_no_password(text: str) -> None:
    for end in range(4, len(text) + 1):
        assert clean_text(text[:end]) == text[:end]
        assert clean_text(text[:end] + "…") == text[:end] + "…"
