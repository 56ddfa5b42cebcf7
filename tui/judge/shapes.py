"""The shape of a call: the part that stays the same if only labels, ids and numbers change."""

from __future__ import annotations

import re
from enum import IntEnum
from itertools import pairwise
from zlib import crc32

from tui.agents.registry import commands
from tui.agents.runs import kinds_of
from tui.judge.normalise import is_redacted, without_digits, without_hashes
from tui.judge.polling import WAITS, poll_of
from tui.model.event import Call, ToolKind

ARGS_HEAD, ARGS_TAIL = 300, 100
"""The numbers of first and last characters of long arguments whose words are compared. The whole arguments are compared
by a mark."""
WORDS_CHARS = 240
TARGETS = 4
NUMBERS = 6

_SEGMENTS = re.compile(r"&&|\|\||[;|\n]")
_JOINED = re.compile(r"[&|;\n]")
_ASSIGNMENT = re.compile(r"^\w+=")
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
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

_GUARD_WORDS = (
    "test", "lint", "ruff", "mypy", "pyright", "tsc", "clippy", "check", "verify", "prove", "proof", "assert", "auth",
    "guard", "smoke", "e2e", "validate", "audit", "scope", "session", "tenant", "route", "vet",
)  # fmt: skip
"""A command that contains one of these words checks something against a rule."""

_WRITES = re.compile(r"[^>&\d=-]>{1,2}\s*[\w./~$\"'-]|<<|sed\s+(?:-\w+\s+)*-i|perl\s+-\w*i")
_WRITERS = frozenset(
    ("tee", "patch", "apply_patch", "edit", "insert", "str_replace", "mv", "cp", "rm", "mkdir", "touch", "chmod", "ln")
)
_INSTALLERS = ("npm", "pnpm", "yarn", "pip", "uv", "cargo", "gem", "brew", "apt-get")
_CHANGING_GIT = frozenset(
    (
        "checkout", "apply", "am", "stash", "reset", "revert", "merge", "pull", "rebase", "restore", "switch",
        "cherry-pick",
    )
)  # fmt: skip
_INSTALLING = frozenset(("install", "add", "ci", "i"))
_WRITING_SUBCOMMANDS = {"git": _CHANGING_GIT, **dict.fromkeys(_INSTALLERS, _INSTALLING)}


def _normal() -> bytes:
    table = bytearray(range(256))
    for byte in range(65, 91):
        table[byte] = byte + 32
    for byte in range(48, 58):
        table[byte] = 35
    for byte in b"\"'`()[]{}=,;<>|&:\\/!?*\t\r\n":
        table[byte] = 32
    return bytes(table)


NORMAL = _normal()
"""A table that makes words: letters in lower case, digits as `#`, signs as spaces."""
WITH_NUMBERS = bytes(byte if 48 <= byte <= 57 else NORMAL[byte] for byte in range(256))
"""The same table, but with digits as they are."""


class Role(IntEnum):
    """The purpose of a call. It decides what counts as progress."""

    LOOK = 0
    """Brings information. Progress is information that was not seen before."""
    ACT = 1
    """Changes something, or has an unknown purpose."""
    CHECK = 2
    """Checks the work against a rule. Progress is another outcome."""
    EDIT = 3
    """Changes a file. Progress is a new state of the file."""
    WAIT = 4
    """Waits for something that runs elsewhere."""
    PLAN = 5
    ASK = 6
    SPAWN = 7
    TELL = 8
    """A message to another lane."""


