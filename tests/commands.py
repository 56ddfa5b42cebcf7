"""Commands for tests: run within the test's own process, which is quick, or as a program of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from tui.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
Done = subprocess.CompletedProcess[str]


def _environment(home: Path, env: dict[str, str]) -> dict[str, str]:
    """What a command sees: no setting of the person who runs the tests; the compiled search for secrets is shared."""
    shared = {name: os.environ[name] for name in ("PATH", "XDG_CACHE_HOME") if name in os.environ}
    return {"HOME": str(home), "LANG": "C.UTF-8", **shared, **env}


def program(*args: str, home: Path, **env: str) -> Done:
    """Runs the program in a folder, which is its home too."""
    return subprocess.run(
        [sys.executable, "-m", "tui", *args], cwd=home, env={**_environment(home, env), "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip


def lanewatch(*args: str, home: Path, **env: str) -> Done:
    """The same without another process. Without a terminal, as `program`."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        mock.patch.dict(os.environ, _environment(home, env), clear=True),
        mock.patch.object(sys, "stdin", io.StringIO()),
        contextlib.chdir(home),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main(args)
        except SystemExit as left:
            code = int(left.code or 0)
    return subprocess.CompletedProcess(args, code, *(stream.buffer.getvalue().decode() for stream in (out, err)))  # type: ignore[attr-defined]
