"""Lanes that go in circles, and lanes that only look like it, by seed.

Two halves share no words, no tools and no parameters. DEVELOPMENT is what the judge was developed against.
HELD_OUT is never looked at while thresholds are chosen: a change of the judge that is made because of a
lane in it spoils it, and a new one has to be written.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.model.event import AssistantText, Call, Event, Mark, Origin, Prompt, Result, State, ToolKind, UsageReported
from tui.model.usage import Usage


@dataclass(frozen=True)
class Half:
    """One half's words, tools and parameters."""

    name: str
    nouns: tuple[str, ...]
    verbs: tuple[str, ...]
    suffix: str
    codex: bool
    runners: tuple[str, ...]
    builders: tuple[str, ...]
    errors: tuple[str, ...]
    idle: tuple[str, ...]
    """What a command says that has nothing to do."""
    sentence: str
    mixes: tuple[float, ...]
    periods: tuple[int, ...]
    repeats: tuple[int, int]
    lengths: tuple[int, int]


DEVELOPMENT = Half(
    "development", ("invoice", "seat", "cargo", "ledger", "pier", "crew", "ticket", "port", "fare", "route", "berth", "tide"),
    ("load", "store", "merge", "parse", "split", "check", "sort", "price", "book", "ship"), "py", codex=False,
    runners=("pytest -q", "npm test"), builders=("npm install", "make report", "docker build ."),
    errors=("error code ERESOLVE", "ERROR: No matching distribution found", "permission denied on /srv"),
    idle=("nothing to do", "report.html is up to date", "no change"),
    sentence="I will now continue to verify that everything works as expected and report back",
    mixes=(0.0, 0.25, 0.4), periods=(3, 4, 5, 7), repeats=(12, 20), lengths=(15, 50),
)  # fmt: skip
HELD_OUT = Half(
    "held out", ("orchid", "beetle", "glacier", "lantern", "walrus", "cobalt", "meadow", "saffron", "thistle", "quartz", "ember", "juniper"),
    ("weigh", "rinse", "carve", "braid", "smelt", "etch", "graft", "dredge", "kindle", "temper"), "rs", codex=True,
    runners=("cargo test --workspace", "go test ./..."), builders=("cargo build --release", "bazel build //app", "terraform apply"),
    errors=("error[E0277]: the trait bound is not satisfied", "FATAL: connection refused by upstream", "Error: lock is held by 0x7f"),
    idle=("Finished; target is fresh", "INFO already applied", "0 resources changed"),
    sentence="Holding position until the upstream deployment settles, then I am going to resume the rollout",
    mixes=(0.1, 0.3, 0.4), periods=(6, 8, 9, 11, 12), repeats=(14, 26), lengths=(20, 70),
)  # fmt: skip
TOKENS = 12_000


@dataclass
class LaneMade:
    """A lane's events. `marks` are the offsets at which a round of the loop was complete; empty for a quiet lane."""

    kind: str
    events: list[Event] = field(default_factory=list[Event])
    marks: list[int] = field(default_factory=list[int])


