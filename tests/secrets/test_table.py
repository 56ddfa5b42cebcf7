"""The table of kinds: complete, linear, and the one way by which text enters."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest

from tests.secrets.makers import MAKERS, plant
from tui.text.secrets.entry import clean_text
from tui.text.secrets.find import mask_secrets, secret_spans, secrets_in
from tui.text.secrets.table import kinds

TUI = Path(__file__).resolve().parents[2] / "tui"


def test_each_row_states_an_origin_and_has_one_group():
    origins = {kind.origin for kind in kinds()}
    assert origins == {"vendor", "gitleaks", "detect-secrets", "own"}
    assert len(kinds()) > 150
    for kind in kinds():
        assert kind.compiled.groups == 1, kind.name
        assert kind.probes, kind.name


COMMANDS = (
    *(f"{name} login -u me -p Hx7kQ2mZ" for name in (
        "docker", "podman", "skopeo", "helm", "crane", "oras", "nerdctl", "az", "oc", "mongo", "mongosh", "mongodump", "rabbitmqadmin",
        "mosquitto_pub", "cqlsh", "influx", "beeline", "twine", "xfreerdp")),
    *(f"{name} -P Hx7kQ2mZ x" for name in ("sqlcmd", "bcp", "isql", "tsql", "ipmitool", "unzip", "zip")),
    *(f"{name} -x -w Hx7kQ2mZ x" for name in ("ldapsearch", "ldapmodify", "ldapadd", "ldapwhoami", "ldappasswd", "ldapdelete")),
    *(f"{name} a -pHx7kQ2mZ x" for name in ("7z", "7za")),
    *(f"{name} -u me:Hx7kQ2mZ x" for name in ("curl", "http", "https", "xh", "xhs", "wget", "aria2c")),
    *(f"{name} is Hx7kQ2mZw9 now" for name in (
        "password", "passwd", "passphrase", "api key", "access_key", "secret key", "\u017fecret key", "auth token", "bearer token")),
    *(f"{name} -a Hx7kQ2mZ ping" for name in ("redis-cli", "(redis-cli")),
    "smbclient //h/s -U me%Hx7kQ2mZ", "htpasswd -b f me Hx7kQ2mZ ", "keytool -storepass Hx7kQ2mZ", "jarsigner -keypass Hx7kQ2mZ",
    "openssl rsa -passin pass:Hx7kQ2mZ", "openssl enc -k Hx7kQ2mZ", "xfreerdp /u:me /p:Hx7kQ2mZ",
    "proxy-authorization: basic Hx7kQ2mZw9Lc4Vb8", "authorization: Hx7kQ2mZw9Lc4Vb8",
    *(f"x {dash}{name} Hx7kQ2mZw9" for dash in ("-", "--", "--my-") for name in ("password", "pass", "token", "api-key", "pat")),
)  # fmt: skip


BY_HAND = [kind for kind in kinds() if kind.begins and not kind.begins.startswith("(?:")]
"""Of tokens with a prefix, the beginning is made of the prefixes, as the pattern is."""


@pytest.mark.parametrize("kind", BY_HAND, ids=lambda kind: kind.name)
def test_a_quick_beginning_passes_over_no_match(kind):
    texts = [*COMMANDS, *(plant(name, seed).text for name in MAKERS for seed in range(3))]
    texts += [text.upper() for text in texts] + [text.title() for text in texts]
    texts += ["; ".join(texts[at : at + 3]) for at in range(0, len(texts), 3)]
    matched = 0
    for text in texts:
        whole = [match.span() for match in kind.compiled.finditer(text)]
        assert [match.span() for match in kind.matches(text)] == whole, text
        matched += len(whole)
    assert matched > 3


def test_what_is_found_in_a_text_is_found_in_the_midst_of_others():
    planted = [*COMMANDS, *(plant(name, seed).text for name in MAKERS for seed in range(3))]
    filler = f"\n{'a word, ' * 200}\n"
    for parts in zip(planted, planted[1:], planted[2:], strict=False):
        alone: list[tuple[int, int]] = []
        at = 0
        for part in parts:
            alone += ((start + at, end + at) for start, end in secret_spans(part))
            at += len(part) + len(filler)
        found = secret_spans(filler.join(parts))
        for start, end in alone:
            assert any(first <= start and end <= last for first, last in found), parts


FLOODS = (
    "ghp_", "sk-", "eyJ", "eyJaaaaaaaa.", "AKIA", "://", "://a:", "token=", 'token="', "key:", "password ", "password=",
    "--token ", "curl -u a:", "curl ", "mysql -p", "authorization: ", "cookie: a=", "-----BEGIN PRIVATE KEY-----", "xoxb-",
    "kind: Secret\ndata:\n", " a: bbbbbbbb\n", "machine a login b ", "login a password ", "echo a|", "A_KEY=", "sig=",
    "Basic a", "bearer ", "?key=a", "\\", "\\u0041", "\x1b", "\x1b[", "a_", "a-", "A", "0123456789abcdef", "aws ", "a1",
    "docker login -p ", "openssl -k ", "token is ", "token \n", "auth(", "auth('a',", "-u a:", "-u a -p", "x-a: ", "$6$a$", "<password a=", "ENC(",
    "mnemonic ", "word word ", "abc_", "://a/b/", "key=", '"kty" "d":"', "{SHA}", "AUTH ", "backup code 1a",
    "IDENTIFIED BY '", "password is a", "SG.", "hooks.slack.com/services/", "…",
)  # fmt: skip


@pytest.mark.parametrize("piece", FLOODS)
def test_a_flood_is_read_in_linear_time(piece):
    """A pattern that reads on from each place, or a search that begins anew, would take hours here."""
    small, large = piece * (3_000 // len(piece)), piece * (30_000 // len(piece))
    took: list[float] = []
    for text in (small, large):
        began = time.process_time()
        secrets_in(text)
        clean_text(text[: len(small)] if len(piece) < 3 else text)
        took.append(time.process_time() - began)
    print(f"{piece!r}: {took[1]:.2f} s for 30 kB, {took[1] / max(took[0], 1e-4):.0f} times that of 3 kB")


JSON_READERS = {
    "io/json_fields.py": "the one entry",
    "sources/unpack.py": "a bundle's manifest, of which names and digests are read",
    "sources/transcript.py": "whether a last line is whole",
    "sources/whole_lines.py": "whether a last line is whole",
    "agents/codex/output.py": "a text that has entered",
    "agents/codex/tools.py": "a text that has entered",
    "agents/tools.py": "arguments of a call that have entered",
    "agents/codex/script_output.py": "a text that has entered",
    "agents/codex/script.py": "a script that has entered; `script_calls` masks what comes of it",
    "agents/codex/usual_script.py": "as `script.py`",
    "agents/claude/transcript_probe.py": "whether an operator's own text stands in a line; it says yes or no",
    "agents/codex/daemon.py": "answers of Codex's daemon about its threads, no transcript",
    "agents/codex/hooks.py": "Codex's settings, in TOML",
}
"""Who else reads JSON where transcripts are read, and why that lets no text in."""


def test_every_line_enters_by_one_function():
    reading = {
        str(path.relative_to(TUI))
        for package in ("io", "agents", "sources")
        for path in (TUI / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "loads"
    }
    assert reading == set(JSON_READERS)
    raw = {
        str(path.relative_to(TUI))
        for path in TUI.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id == "parse_raw"
    }
    assert raw == {"io/json_fields.py", "cli/export.py"}


@pytest.mark.parametrize(
    "text",
    [
        "acme_key=p5k8aku35s3x10elxbbcvg645jcn0ivg",
        "acmeKEY: 54s692ek5itqhzbeqpc8m3zuk7z5768n",
        'acmeSearchToken = "3qXVexhjx6NSbVbQjD0SSW0f"',
        "acme SECRET 9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        "acme-key 7XIIpLO5yeU7sOytOYx34k",
    ],
)
def test_a_random_value_behind_any_name_of_a_key_is_masked(text):
    value = re.split(r"[ =:\"]+", text.rstrip('"'))[-1]
    assert value not in mask_secrets(text)
    assert value[:8] not in mask_secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        r"a\ncache-key: v1-node-20-a94a8fe5ccb19ba61c4c0873d391e987982fbbd3\n",
        "sentry-public_key=ec1d5fda51d8418a9e113ac85e01b54a,",
        "Removing key 24853EC9F655CE80B48E6C3A8B81C9D17413A06D",
        "let short_key = vec![0u8; 16]",
        "Alice pubkey: 040a68274083f4d5d909",
        "idempotency_key = 46725a2a-7b86-0dcd-6c8a-1f8b46287cce",
    ],
)
def test_ids_and_public_keys_behind_such_a_name_stay(text):
    assert mask_secrets(text) == text
