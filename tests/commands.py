"""Commands for tests: run within the test's own process, which is quick, or as a program of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest import mock

from tui.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
Done = subprocess.CompletedProcess[str]


def shared(*names: str) -> dict[str, str]:
    """What tests share with the commands that they start: the compiled search for secrets, and these variables."""
    return {name: os.environ[name] for name in ("XDG_CACHE_HOME", *names) if name in os.environ}


def _environment(home: Path, env: dict[str, str]) -> dict[str, str]:
    """What a command sees: no setting of the person who runs the tests."""
    return {"HOME": str(home), "LANG": "C.UTF-8", **shared("PATH"), **env}


def program(*args: str, home: Path, **env: str) -> Done:
    """Runs the program in a folder, which is its home too."""
    return subprocess.run(
        [sys.executable, "-m", "tui", *args], cwd=home, env={**_environment(home, env), "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip


def lanewatch(*args: str, home: Path, **env: str) -> Done:
    """The same without another process. Without a terminal, as `program`."""
    return in_process(args, home, _environment(home, env))


def in_process(args: Sequence[str], folder: Path, env: Mapping[str, str]) -> Done:
    """Runs a command in a folder and an environment, within the process of the test. Only for its main thread."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        mock.patch.dict(os.environ, env, clear=True),
        mock.patch.object(sys, "stdin", io.StringIO()),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main(args)
        except SystemExit as left:
            code = int(left.code or 0)
    return subprocess.CompletedProcess(args, code, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]