class Writer:
    """Writes one lane of one half."""

    def __init__(self, half: Half, kind: str, seed: int) -> None:
        self.half = half
        self.r = random.Random(f"{half.name} {kind} {seed}")
        self.made = LaneMade(kind)
        self.at = 1_700_000_000.0
        self.offset = 0

    # -- steps ----------------------------------------------------------------------------------

    def _next(self, seconds: float) -> tuple[str, float, int]:
        self.at += seconds
        self.offset += 10
        return "", self.at, self.offset

    def call(
        self, tool: str, kind: ToolKind, args: str, summary: str, result: str, ok: bool = True, wait: float = 0.0
    ) -> None:
        where = self._next(wait or self.r.uniform(3, 12))
        name = f"c{self.offset}"
        self.made.events.append(Call(*where, name, tool, kind, args, summary))
        self.made.events.append(Result(*self._next(self.r.uniform(0.2, 4)), name, ok, result, len(result)))
        self.made.events.append(UsageReported(*self._next(0.1), f"k{self.offset}", "model", Usage(input=TOKENS)))

    def sh(self, command: str, result: str, ok: bool = True, wait: float = 0.0) -> None:
        quoted = command.replace('"', '\\"')
        if self.half.codex:
            self.call(
                "exec_command", ToolKind.SHELL, f'{{"cmd":"{quoted}","yield_time_ms":30000}}', command, result, ok, wait
            )
        else:
            self.call("Bash", ToolKind.SHELL, f'{{"command":"{quoted}"}}', command, result, ok, wait)

    def read(self, path: str, text: str) -> None:
        if self.half.codex:
            self.sh(f"cat {path}", text)
        else:
            self.call("Read", ToolKind.READ, f'{{"file_path":"{path}"}}', path, text)

    def edit(self, path: str, old: str, new: str, ok: bool = True) -> None:
        refused = (
            "apply_patch verification failed: context not found" if self.half.codex else "String to replace not found."
        )
        if self.half.codex:
            done = f"Success. Updated the following files:\nM {path}"
            text = f"*** Begin Patch\\n*** Update File: {path}\\n-{old}\\n+{new}\\n*** End Patch"
            self.call("apply_patch", ToolKind.EDIT, f'{{"input":"{text}"}}', path, done if ok else refused, ok)
        else:
            args = f'{{"file_path":"{path}","old_string":"{old}","new_string":"{new}"}}'
            self.call("Edit", ToolKind.EDIT, args, path, f"The file {path} has been updated" if ok else refused, ok)

    def say(self, text: str) -> None:
        self.made.events.append(AssistantText(*self._next(5), text))

    def prompt(self, text: str) -> None:
        self.made.events.append(Prompt(*self._next(5), text, Origin.PERSON))

    def end(self) -> None:
        self.made.events.append(State(*self._next(1), Mark.TURN_ENDED))

    # -- words ----------------------------------------------------------------------------------

    def word(self) -> str:
        return f"{self.r.choice(self.half.verbs)}_{self.r.choice(self.half.nouns)}"

    def path(self) -> str:
        return f"src/{self.word()}/{self.word()}.{self.half.suffix}"

    def lines(self, count: int) -> str:
        return "\n".join(
            f"    {self.word()} = {self.word()}({self.r.randrange(90)}, {self.word()})" for _ in range(count)
        )

    def id(self) -> str:
        return f"{self.r.getrandbits(32):08x}"

    def stamp(self) -> str:
        r = self.r
        return f"2026-0{r.randrange(1, 9)}-1{r.randrange(9)}T1{r.randrange(9)}:{r.randrange(10, 60)}:{r.randrange(10, 60)}Z"

    def other_work(self) -> None:
        """A step that has nothing to do with the loop."""
        match self.r.randrange(4):
            case 0:
                self.read(self.path(), self.lines(self.r.randrange(4, 12)))
            case 1:
                self.sh(f"rg -n {self.word()} src", f"{self.path()}:{self.r.randrange(200)}:{self.word()}()")
            case 2:
                self.read(f"docs/{self.word()}.md", f"# {self.word()}\n{self.word()} and {self.word()}")
            case _:
                self.sh(f"ls src/{self.word()}", f"{self.word()}.{self.half.suffix}\n{self.word()}.{self.half.suffix}")

    def mark(self, mix: float) -> None:
        """A round is complete; then, perhaps, something else."""
        self.made.marks.append(self.offset)
        while self.r.random() < mix:
            self.other_work()


Kind = Callable[[Writer, float, int], None]


# -- loops ----------------------------------------------------------------------------------------------------


def same_result(w: Writer, mix: float, count: int) -> None:
    command, said = w.r.choice(w.half.builders), w.r.choice(w.half.idle)
    for _ in range(count):
        w.sh(command, said)
        w.mark(mix)


