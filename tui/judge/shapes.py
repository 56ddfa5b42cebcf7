"""The shape of a call: what stays the same when only labels, ids and numbers change."""

from __future__ import annotations

import re
from itertools import pairwise
from zlib import crc32

from tui.agents.registry import commands
from tui.judge.masks import is_redacted, without_digits, without_hashes
from tui.judge.polling import poll_of
from tui.model.event import Call, ToolKind

ARGS_HEAD, ARGS_TAIL = 300, 100
"""Characters of the arguments that are compared in words; all of them are compared as a whole."""
WORDS_CHARS = 240
TARGETS = 4
NUMBERS = 6

_SEGMENTS = re.compile(r"&&|\|\||[;|\n]")
_JOINED = re.compile(r"[&|;\n]")
_ASSIGNMENT = re.compile(r"^\w+=")
_NUMBERED = re.compile(r"\b\w*\d\w*\b")
_QUOTES = b"\"'`\\"
_SIGNS = "\"'`()[]{}=,;<>|&:\\"
_APART = str.maketrans(dict.fromkeys(_SIGNS, " "))
_LETTERED = re.compile(r"[\w-]\.[A-Za-z]\w{0,5}$")
_SUBCOMMANDS = commands() | frozenset(
    (
        "git", "gh", "npm", "pnpm", "yarn", "bun", "cargo", "go", "docker", "kubectl", "make", "pip", "uv", "poetry",
        "node", "npx", "terraform", "aws", "gcloud", "az", "dotnet", "mvn", "gradle", "bazel", "brew", "apt",
        "apt-get", "systemctl", "tmux", "helm", "deno", "rails", "rake", "composer",
    )
)  # fmt: skip
_PREFIXES = frozenset(("sudo", "time", "nohup", "env", "exec", "command", "timeout", "nice", "xargs"))
_SILENT = frozenset(("cd", "export", "set", "echo", "true", "source", "."))

_GUARD = re.compile(
    "test|lint|ruff|mypy|pyright|tsc|clippy|check|verify|prove|proof|assert|auth|guard|smoke|e2e|validate|audit|scope|"
    "session|tenant|route|vet"
)
"""A command with one of these words in it holds something to a rule."""

_WRITES = re.compile(r"[^>&\d=-]>{1,2}\s*[\w./~$\"'-]|<<|sed\s+(?:-\w+\s+)*-i|perl\s+-\w*i")
_WRITERS = frozenset(("tee", "patch", "apply_patch", "mv", "cp", "rm", "mkdir", "touch", "chmod", "ln"))
_INSTALLERS = ("npm", "pnpm", "yarn", "pip", "uv", "cargo", "gem", "brew", "apt-get")
_CHANGING_GIT = frozenset(
    (
        "checkout", "apply", "am", "stash", "reset", "revert", "merge", "pull", "rebase", "restore", "switch",
        "cherry-pick",
    )
)  # fmt: skip
_INSTALLING = frozenset(("install", "add", "ci", "i"))
_WRITING_SUBCOMMANDS = {"git": _CHANGING_GIT, **dict.fromkeys(_INSTALLERS, _INSTALLING)}


class Shape:
    """One call, masked in three degrees, each a 32-bit mark.

    `exact`: letter by letter; `same`: without digits and hashes, and so without ids and times; `manner`:
    the tool with its program, subcommand and flags alone. `targets` are the paths that it names, `text` is the
    beginning of its arguments, `guard` is true for a check, a test or another
    guardrail, `mutates` for what changes files.
    """

    __slots__ = ("exact", "guard", "manner", "mutates", "poll", "redacted", "same", "targets", "text", "tool")

    def __init__(self, call: Call, exact: int) -> None:
        args = call.args
        text = args if len(args) <= ARGS_HEAD + ARGS_TAIL else f"{args[:ARGS_HEAD]} … {args[-ARGS_TAIL:]}"
        plain = text.lower()
        self.exact = exact
        # What lies between head and tail is part of the call too: two long edits may differ in their middle alone.
        whole = b"" if text is args else b"%d" % exact
        tool = call.tool.encode("utf-8", "replace")
        self.tool = crc32(tool)
        masked = without_hashes(without_digits(plain.encode("utf-8", "replace").translate(None, _QUOTES)))
        self.same = crc32(masked + whole, self.tool)
        self.text = text[:WORDS_CHARS]
        # A poll is named by the command that it asks for, but runs none.
        is_poll = call.continues is not None
        self.targets = () if is_poll else _targets(call)
        manner = "" if is_poll else _manner(call, self.targets)
        self.manner = crc32(manner.encode("utf-8", "replace"), self.tool)
        command = call.summary[:400] if call.tool_kind is ToolKind.SHELL and not is_poll else ""
        words = command.split()
        self.poll = poll_of(call, words)
        self.guard = bool(command) and _GUARD.search(command) is not None
        self.mutates = call.tool_kind is ToolKind.EDIT or (bool(command) and changes_files(command, words))
        self.redacted = is_redacted(text)


