"""An invented project as a lane meets it: files that edits change, tests, and what its tools print."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from pathlib import PurePosixPath

from tests.bench.judge.incidents.projects import CODE, HEADS, PROJECTS, SUFFIX, TESTED


def _upper(word: str) -> str:
    return word[:1].upper() + word[1:]


def _lower(word: str) -> str:
    return word[:1].lower() + word[1:]


def folder(path: str) -> str:
    """The folder of a path; empty for a bare name."""
    return path.rpartition("/")[0]


class World:
    """One project with its files; all that is drawn comes from `rng`."""

    def __init__(self, rng: random.Random, index: int) -> None:
        project = PROJECTS[index]
        self.rng = rng
        self.name, self.lang, self.who = project.name, project.language, project.person
        self.dirs, self.things, self.verbs = project.directories, project.things, project.verbs
        base = rng.choice(["/home/%s/src/", "/Users/%s/code/", "/home/%s/work/", "/Users/%s/dev/"])
        suffix = rng.choice(["", "", "-" + rng.choice(["main", "next", "v2", "fix", "api", "old", "wip", "core"])])
        self.root = base.replace("%s", self.who) + self.name + suffix
        self.branch = rng.choice(["main", "main", "feat/%s-%s", "fix/%s-%s", "%s/%s"])
        if "%s" in self.branch:
            self.branch = self.branch % (rng.choice(self.verbs).lower(), rng.choice(self.things).lower())
        self.fs: dict[str, str] = {}
        """The text of each file that was looked at or changed, by its path in the project."""
        self.files = self._names_of_files()
        rng.shuffle(self.files)
        self.tests = [self._test_of(file) for file in self.files[:8]]

    def _names_of_files(self) -> list[str]:
        names: list[str] = []
        for directory in self.dirs[:3]:
            for thing in self.rng.sample(self.things, 5):
                stem = thing if self.lang == "ts" else thing.lower()
                names.append(f"{directory}/{stem}{SUFFIX[self.lang]}")
        return names

    def _test_of(self, file: str) -> str:
        path = PurePosixPath(file)
        if self.lang == "py":
            return f"tests/test_{path.stem}.py"
        if self.lang == "ts":
            return f"{path.parent}/{path.stem}.test.ts"
        if self.lang == "go":
            return f"{path.parent}/{path.stem}_test.go"
        tests = str(path.parent).replace("/src", "") + "/tests" if file.startswith("crates") else "tests"
        return f"{tests}/{path.stem}.rs"

    def fn(self) -> str:
        """The name of a function."""
        verb = self.rng.choice(self.verbs)
        thing = self.rng.choice(self.things)
        return verb + thing if self.lang in ("ts", "go") else f"{verb}_{thing}"

    def tname(self) -> str:
        """The name of a test."""
        verb = self.rng.choice(self.verbs)
        thing = self.rng.choice(self.things)
        what = self.rng.choice(TESTED)
        if self.lang == "go":
            return f"Test{verb}{thing}{what.title().replace('_', '')}"
        if self.lang == "ts":
            return f"{thing} > {verb}s {what.replace('_', ' ')}"
        return f"test_{verb}_{thing}_{what}"

    def code(self, path: str) -> str:
        """The text of a file; one that was never met is made up, the same for each seed."""
        if path not in self.fs:
            self.fs[path] = self._made_up(path)
        return self.fs[path]

    def _made_up(self, path: str) -> str:
        rng = random.Random(hashlib.md5((self.root + path).encode()).hexdigest())
        text = HEADS[self.lang].replace("$package", PurePosixPath(folder(path) or "main").name)
        for _ in range(rng.randint(5, 12)):
            verb = rng.choice(self.verbs)
            one, other = rng.sample(self.things, 2)
            text += rng.choice(CODE[self.lang]).format(
                v=_lower(verb) if self.lang in ("ts", "go") else verb,
                V=_upper(verb),
                n=one.lower(),
                N=_upper(one),
                m=other.lower(),
                M=_upper(other),
                k=rng.choice([3, 4, 8, 12, 16, 20, 32, 50, 64, 100]),
            )
            text += "\n"
        return text

    def testcmd(self, path: str = "") -> str:
        """The command that runs one file of tests, or all."""
        if self.lang == "py":
            return f"python -m pytest {path or 'tests'} -q"
        if self.lang == "ts":
            return f"npx vitest run {path}".strip()
        if self.lang == "go":
            return f"go test ./{folder(path) + '/...' if path else '...'}"
        return f"cargo test {'--test ' + PurePosixPath(path).stem if path else '--workspace'}"

    def testout(
        self, ok: int, bad: Sequence[str] = (), msg: str = "", secs: float | None = None, path: str | None = None
    ) -> str:
        """What the tests print: `ok` passed, those named in `bad` failed with `msg`, in `secs` seconds."""
        secs = secs or round(self.rng.uniform(0.4, 48), 2)
        path = path or self.tests[0]
        printed = {"py": self._pytest, "ts": self._vitest, "go": self._go_test, "rs": self._cargo_test}[self.lang]
        return printed(ok, bad, msg, secs, path)

    def _pytest(self, ok: int, bad: Sequence[str], msg: str, secs: float, path: str) -> str:
        if not bad:
            return f"{'.' * min(ok, 60)}    [100%]\n{ok} passed in {secs:.2f}s"
        text = f"{'.' * min(ok, 40)}{'F' * len(bad)} [100%]\n{' FAILURES ':=^80}\n"
        for test in bad:
            text += f"{'_' * 20} {test} {'_' * 20}\n\n>       assert got == want\nE       {msg}\n\n"
            text += f"{path}:{self.rng.randint(20, 190)}: AssertionError\n"
        text += f"{'=' * 27} short test summary info {'=' * 28}\n"
        text += "".join(f"FAILED {path}::{test} - {msg}\n" for test in bad)
        return text + f"{len(bad)} failed, {ok} passed in {secs:.2f}s"

    def _vitest(self, ok: int, bad: Sequence[str], msg: str, secs: float, path: str) -> str:
        text = f" RUN  v3.2.4 {self.root}\n\n"
        files = ok // 7
        for test in bad:
            at = f"{self.rng.randint(12, 210)}:{self.rng.randint(5, 30)}"
            text += f" FAIL  {path} > {test}\nAssertionError: {msg}\n ❯ {path}:{at}\n"  # noqa: RUF001  (what vitest prints)
        if bad:
            text += f"\n Test Files  1 failed | {files} passed ({files + 1})\n"
            text += f"      Tests  {len(bad)} failed | {ok} passed ({ok + len(bad)})\n"
        else:
            text += f" Test Files  {files + 1} passed ({files + 1})\n      Tests  {ok} passed ({ok})\n"
        return text + f"   Duration  {secs:.2f}s"

    def _go_test(self, ok: int, bad: Sequence[str], msg: str, secs: float, path: str) -> str:
        module = f"github.com/{self.who}/{self.name}"
        if not bad:
            return "".join(f"ok  \t{module}/{each}\t{self.rng.uniform(0.01, 4):.3f}s\n" for each in self.dirs[:3])
        text = ""
        for test in bad:
            text += f"--- FAIL: {test} ({self.rng.uniform(0, 3):.2f}s)\n"
            text += f"    {PurePosixPath(path).name}:{self.rng.randint(20, 190)}: {msg}\n"
        return text + f"FAIL\nFAIL\t{module}/{folder(path)}\t{secs:.3f}s\nFAIL"

    def _cargo_test(self, ok: int, bad: Sequence[str], msg: str, secs: float, path: str) -> str:
        if bad:
            text = f"running {ok + len(bad)} tests\n" + "".join(f"test {test} ... FAILED\n" for test in bad)
            text += f"\nfailures:\n\n---- {bad[0]} stdout ----\n"
            text += f"thread '{bad[0]}' panicked at {path}:{self.rng.randint(20, 190)}:9:\n{msg}\n\n"
            return text + (f"test result: FAILED. {ok} passed; {len(bad)} failed; 0 ignored; finished in {secs:.2f}s")
        text = f"   Compiling {self.name} v0.{self.rng.randint(1, 9)}.{self.rng.randint(0, 9)}\n"
        text += f"    Finished `test` profile in {self.rng.uniform(1, 30):.2f}s\nrunning {ok} tests\n"
        return text + f"test result: ok. {ok} passed; 0 failed; 0 ignored; finished in {secs / 9:.2f}s"