_LOOKING = re.compile(
    r"(?i)(?:^|_)(?:get|list|search|find|fetch|read|query|view|browse|show|describe|navigate|open|snapshot|lookup|look|"
    r"inspect|explore|scan|retrieve|visit|goto|load|download|ls|cat|grep|glob|status|info|screenshot|recall|scroll|page)"
    r"(?:_|s?$)"
)
_DOING = re.compile(
    r"(?i)(?:^|_)(?:click|type|fill|press|select|set|add|create|update|delete|remove|write|edit|run|execute|exec|submit|"
    r"upload|drag|label|mark|assign|apply|merge|close|resolve|send)(?:_|$)"
)
_TELLING = re.compile(r"(?i)send|message|reply|notify|followup|input|post_|comment|mail")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LOOKERS = frozenset(
    (
        "ls", "cat", "head", "tail", "less", "more", "bat", "grep", "egrep", "fgrep", "zgrep", "rg", "ag", "fd", "tree",
        "wc", "stat", "file", "du", "df", "which", "type", "whereis", "date", "whoami", "uname", "hostname", "ps",
        "pgrep", "uptime", "free", "lsof", "jq", "nl", "diff", "cmp", "find", "search_dir", "search_file", "find_file",
        "open", "goto", "scroll_down", "scroll_up", "pwd", "env", "printenv", "man", "strings", "readlink", "realpath",
    )
)  # fmt: skip
_LOOKING_SUB = {
    "git": frozenset(
        ("status", "log", "diff", "show", "blame", "ls-files", "ls-tree", "rev-parse", "grep", "branch", "describe",
         "remote")
    ),
    "gh": frozenset(("run", "pr", "issue", "api", "search", "repo", "workflow")),
    "kubectl": frozenset(("get", "describe", "logs", "top")),
    "docker": frozenset(("ps", "logs", "images", "inspect", "stats")),
    "npm": frozenset(("ls", "list", "view", "outdated", "search", "info")),
    "pip": frozenset(("list", "show", "freeze", "search", "index")),
    "apt": frozenset(("search", "show", "list")),
    "apt-cache": frozenset(("search", "show", "policy")),
}  # fmt: skip


class Shape:
    """One call, normalised in four degrees, each a 32-bit mark.

    `exact`: letter by letter; `bare`: without the parts of a command that set its folder and limit its output; `same`:
    without digits and hashes, and so without ids and times; `manner`: only the tool with its program, subcommand and
    flags. `targets` are the paths that it names. `text` is the beginning of its arguments. `guard` is true for a check,
    such as a test, `mutates` for a call that changes files. `role` is its purpose. `program` is the first program of a
    command, or else the tool.
    """

    __slots__ = (
        "_command", "_core", "_named", "_words", "bare", "exact", "guard", "manner", "mutates", "name", "poll",
        "program", "redacted", "role", "same", "targets", "text", "tool",
    )  # fmt: skip

    def __init__(self, call: Call, exact: int) -> None:
        args = call.args
        text = args if len(args) <= ARGS_HEAD + ARGS_TAIL else f"{args[:ARGS_HEAD]} … {args[-ARGS_TAIL:]}"
        plain = text.lower()
        self.exact = exact
        # The whole arguments count too, since two long edits may differ only in the middle.
        whole = b"" if text is args else b"%d" % exact
        tool = call.tool.encode("utf-8", "replace")
        self.tool = crc32(tool)
        masked = without_hashes(without_digits(plain.encode("utf-8", "replace").translate(None, _QUOTES)))
        self.same = crc32(masked + whole, self.tool)
        self.text = text[:WORDS_CHARS]
        # The summary of a poll is the command that it polls; the poll runs no command itself.
        is_poll = call.continues is not None
        self.targets = () if is_poll else _targets(call)
        manner = "" if is_poll else _manner(call, self.targets)
        self.manner = crc32(manner.encode("utf-8", "replace"), self.tool)
        command = call.summary[:400] if call.tool_kind is ToolKind.SHELL and not is_poll else ""
        words = command.split()
        self.poll = poll_of(call, words)
        self.guard = names_a_guard(command)
        self.mutates = call.tool_kind is ToolKind.EDIT or (bool(command) and changes_files(command, words))
        self.redacted = is_redacted(text)
        self.name = call.tool
        self.program = _program(words) if words else call.tool
        self.role = self._role(call, command)
        self._words: frozenset[bytes] | None = None
        named = call.tool_kind in (ToolKind.READ, ToolKind.SEARCH, ToolKind.WEB)
        self._named = call.summary if named else ""
        self._command = undressed(command) if command else ""
        self.bare = (
            crc32(self._command.encode("utf-8", "replace"), self.tool)
            if len(call.summary) < LONGEST and command
            else exact
        )
        self._core: int | None = None

    @property
    def check(self) -> int:
        """A mark of the programs that a check runs and of the paths and tasks that it names."""
        command = self._command
        if not command:
            return self.exact
        named = " ".join([*_paths(command), *_TASK.findall(command)])
        return crc32(f"{skeleton(command)} {named}".encode("utf-8", "replace"), self.tool)

    @property
    def idles(self) -> bool:
        """Whether it only waits for some time."""
        return bool(self._command) and _IDLES.fullmatch(self._command) is not None

    @property
    def core(self) -> int:
        """A mark of the things that a call reads or waits for, without its flags and waiting times."""
        if self._core is None:
            self._core = self._marked()
        return self._core

    def _marked(self) -> int:
        command = self._command
        if command:
            words = [word for word in _PATIENCE.sub(" ", command).split() if word[0] not in "-|" and not word.isdigit()]
            data = " ".join(words).encode("utf-8", "replace")
            return crc32(without_digits(data) if self.poll else data, self.tool)
        if self._named:
            return crc32(self._named.encode("utf-8", "replace"), self.tool)
        return self.same if self.poll else self.exact

    def _role(self, call: Call, command: str) -> Role:
        kind = call.tool_kind
        if self.poll == WAITS and (not command or _only_waits(command)):
            return Role.WAIT
        if kind is ToolKind.SHELL:
            if kinds_of(command):
                return Role.CHECK
            if self.mutates:
                return Role.ACT
            return Role.LOOK if _looks(command) else Role.ACT
        if kind in (ToolKind.READ, ToolKind.SEARCH, ToolKind.WEB):
            return Role.LOOK
        if kind is ToolKind.EDIT:
            return Role.EDIT
        if kind is ToolKind.PLAN:
            return Role.PLAN
        if kind is ToolKind.ASK:
            return Role.ASK
        name = _CAMEL.sub("_", call.tool).rsplit("__", 1)[-1]
        if kind is ToolKind.AGENT:
            return Role.TELL if _TELLING.search(name) else Role.LOOK if "list" in name else Role.SPAWN
        if _LOOKING.search(name) and not _DOING.search(name):
            return Role.LOOK
        return Role.TELL if _TELLING.search(name) else Role.ACT

    def forget_words(self) -> None:
        """Frees the memory of `call_words`, which can be made again quickly."""
        self._words = None

    def call_words(self) -> frozenset[bytes]:
        """The words of the call, as `NORMAL` makes them. They are not new if a result repeats them."""
        if self._words is None:
            data = f"{self.name} {self.text}".replace("\\n", " ").replace("\\t", " ").encode("utf-8", "replace")
            self._words = frozenset(data.translate(NORMAL).split())
        return self._words


