"""What a terminal is given never acts: over all code points, with escapes, overrides, floods, secrets and cuts."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.effort import examples
from tui.text.safe_text import exact_text, safe_path, safe_text

MASK = "…\u2039masked\u203a"
FORBIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
INVISIBLE = set(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u3164\uffa0"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000), *range(0xFFF0, 0xFFFC))))
)


def is_forbidden(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char) in FORBIDDEN_CATEGORIES
        or char in INVISIBLE
        or code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
    )


def assert_safe(text: str, *, lines: bool = False) -> None:
    bad = {hex(ord(char)) for char in text if is_forbidden(char) and not (lines and char == "\n")}
    assert not bad, bad
    text.encode("utf-8")


# Any code point, with the dangerous ones as likely as all others together, and pieces that mean something in a row.
any_char = st.one_of(
    st.integers(0, 0x10FFFF).map(chr),
    st.integers(0, 0x20).map(chr),
    st.integers(0x7F, 0x9F).map(chr),
    st.sampled_from(
        "\u202e\u2066\u200b\u200d\u200f\ufeff\ufe0f\u00ad\u2028\U000e0041\U0001f3fb\ud800\udfff\u0301\u20dd"
    ),
    st.sampled_from("aA0_-=:/@\"' .\n\r\t[]()<>;"),
)
FRAGMENTS = (
    *(
        "\x1b[31m",
        "\x1b]52;c;UFdORUQ=\x07",
        "\x1b]0;title\x1b\\",
        "\x9b2J",
        "\x9d0;x\x9c",
        "\x1bP1;2q",
        "\x1b\\",
        "\x1b[",
    ),
    *(
        "\x1b(B",
        "ghp_",
        "a1b2c3d4e5f6g7h8i9j0",
        "AKIA",
        "QYLPMN5HFIQR7XYA",
        "sk-",
        "sk-ant-api03-",
        "eyJhbGciOiJI",
        ".eyJ",
    ),
    *(
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END RSA PRIVATE KEY-----",
        "password=",
        "hunter2",
        "token: ",
        'api_key="',
    ),
    *("Authorization: ", "Bearer ", "--token ", "https://user:", "@host", MASK, "…", "⏎", "é", "\r\n", "⚠\ufe0f"),
    *("👩\u200d💻", "e\u0301\u0302\u0303\u0304\u0305"),
)
fragment = st.one_of(any_char, st.sampled_from(FRAGMENTS))
hostile = st.lists(fragment, max_size=60).map("".join)


@settings(max_examples=examples(400), deadline=None)
@given(raw=hostile, limit=st.integers(0, 300), lines=st.booleans())
def test_any_text_is_safe_bounded_and_final(raw: str, limit: int, lines: bool) -> None:
    text = safe_text(raw, limit=limit, lines=lines)
    assert len(text) <= limit
    assert_safe(text, lines=lines)
    assert safe_text(text, limit=limit, lines=lines) == text


@settings(max_examples=examples(200), deadline=None)
@given(raw=hostile, limit=st.integers(1, 80))
def test_paths_keep_the_same_promises(raw: str, limit: int) -> None:
    text = safe_path(raw, limit=limit)
    assert len(text) <= limit
    assert_safe(text)


@given(raw=st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=80))
def test_printable_ascii_without_a_secret_stays_as_it_is(raw: str) -> None:
    shown = safe_text(raw)
    assert shown == raw or MASK in shown


# The other planes are unassigned or for private use throughout: their ends will do.
CODES = (
    *range(0x30000),
    *range(0xE0000, 0xE1100),
    *(p * 0x10000 + i for p in range(3, 17) for i in (0, 0xFFFE, 0xFFFF)),
)


def test_every_single_code_point() -> None:
    bad = [hex(code) for code in CODES if any(map(is_forbidden, safe_text("a" + chr(code) + "é")))]
    assert not bad


def test_characters_without_a_cell_cannot_be_many() -> None:
    """Widths are those of the table that the screen draws with, so no number of characters may hide from it."""
    zero_width = [code for code in CODES if cell_len(chr(code)) == 0]
    assert len(zero_width) > 1000
    for code in zero_width:
        shown = safe_text("a" + chr(code) * 30)
        assert sum(cell_len(char) == 0 for char in shown) <= 4, hex(code)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text", "plain text"),
        ("Füße — “über” 日本語 ✓", "Füße — “über” 日本語 ✓"),
        ("a\tb", "a    b"),
        ("one\ntwo\r\nthree\rfour", "one⏎two⏎three␍four"),
        ("\x00\x07\x08\x1b\x7f", "␀␇␈␛␡"),
        ("\x85\x9b", "<85><9B>"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x9b1;31mred\x9b0m", "red"),
        ("\x1b]0;new title\x07text", "text"),
        ("\x1b]52;c;UFdORUQ=\x1b\\text", "text"),
        ("\x9d52;c;UFdORUQ=\x9ctext", "text"),
        ("\x1bPq#0;2;0\x1b\\\x1b_Gf=24\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\text", "text"),
        ("\x1b(B\x1b=\x1b7\x1bctext", "text"),
        ("\x1b]52;c;never ended", "␛]52;c;never ended"),
        ("\x1b[\x1b[0m31mtwice", "␛[31mtwice"),
        ("user\u202egpj.exe", "user<202E>gpj.exe"),
        ("zero\u200bwidth\ufeff", "zero<200B>width<FEFF>"),
        ("tag\U000e0041", "tag<E0041>"),
        ("\ud83d\udc0d", "<D83D><DC0D>"),
        ("\uffff\ufdd0", "<FFFF><FDD0>"),
        ("a\u2028b\u2029c", "a<2028>b<2029>c"),
        ("no\u00a0break\u3000wide", "no break  wide"),
        ("⚠\ufe0f 👩\u200d💻 👍\U0001f3fd 1\ufe0f\u20e3", "⚠ 👩💻 👍 1\u20e3"),
        ("e\u0301" + "\u0301" * 40, "e" + "\u0301" * 4 + "<+37>"),
        ("\u0301orphan", "\u25cc\u0301orphan"),
        ("", ""),
    ],
)
def test_what_is_removed_and_what_is_spelt_out(raw: str, shown: str) -> None:
    assert safe_text(raw) == shown


def test_lines_keep_their_newlines_and_nothing_else() -> None:
    assert safe_text("one\r\n\ttwo\x0bthree\n", lines=True) == "one\n    two␋three\n"


def test_a_cut_is_marked_and_a_whole_text_is_not() -> None:
    assert safe_text("x" * 400) == "x" * 400
    assert safe_text("x" * 401) == "x" * 399 + "…"
    assert safe_text("x" * 100_000, limit=5) == "xxxx…"
    assert safe_text("\x1b[0m" * 100 + "y" * 20, limit=20) == "y" * 20


def test_coloured_text_fills_its_line() -> None:
    raw = "".join(f"\x1b[3{i % 8}m{chr(97 + i % 26)}" for i in range(5000))
    assert len(safe_text(raw, limit=100)) == 100
    assert "\x1b" not in safe_text(raw, limit=100)


# -- secrets ----------------------------------------------------------------------------------------

AN36 = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
SECRETS = {
    "aws key id": ("id AKIAQYLPMN5HFIQR7XYA here", "QYLPMN5HFIQR7XYA"),
    "aws session id": ("ASIAQYLPMN5HFIQR7XYA", "QYLPMN5HFIQR7XYA"),
    "aws secret": (
        "aws_secret_access_key = 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",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ8vT2hL0k",
    ),
    "github": (f"ghp_{AN36}", AN36),
    "github server": (f"ghs_{AN36}", AN36),
    "github fine": (f"github_pat_11ABCDEFG0{AN36}_{AN36}", AN36),
    "gitlab": ("glpat-abcDEF123456_-ghijKL", "abcDEF123456_-ghijKL"),
    "openai": ("sk-" + "aB3dE6gH9jK2mN5pQ8sT1uV4" * 2, "aB3dE6gH9jK2mN5pQ8sT1uV4"),
    "openai project": (f"sk-proj-{AN36}_{AN36}-{AN36}", AN36),
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
    "password query": ("POST /login?password=swordfish&user=bob", "swordfish"),
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


@pytest.mark.parametrize(("raw", "secret"), SECRETS.values(), ids=SECRETS)
def test_secrets_are_masked(raw: str, secret: str) -> None:
    for framed in (raw, f"before {raw} after", f"'{raw}' ", f"x={raw};"):
        text = safe_text(framed)
        assert secret not in text
        assert MASK in text
        assert safe_text(text) == text


@pytest.mark.parametrize(("raw", "secret"), SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("between", ["\x1b[31m", "\x1b[0m\x1b[1m", "\u200b", "\u2060\ufeff", "\x00", "\x1b]0;x\x07"])
def test_secrets_are_masked_when_something_invisible_splits_them(raw: str, secret: str, between: str) -> None:
    half = raw.index(secret) + len(secret) // 2
    text = safe_text(raw[:half] + between + raw[half:])
    assert secret[-len(secret) // 2 :] not in text
    assert MASK in text


@pytest.mark.parametrize("kind", ["github", "aws key id", "google", "npm", "anthropic", "jwt"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\n    "])
def test_a_token_wrapped_over_two_lines_is_masked(kind: str, newline: str) -> None:
    raw, secret = SECRETS[kind]
    middle = raw.index(secret) + len(secret) - 18 if len(secret) > 30 else raw.index(secret) + len(secret) // 2
    text = safe_text(raw[:middle] + newline + raw[middle:], lines=True)
    assert raw[middle : middle + 6] not in text


@given(start=st.integers(0, 700), kind=st.sampled_from(sorted(set(SECRETS) - {"pem", "pem cut off"})))
@settings(max_examples=examples(150), deadline=None)
def test_a_cut_never_lays_half_a_secret_bare(start: int, kind: str) -> None:
    raw, secret = SECRETS[kind]
    text = safe_text("." * start + " " + raw + " " + "." * 1000)
    shown = [secret[i : i + 8] for i in range(len(secret) - 7) if secret[i : i + 8] in text]
    assert not shown


def test_a_masked_secret_still_names_its_kind() -> None:
    assert safe_text(f"push with ghp_{AN36} now") == f"push with ghp_{MASK} now"
    assert safe_text("postgres://admin:s3cr3t@db/x") == f"postgres://admin:{MASK}@db/x"
    assert safe_text('{"password": "hunter2", "a": 1}') == f'{{"password": "{MASK}", "a": 1}}'


@pytest.mark.parametrize(
    "raw",
    [
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "550e8400-e29b-41d4-a716-446655440000",
        "claude:fd2f6da7-0b1c-4d2e-8f3a-5b6c7d8e9f00",
        "msg_01XFDUDYJgAACzvnptvVoYEL toolu_01A09q90qw90lq917835lq9 req_011CSHoEeqs5C35K2UUqR7Fy",
        "call_abc123DEF456ghi789JKL012 chatcmpl-9abcDEF123456789ghijKLMNOP",
        "/home/me/src/project/tests/fixtures/token_tests/password_reset.py:120",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "tokens: 195,000,000 max_tokens=4096 token_count: 12 input_tokens=500 tokens_per_hour=1200000",
        "token = get_token()",
        "client = Client(password=password, api_key=self.api_key, token=token)",
        "def login(user: str, password: str, token: str | None = None) -> None:",
        "API_KEY=$OPENAI_API_KEY PASSWORD=${DB_PASSWORD} TOKEN=$(cat file)",
        "password: <your password>  token: [redacted]",
        "secret: /run/secrets/db  token = ./token.txt",
        "http://localhost:8080/a/b?x=1 https://example.com:443/path@v2 git@github.com:owner/repo.git",
        "postgres://user:$PASSWORD@db/x",
        "risk-based-approach-to-something-very-long task-list-number-one-of-many",
        "the key idea: bearer of news, a secret: none",
        "monkey=banana keyboard: qwerty PWD=/home/me",
        "feature/sk-refactoring-the-whole-thing hf_hub_download npm_config_registry ghp_short",
        "claude-opus-4-5-20251101 gpt-5.2-codex-max-2026-01-01",
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "pip install --token-file x --key-type rsa",
    ],
)
def test_what_is_no_secret_is_not_masked(raw: str) -> None:
    assert safe_text(raw) == raw


# -- paths and names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "limit", "shown"),
    [
        ("/home/me/src/main.py", 60, "/home/me/src/main.py"),
        ("/home/me/src/main.py", 14, "…/src/main.py"),
        ("/home/me/src/main.py", 9, "…/main.py"),
        ("/home/me/src/main.py", 6, "…in.py"),
        ("/home/me/src/main.py", 1, "…"),
        ("/home/me/src/main.py", 0, ""),
        ("a\nb/\x1b[31mc", 60, "a⏎b/c"),
        ("", 10, ""),
    ],
)
def test_paths_keep_their_tail(raw: str, limit: int, shown: str) -> None:
    assert safe_path(raw, limit=limit) == shown


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\u0440\u0430ypal", "<0440><0430>ypal"),
        ("исправить ошибку in parser", "исправить ошибку in parser"),
        ("Δt and λ stay", "Δt and λ stay"),
    ],
)
def test_letters_that_pose_as_latin_ones_are_spelled(raw: str, shown: str) -> None:
    assert exact_text(raw) == shown


def test_work_does_not_grow_with_the_text() -> None:
    """Patterns that read on and on from every start would never end here."""
    for piece in (
        "\x1b",
        "\x9d",
        "\x1b]52;c;A",
        "token=",
        "api_key=",
        "ghp_",
        "eyJ",
        "-----BEGIN PRIVATE KEY-----",
        "--a-",
    ):
        text = safe_text(piece * (1_000_000 // len(piece)), limit=100_000, lines=True)
        assert len(text) <= 100_000
        assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text) is None