def same_error(w: Writer, mix: float, count: int) -> None:
    command, error = w.r.choice(w.half.builders), w.r.choice(w.half.errors)
    for _ in range(count):
        w.sh(command, f"{error}\nlog in /tmp/build-{w.id()}.log\nat {w.stamp()} request {w.id()}", ok=False)
        w.mark(mix)


def three_hundred_times(w: Writer, mix: float, count: int) -> None:
    del count
    same_error(w, mix * 0.2, 300)


def alternation(w: Writer, mix: float, count: int) -> None:
    one, other = (w.path(), w.lines(6)), (w.path(), w.lines(5))
    for _ in range(count):
        w.read(*one)
        w.read(*other)
        w.mark(mix)


def cycle(w: Writer, mix: float, count: int) -> None:
    steps = [(w.path(), w.lines(4)) for _ in range(w.r.choice(w.half.periods))]
    for _ in range(max(6, count // 2)):
        for path, text in steps:
            w.read(path, text)
        w.mark(mix / 2)


def monologue(w: Writer, mix: float, count: int) -> None:
    del mix
    for number in range(count):
        w.say(w.half.sentence + w.r.choice([".", "!", " soon.", f" ({number})."]))
        w.mark(0.0)


def chanting(w: Writer, mix: float, count: int) -> None:
    del mix
    for _ in range(max(2, count // 8)):
        w.say(" ".join([w.half.nouns[0]] * w.r.randrange(150, 400)))
        w.mark(0.0)


def labels_by_number(w: Writer, mix: float, count: int) -> None:
    name = w.word()
    for number in range(count):
        w.sh(f"./{name}.sh --slice part_{number + 1} --at {1_700_000_000 + number * 37}",
             f"slice part_{number + 1}: guards hold\n{w.r.choice(w.half.idle[:1])} (request {w.id()})")  # fmt: skip
        w.mark(mix)


def labels_by_word(w: Writer, mix: float, count: int) -> None:
    name = w.word()
    for _ in range(count):
        label = w.word()
        w.sh(f"./{name}.sh --action {label}", f"action {label}: envelope holds, 3 guards ok\nrequest {w.id()}")
        w.mark(mix)


def wrong_address(w: Writer, mix: float, count: int) -> None:
    for _ in range(count):
        args = f'{{"to":"agent-77aa","text":"please {w.word()} the {w.word()} now"}}'
        w.call(
            "send_message",
            ToolKind.OTHER,
            args,
            "agent-77aa",
            f"error: no agent with this id (request {w.id()})",
            ok=False,
        )
        w.mark(mix)


def failing_edit(w: Writer, mix: float, count: int) -> None:
    path, text, old = w.path(), w.lines(7), w.word()
    for _ in range(count // 2):
        w.read(path, text)
        w.edit(path, old, old[::-1], ok=False)
        w.sh(
            w.half.runners[0], f"FAILED {path}::{old} - assert 1 == 2\n1 failed in 0.{w.r.randrange(10, 99)}s", ok=False
        )
        w.mark(mix)


LOOPS: dict[str, Kind] = {
    one.__name__: one
    for one in (
        same_result, same_error, three_hundred_times, alternation, cycle, monologue, chanting, labels_by_number,
        labels_by_word, wrong_address, failing_edit,
    )
}  # fmt: skip


# -- what only looks like it ------------------------------------------------------------------------------------


def ci_poll(w: Writer, mix: float, count: int) -> None:
    for number in range(count):
        w.sh(
            "gh run view 991",
            f"build: step {number} of {count}\nelapsed {number}m{w.r.randrange(60)}s",
            wait=w.r.choice([5, 30, 60]),
        )


def sleep_and_tail(w: Writer, mix: float, count: int) -> None:
    for _ in range(count):
        w.sh("sleep 30; tail -n 2 build.log", "still compiling", wait=30)


def pod_wait(w: Writer, mix: float, count: int) -> None:
    for number in range(count):
        w.sh("kubectl get pods", f"web-0  0/1  ContainerCreating  0  {number * 20}s", wait=20)


def background_output(w: Writer, mix: float, count: int) -> None:
    tool = "write_stdin" if w.half.codex else "BashOutput"
    for number in range(count):
        call = w.offset + 10
        w.call("wait_output" if w.half.codex else tool, ToolKind.OTHER, '{"session":7}', "7",
               "" if number % 3 else f"compiled {w.word()} {call}", wait=8)  # fmt: skip


def edit_test_moves(w: Writer, mix: float, count: int) -> None:
    path = w.path()
    for number in range(count):
        w.edit(path, w.word(), f"{w.word()} {w.word()}")
        w.sh(
            w.half.runners[0],
            f"FAILED {path}::{w.word()}\n{count - number} failed, {number} passed in 1.{w.r.randrange(99)}s",
            ok=False,
        )


def edit_test_stubborn(w: Writer, mix: float, count: int) -> None:
    """One test that stays red while the edits change: hard work, not a loop."""
    path = w.path()
    for _ in range(min(count, 14)):
        w.edit(path, w.word(), f"{w.word()} {w.word()}")
        w.sh(w.half.runners[0], f"FAILED {path}::one - assert False\n1 failed", ok=False)


def compile_debug(w: Writer, mix: float, count: int) -> None:
    for _ in range(count // 2):
        w.sh(w.half.builders[0], f"error: {w.word()} in {w.path()}:{w.r.randrange(300)}\n{w.word()}", ok=False)
        w.edit(w.path(), w.word(), w.word())


def exploration(w: Writer, mix: float, count: int) -> None:
    for _ in range(count):
        w.other_work()


def searches(w: Writer, mix: float, count: int) -> None:
    for _ in range(count):
        w.sh(f"rg -n {w.word()} src", "" if w.r.random() < 0.5 else f"{w.path()}:{w.r.randrange(99)}: {w.word()}")


def paging(w: Writer, mix: float, count: int) -> None:
    for number in range(count):
        w.sh(f"sed -n '{number * 50},{number * 50 + 50}p' notes.txt", w.lines(20))


def conversion(w: Writer, mix: float, count: int) -> None:
    for number in range(count):
        name = f"{w.word()}_{number}"
        w.sh(f"./convert.sh pages/{name}.md", f"wrote pages/{name}.html")


def counted_batch(w: Writer, mix: float, count: int) -> None:
    for number in range(count):
        name = f"{w.word()}_{number}"
        w.sh(f"./migrate.sh data/{name}.csv", f"{number + 1} of {count}: {w.r.randrange(9999)} rows")


def renames(w: Writer, mix: float, count: int) -> None:
    for number in range(count):
        name = f"{w.word()}{number}"
        w.sh(f"git mv src/{name}.js src/{name}.ts", "")


def one_sed_many_files(w: Writer, mix: float, count: int) -> None:
    for number in range(count):
        w.sh(f"sed -i 's/foo/bar/' src/{w.word()}{number}.{w.half.suffix}", "")


def retry_that_succeeds(w: Writer, mix: float, count: int) -> None:
    for _ in range(count // 5):
        for _ in range(w.r.randrange(1, 3)):
            w.sh("curl -s https://api.example/x", "timeout", ok=False)
        w.sh("curl -s https://api.example/x", w.word())
        w.other_work()
        w.edit(w.path(), w.word(), w.word())


def status_between(w: Writer, mix: float, count: int) -> None:
    for _ in range(count):
        w.sh("git status --short", "M src/a.x")
        w.other_work()


def growing_log(w: Writer, mix: float, count: int) -> None:
    for _ in range(count):
        w.sh("tail -n 5 app.log", w.lines(5))


def one_test_per_file(w: Writer, mix: float, count: int) -> None:
    for number in range(count):
        w.sh(f"{w.half.runners[0]} tests/{w.word()}_{number}.{w.half.suffix}", "1 passed in 0.1s")


def feature_work(w: Writer, mix: float, count: int) -> None:
    for _ in range(count // 2):
        w.other_work()
        w.edit(w.path(), w.word(), w.word())
        w.sh(f"{w.half.runners[1]} {w.word()}", f"{w.r.randrange(30)} passed")


def commits(w: Writer, mix: float, count: int) -> None:
    for _ in range(count // 2):
        w.edit(w.path(), w.word(), w.word())
        w.sh(f"git commit -qam '{w.word()}'", "")
        w.sh("git status --short", "")


def web_pages(w: Writer, mix: float, count: int) -> None:
    for _ in range(count):
        url = f"https://example.org/{w.word()}/{w.word()}"
        w.call("WebFetch", ToolKind.WEB, f'{{"url":"{url}"}}', url, f"{w.word()}\n{w.lines(4)}")


def plans(w: Writer, mix: float, count: int) -> None:
    for number in range(count):
        w.call(
            "update_plan",
            ToolKind.PLAN,
            f'{{"plan":[{{"step":"{w.word()}","status":"{number % 3}"}}]}}',
            "",
            "Plan updated",
        )
        w.other_work()


QUIET: dict[str, Kind] = {
    one.__name__: one
    for one in (
        ci_poll, sleep_and_tail, pod_wait, background_output, edit_test_moves, edit_test_stubborn, compile_debug,
        exploration, searches, paging, conversion, counted_batch, renames, one_sed_many_files, retry_that_succeeds,
        status_between, growing_log, one_test_per_file, feature_work, commits, web_pages, plans,
    )
}  # fmt: skip


# -- families -------------------------------------------------------------------------------------------------


def foreman(w: Writer, *, moves_on: bool) -> None:
    """Numbered actions of one shape: by label alone, or each over other code."""
    for number in range(14):
        label = w.word().replace("_", "-")
        name = label.replace("-", "_")
        w.prompt(f"T{number + 200} prove the operator action {label} in the envelope")
        w.read("internal/envelope.x", "package envelope\nfunc Run()\n// session route tenant")
        text = w.lines(5) if moves_on else f"func {name}() in the envelope"
        if moves_on:
            w.read(f"internal/{name}.x", w.lines(9))
        w.edit(f"internal/{name}.x", w.word() if moves_on else "x", text.replace("\n", " "))
        w.sh(
            f"{w.half.runners[1]} -run Test_{name}",
            f"ok internal {number / 10:.1f}s\n{w.lines(3) if moves_on else 'ok'}",
        )
        w.sh(f"{w.half.runners[1]} -run TestGuards", "ok 3 guards")
        w.sh(f"./prove.sh {label}", f"POST /{label} 200 request {w.id()}\n{w.word() if moves_on else 'audit row'}")
        w.say(f"{label} is done.")
        w.end()
        w.made.marks.append(w.offset)


def loop(half: Half, kind: str, seed: int, mix: float) -> LaneMade:
    """A lane that works for a while and then goes in circles."""
    writer = Writer(half, f"{kind} {mix}", seed)
    for _ in range(writer.r.randrange(3, 20)):
        writer.other_work()
    writer.made.kind = kind
    LOOPS[kind](writer, mix, writer.r.randrange(*half.repeats))
    return writer.made


def quiet(half: Half, kind: str, seed: int) -> LaneMade:
    """A lane that must be left alone."""
    writer = Writer(half, kind, seed)
    for _ in range(writer.r.randrange(3, 20)):
        writer.other_work()
    QUIET[kind](writer, 0.0, writer.r.randrange(*half.lengths))
    return writer.made


def family(half: Half, seed: int, *, moves_on: bool) -> LaneMade:
    """A foreman's lane."""
    writer = Writer(half, f"family {moves_on}", seed)
    foreman(writer, moves_on=moves_on)
    return writer.made