def words_of(text: str) -> frozenset[str]:
    """The words of a call."""
    return frozenset(text.translate(_APART).split())


def numbers_of(text: str) -> tuple[str, ...]:
    """The words of a call that contain digits. They are not new if a result repeats them."""
    return tuple(dict.fromkeys(word for word in _WORD.findall(text) if _DIGIT.search(word)))[:NUMBERS]


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
    return " ; ".join(filter(None, [_bones(segment.split()) for segment in _SEGMENTS.split(command)]))


def names_a_guard(command: str) -> bool:
    """Whether a command, or its `skeleton`, checks something against a rule."""
    for word in _GUARD_WORDS:  # noqa: SIM110 - any() takes three times as long, and this is asked of each call
        if word in command:
            return True
    return False


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
    flags = [word for word in rest if word[0] == "-"]
    if flags:
        flags = sorted({word.split("=", 1)[0].rstrip("0123456789") for word in flags})
    if program in _SUBCOMMANDS:
        subcommand = next((word for word in rest if word[0] != "-"), None)
        return " ".join([program, *flags] if subcommand is None else [program, subcommand, *flags])
    return " ".join([program, *flags]) if flags else program


def changes_files(command: str, words: list[str] | None = None) -> bool:
    """Whether a shell command changes files, judged by its words. `words`: the command, split."""
    words = command.split() if words is None else words
    if (">" in command or "<<" in command or " -i" in command) and _WRITES.search(command):
        return True
    if not _WRITERS.isdisjoint(words):
        return True
    if _WRITING_SUBCOMMANDS.keys().isdisjoint(words):
        return False
    return any(following in _WRITING_SUBCOMMANDS.get(word, ()) for word, following in pairwise(words))


_PATIENCE = re.compile(
    r"(?=[\dsde|>;&])(?:\bsleep\s+\S+|\|\s*(?:head|tail)\b[^|;&\n]*|\d?>&\d|2>\s*/dev/null|[;&]+|\bdate\b|\becho\s+\S+)"
)
"""Parts of a command that only set a waiting time or limit the output."""


def _program(words: list[str]) -> str:
    """The first program that does something, after `cd` and other preparations."""
    skips = False
    for word in words:
        if word in _JOINTS or word[-1] == ";":
            skips = False
            continue
        if (
            skips
            or word in _PREFIXES
            or word[0] in "-$\"'([{"
            or word.isdigit()
            or ("=" in word and _ASSIGNMENT.match(word))
        ):
            continue
        if word in _SILENT:
            skips = True  # its arguments too
            continue
        return word.rsplit("/", 1)[-1]
    return words[0]


