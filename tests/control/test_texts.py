"""Texts of an operator: none is a command of a client, and none makes a client read a file."""

# ruff: noqa: RUF001  (the signs are those of the clients)

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleets import lane
from tui.control.refused import Refused
from tui.control.routes.gate_client import LONGEST_TEXT
from tui.control.routes.headless import ended_words
from tui.control.texts import FROM, checked_text, full_text

SIGNS = "!/#@&?$\\-~%>！／＃＠"
TEXTS = st.text(st.sampled_from(f"{SIGNS}ab \n.`\"'(ö漢"), min_size=1, max_size=40)


@given(TEXTS, st.sampled_from(["claude", "codex", "gemini"]))
def test_a_given_text_begins_with_the_sender_and_contains_no_mention(text, agent):
    try:
        whole = full_text(text, agent)
    except Refused:
        return
    assert whole.startswith(FROM)
    assert whole[0].isalpha()
    assert whole.removeprefix(FROM) == text.strip("\n")
    if agent == "claude":
        assert re.search(r"(?:^|\s)@\S", whole) is None
    if agent == "codex":
        assert re.search(r"\$[A-Za-z_]", whole) is None


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", " ", "hello\n"])
@pytest.mark.parametrize("agent", ["claude", "codex"])
def test_a_sign_at_the_beginning_of_a_text_follows_other_words(sign, before, agent):
    text = f"{before}{sign} x"
    assert full_text(text, agent) == FROM + text


def test_the_longest_text_is_given_and_a_longer_one_is_refused():
    assert checked_text("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    with pytest.raises(Refused, match="9,501 characters"):
        checked_text("x" * (LONGEST_TEXT + 1))


@pytest.mark.parametrize("char", ["\x1b", "\x1f", "\x7f", "\x80", "\x9f"])
def test_a_control_character_is_refused(char):
    with pytest.raises(Refused, match="control character"):
        checked_text(f"a{char}b")


MENTIONS = [
    "@secret.txt",
    "see @secret.txt please",
    "a\n@b",
    'see @"a file"',
    "see @~/.ssh/id_rsa",
    "\N{NO-BREAK SPACE}@x y",
]
SKILLS = ["$deploy", "run $deploy-prod now", "x$deploy", "[$deploy](skill://x)", "[@plugin](plugin://x)"]


@pytest.mark.parametrize(
    ("text", "agent"), [*((text, "claude") for text in MENTIONS), *((text, "codex") for text in SKILLS)]
)
def test_a_mention_is_refused_with_what_to_write(text, agent):
    with pytest.raises(Refused, match="without the") as refused:
        full_text(text, agent)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "agent"),
    [
        ("see `@secret.txt`, (@x), a@b.example, 看@x", "claude"),
        ("cost: $5, $(pwd), ${HOME}", "codex"),
        ("@secret.txt", "codex"),
        ("$HOME", "claude"),
        ("an @ alone", "claude"),
    ],
)
def test_a_text_without_a_mention_is_given(text, agent):
    assert full_text(text, agent) == FROM + text


@pytest.mark.parametrize(
    "folder", ["-", "--help", "rel/ative", "", "/tmp/x\ny", "/tmp/\N{RIGHT-TO-LEFT OVERRIDE}x", None]
)
def test_the_printed_command_names_only_absolute_folders(folder):
    ended = lane("5f0c21aa", first_cwd=folder)
    assert ended_words(ended) == "already ended: continue it in its own client, in the folder where it began"


def test_the_printed_command_is_quoted():
    words = ended_words(lane("5f0c21aa", first_cwd="/tmp/a'b; touch pwned #"))
    assert """cd '/tmp/a'"'"'b; touch pwned #' && claude --resume """ in words