def words_of(text: str) -> frozenset[str]:
    """The words of a call."""
    return frozenset(text.translate(_APART).split())


def numbers_of(text: str) -> tuple[str, ...]:
    """The words with digits in a call: what a result merely repeats of them is no news."""
    return tuple(dict.fromkeys(_NUMBERED.findall(text)))[:NUMBERS]


def exact_mark(call: Call) -> int:
    """The call letter by letter, as a 32-bit mark."""
    return crc32(call.args.encode("utf-8", "replace"), crc32(call.tool.encode("utf-8", "replace")))


def likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """Shared words of two calls, 0 to 1 (Dice's coefficient)."""
    if not a or not b:
        return 1.0 if a == b else 0.0
    return 2 * len(a & b) / (len(a) + len(b))


def skeleton(command: str) -> str:
    """A shell command by its programs, subcommands and flags: `npm install x --save` gives `npm install --save`."""
    command = command[:600]
    if not _JOINED.search(command):
        return _bones(command.split())
    return " ; ".join(filter(None, (_bones(segment.split()) for segment in _SEGMENTS.split(command))))


def names_a_guard(bones: str) -> bool:
    """Whether a command's `skeleton` holds something to a rule: a check, a proof, a guard."""
    return _GUARD.search(bones) is not None


def _bones(words: list[str]) -> str:
    first = 0
    while first < len(words) and (
        words[first] in _PREFIXES or words[first].isdigit() or ("=" in words[first] and _ASSIGNMENT.match(words[first]))
    ):
        first += 1
    if first == len(words) or words[first] in _SILENT:
        return ""
    program = words[first].rsplit("/", 1)[-1]
    rest = words[first + 1 :]
    flags = sorted({word.split("=", 1)[0].rstrip("0123456789") for word in rest if word[0] == "-"})
    if program in _SUBCOMMANDS:
        return " ".join([program, *[word for word in rest if word[0] != "-"][:1], *flags])
    return " ".join([program, *flags]) if flags else program


def changes_files(command: str, words: list[str] | None = None) -> bool:
    """Whether a shell command changes files, by its own words. `words`: the command, split."""
    words = command.split() if words is None else words
    if (">" in command or "<<" in command or " -i" in command) and _WRITES.search(command):
        return True
    if not _WRITERS.isdisjoint(words):
        return True
    if _WRITING_SUBCOMMANDS.keys().isdisjoint(words):
        return False
    return any(following in _WRITING_SUBCOMMANDS.get(word, ()) for word, following in pairwise(words))


def _manner(call: Call, targets: tuple[str, ...]) -> str:
    if call.tool_kind is ToolKind.SHELL:
        return skeleton(call.summary) or call.summary[:40]
    kinds = sorted({target.rsplit(".", 1)[-1] for target in targets if "." in target.rsplit("/", 1)[-1]})
    return " ".join(kinds)


def _targets(call: Call) -> tuple[str, ...]:
    if call.tool_kind is ToolKind.WEB:
        return (call.summary[:200],) if call.summary else ()
    found: dict[str, None] = {}
    for part in call.summary[:300].split():
        word = part.strip(_SIGNS)
        if not word:
            continue
        if ("/" in word[:-1] and word[0] != "-") or ("." in word[1:-1] and _LETTERED.search(word)):
            found[word] = None
            if len(found) == TARGETS:
                break
    return tuple(found)