_JOINTS = frozenset(("&&", "||", ";", "|", "&"))


def _looks(command: str) -> bool:
    """Whether each part of a command only looks. A pipeline is judged by its first program."""
    found = False
    for segment in _SEGMENTS_ONLY.split(command):
        if "xargs" in segment and _HANDS_ON.search(segment):
            return False
        words = segment.split("|", 1)[0].split()
        while words and (words[0] in _PREFIXES or ("=" in words[0] and _ASSIGNMENT.match(words[0]))):
            words = words[1:]
        if not words:
            continue
        if words[0] in _SILENT or words[0] == ":":
            found = found or words[0] in _IDLE
            continue
        program = words[0].rsplit("/", 1)[-1]
        found = (
            program in _LOOKERS
            or (program == "sed" and "-n" in words)
            or (program in _LOOKING_SUB and any(word in _LOOKING_SUB[program] for word in words[1:4]))
            or (program == "curl" and not _SENDS.search(segment))
        )
        if not found:
            return False
    return found


_WAITING = frozenset(
    (
        "sleep", "wait", "watch", "inotifywait", "until", "while", "do", "done", "for", "if", "then", "fi", "else",
        "timeout", "[", "[[", "test", "break",
    )
)  # fmt: skip


def _only_waits(command: str) -> bool:
    """Whether each part of a command waits or looks. A command that starts something and then waits for it does not."""
    for segment in _PARALLEL.split(command):
        first = segment.split(None, 1)
        if not first or first[0].strip("()!") in _WAITING or _FOLLOWS.search(segment):
            continue
        if not _looks(segment.strip("() ")) and first[0] not in _SILENT:
            return False
    return True


_IDLE = frozenset(("echo", "true", ":"))
_PARALLEL = re.compile(r"&&|\|\||[;\n]|(?<![>&])&(?![>&\d])")
_FOLLOWS = re.compile(r"\b(?:wait|watch|rollout\s+status|tail)\b|\s--?(?:watch|wait|follow)\b")
_SEGMENTS_ONLY = re.compile(r"&&|\|\||[;\n]")
_IDLES = re.compile(r"(?:\s*(?:sleep\s+\S+|date\b[^;&|\n]*|echo\b[^;&|\n]*|true|:)\s*(?:&&|;|$)?)+")
_HANDS_ON = re.compile(r"\bxargs\s+(?:-\S+\s+(?:\d+\s+)?)*(?!(?:grep|cat|ls|wc|head|tail|stat|file|rg|sed -n)\b)\w")
"""A pipeline that passes its output to a program that does something."""
_SENDS = re.compile(r"\s-(?:X\s*(?:POST|PUT|PATCH|DELETE)|d|T|F)\b|--data|--upload|--form")


def _manner(call: Call, targets: tuple[str, ...]) -> str:
    if call.tool_kind is ToolKind.SHELL:
        return skeleton(call.summary) or call.summary[:40]
    kinds = sorted({target.rsplit(".", 1)[-1] for target in targets if "." in target.rsplit("/", 1)[-1]})
    return " ".join(kinds)


def undressed(command: str) -> str:
    """A command without a change of folder at its beginning and without limits of its output at its end."""
    return _COAT.sub("", command).strip() or command


_COAT = re.compile(
    r"^\s*(?:cd\s+\S+\s*(?:&&|;)\s*)+|\s*2>&1|\s*\|\s*(?:head|tail|cat|less|more)\b[^|;&\n]*"
    r"|\s*(?:;|&&|\|\|)\s*echo\b[^;&|\n]*(?=$|;)|^\s*(?:time|nice|timeout\s+\d+\w?)\s+"
)
LONGEST = 400
_TASK = re.compile(r"\brun\s+(\S+)")
"""The name of a task that a runner is told to run."""


def _targets(call: Call) -> tuple[str, ...]:
    if call.tool_kind is ToolKind.WEB:
        return (call.summary[:200],) if call.summary else ()
    return _paths(call.summary[:300])


def _paths(text: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in text.split():
        word = part.strip(_SIGNS)
        if not word:
            continue
        if ("/" in word[:-1] and word[0] != "-") or ("." in word[1:-1] and _LETTERED.search(word)):
            found[word] = None
            if len(found) == TARGETS:
                break
    return tuple(found)
