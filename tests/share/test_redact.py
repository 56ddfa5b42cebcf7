"""What leaves the machine holds no secret, and still says all that counting and judging need."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.share.planting import AN36, HIDING, SECRETS, encode, survives
from tui.sources.bundle import wrong_name
from tui.text.redact import BLOB, BLOB_FROM, DEPTH, HOME, Redactor
from tui.text.secrets.find import secrets_in


def redacted(record: object, redactor: Redactor | None = None) -> bytes:
    return orjson.dumps((redactor or Redactor()).value(record))


@pytest.mark.parametrize("hiding", HIDING.values(), ids=HIDING)
@pytest.mark.parametrize(("raw", "secret"), SECRETS.values(), ids=SECRETS)
def test_no_secret_survives_however_it_is_hidden(raw, secret, hiding):
    hidden = hiding(raw, secret)
    for text in (hidden, f"before {hidden}", f"{hidden} after", f"a\n{hidden}\nb"):
        made = redacted({"type": "user", "message": {"content": [{"text": text}]}})
        assert not survives(secret, made), made


@pytest.mark.parametrize(("raw", "secret"), SECRETS.values(), ids=SECRETS)
def test_no_secret_survives_the_escapes_of_its_line(raw, secret):
    line = encode({"message": raw}, escaped=secret)
    assert not survives(secret, redacted(orjson.loads(line)))


@pytest.mark.parametrize(("raw", "secret"), SECRETS.values(), ids=SECRETS)
def test_json_in_a_text_stays_json(raw, secret):
    inner = json.dumps({"cmd": raw, "n": [1, 2]})
    made = orjson.loads(redacted({"arguments": inner}))["arguments"]
    assert json.loads(made)["n"] == [1, 2]


def test_a_key_names_a_secret_that_nothing_else_does():
    made = Redactor().value(
        {
            "password": "correct horse battery",
            "api_key": "abcdefghijkl",
            "headers": {"Authorization": "Basic dXNlcjpodW50"},
        }
    )
    assert "horse" not in str(made) and "abcdefghijkl" not in str(made) and "dXNlcjpodW50" not in str(made)
    assert Redactor().value({"token_count": "abcdefghijkl", "tokens": "abcdefghijkl"}) == {
        "token_count": "abcdefghijkl",
        "tokens": "abcdefghijkl",
    }


def test_a_command_as_a_list_is_read_as_one():
    made = Redactor().value({"command": ["gh", "auth", "--with-token", "abcdef0123456789", "--verbose", "ok"]})
    assert made["command"][3] == "…‹masked g›"
    assert made["command"][5] == "ok"


def test_a_key_that_is_a_text_is_redacted_and_other_keys_are_not():
    made = Redactor().value(
        {"changes": {"/home/ada/x.py": {"type": "add"}}, f"what is ghp_{AN36}?": "no", "uuid": "u1"}
    )
    assert made == {"changes": {"/home/~/x.py": {"type": "add"}}, "what is ghp_…‹masked g›?": "no", "uuid": "u1"}


def test_equal_secrets_get_equal_masks_and_different_ones_different_masks():
    redactor = Redactor()
    one, other = f"ghp_{AN36}", f"ghp_{AN36[::-1]}"
    said = [
        redactor.text(f"push {one}"),
        redactor.text(f"push {other}"),
        redactor.text(json.dumps({"a": f"use {one}"})),
    ]
    assert said[0] == "push ghp_…‹masked g›"
    assert said[1] == "push ghp_…‹masked h›"
    assert "ghp_…‹masked g›" in said[2]
    hidden = HIDING["escaped in a text"](one, AN36)
    assert "‹masked g›" in redactor.text(hidden)
    assert redactor.counts == {"GitHub token": 4}


def test_masks_hold_no_digit_and_no_hex_which_the_judge_would_take_out():
    redactor = Redactor()
    masks = {redactor.text(f"password=word{number:04}x") for number in range(500)}
    assert len(masks) == 500
    assert not any(set(mask.rpartition("masked ")[2]) & set("0123456789abcdef") for mask in masks)


def test_people_in_paths_are_signs_and_paths_stay_paths():
    redactor = Redactor("/home/ada")
    assert redactor.text("/home/ada/harbor/a.py") == "/home/~/harbor/a.py"
    assert redactor.text("cd /home/ada && ls /home/ben/x") == "cd /home/~ && ls /home/~g/x"
    assert redactor.text("/Users/ada/harbor") == "/Users/~/harbor"
    assert redactor.text(r"C:\Users\ben\x") == r"C:\Users\~g\x"
    assert redactor.text(json.dumps({"p": r"C:\Users\ben\x"})) == json.dumps({"p": r"C:\Users\~g\x"})
    assert redactor.text('{"cmd":"ls\\n/home/ada/x"}') == '{"cmd":"ls\\n/home/~/x"}'
    assert redactor.text("\x1b[32m/home/ada/x\x1b[0m") == "\x1b[32m/home/~/x\x1b[0m"
    assert redactor.text("-I/home/ada/include file:///home/ada/x") == "-I/home/~/include file:///home/~/x"
    assert redactor.text("~/.claude/projects/-home-ada-harbor/x") == "~/.claude/projects/-home-~-harbor/x"
    assert redactor.text("/mnt/c/Users/eve/x") == "/mnt/c/Users/~h/x"
    assert redactor.counts[HOME] == 12


@pytest.mark.parametrize(
    "text",
    [
        "src/home/index.ts", "https://example.com/home/page", "--home-dir x", "a-home-page", "/Users/Shared/x", "/home/",
        "/home/$USER/x", "~/home/x", "the home of Users", "/home/~/x", "./home/x",
    ],
)  # fmt: skip
def test_what_is_no_home_folder_stays(text):
    assert Redactor("/home/ada").text(text) == text


def test_a_home_in_an_unusual_place_is_known_by_whose_it_is():
    redactor = Redactor("/srv/people/ada")
    assert redactor.text("/srv/people/ada/x /srv/people/adam/x") == "/srv/people/~/x /srv/people/adam/x"
    assert redactor.name("projects/-srv-people-ada-x/s.jsonl") == "projects/-srv-people-~-x/s.jsonl"
    assert Redactor("/admin").text("/admin/x") == "/admin/x"


def test_names_of_files_name_nobody():
    redactor = Redactor()
    redactor.learn("/home/ada-lovelace/harbor")
    assert (
        redactor.name("claude/projects/-home-ada-lovelace-harbor/s.jsonl") == "claude/projects/-home-~-harbor/s.jsonl"
    )
    assert redactor.name("claude/projects/-Users-ben-x/s.jsonl") == "claude/projects/-Users-~g-x/s.jsonl"


def test_blobs_are_left_out_with_a_mark_that_tells_them_apart():
    redactor = Redactor()
    blob, other = "iVBORw0KGgo" * 500, "R0lGODlhAQAB" * 500
    assert redactor.text(blob) == f"‹left out g: {len(blob)} characters of base64›"
    assert redactor.text(f"see {other} end").startswith("see ‹left out h: ")
    wrapped = "\n".join(blob[at : at + 76] for at in range(0, len(blob), 76))
    assert "iVBOR" not in redactor.text(f"cat x\n{wrapped}\n")
    assert "iVBOR" not in redactor.text(json.dumps({"out": wrapped}))
    assert redactor.counts[BLOB] == 4
    assert redactor.text("a word " * BLOB_FROM) == "a word " * BLOB_FROM


def test_what_is_too_deep_to_be_written_again_is_cut():
    deep: object = f"ghp_{AN36}"
    for _ in range(400):
        deep = [deep]
    redactor = Redactor()
    made = orjson.dumps(redactor.value({"usage": {"input_tokens": 3}, "x": deep}))
    assert b'"usage":{"input_tokens":3}' in made and AN36.encode() not in made
    assert redactor.counts == {DEPTH: 1}


def test_a_line_without_a_secret_is_the_same_object():
    record = {"type": "user", "n": 1, "message": {"content": [{"text": "hello\nthere", "ok": True}]}}
    assert Redactor().value(record) is record


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(value=json_values)
@settings(max_examples=examples(200))
def test_numbers_and_form_stay(value):
    def form(one: object) -> object:
        if isinstance(one, dict):
            return [form(item) for item in one.values()]
        return [form(item) for item in one] if isinstance(one, list) else "" if isinstance(one, str) else one

    assert form(Redactor().value(value)) == form(value)


pieces = st.sampled_from([*(raw for raw, _ in SECRETS.values()), "/home/ada/x", "\\u0067", '"', "\\", "\n", " ", "x", "…", "›", "\x1b[1m", "{", "}"])  # fmt: skip


@given(text=st.lists(pieces, max_size=8).map("".join))
@settings(max_examples=examples(300))
def test_twice_is_as_once_and_nothing_is_left_to_mask(text):
    redactor = Redactor()
    once = redactor.text(text)
    assert redactor.text(once) == once
    assert not secrets_in(once)


def test_paths_in_addresses_are_paths():
    redactor = Redactor()
    assert redactor.text("vscode://file%2Fhome%2Fada%2Fx.py") == "vscode://file%2Fhome%2F~%2Fx.py"
    assert redactor.text("file:\\/\\/\\/home\\/ada\\/x") == "file:\\/\\/\\/home\\/~\\/x"


def test_what_only_the_service_can_read_is_left_out_at_any_length():
    seal = "Ep8BCkYICBABGAIqQ" * 5
    made = Redactor().value(
        {"signature": seal, "encrypted_content": seal, "id": seal, "signature_of": "def f(x) -> int"}
    )
    assert made["signature"] == made["encrypted_content"] == f"‹left out g: {len(seal)} characters of base64›"
    assert made["id"] == seal
    assert Redactor().value({"signature": "def main(argv: list[str]) -> int: " * 4})["signature"].startswith("def main")


@pytest.mark.parametrize("odd", ["a\x1b[31mb", "a\nb", "a\\b", "a\udcffb", "a\u202eb", "a\x00b", "a\x85b"])
def test_names_of_files_hold_nothing_odd(odd):
    made = Redactor().name(f"transcripts/claude/{odd}/s.jsonl")
    assert wrong_name(made) is None
    made.encode()


@pytest.mark.parametrize(
    "piece",
    ["\\n", "\\", " /home/", " -home-", " /home/a-b", '{"a":', "AKIA", "password=", "\x1b[", "\\u0041", "-", "ghp_"],
)
def test_a_flood_is_read_in_one_go(piece):
    # Each would take many minutes if a pattern began anew at each place.
    Redactor("/srv/people/ada").value({"x": piece * (300_000 // len(piece))})
