"""The real clients, installed from npm into a folder of the cache; skipped with a reason where they cannot be had."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.clients.model_server import serving

CLAUDE = "2.1.329"
OLDER_CLAUDE = "2.1.197"
"""What npm gives without a version on node 20."""
CODEX = "0.169.0"
BINARIES = {
    "claude": "node_modules/@anthropic-ai/claude-code-*/claude",
    "codex": "node_modules/@openai/codex-*/vendor/*/bin/codex",
}


@pytest.fixture(scope="session")
def clients() -> Path:
    """A folder with both clients. LANEWATCH_CLIENTS names one that is there already."""
    named = os.environ.get("LANEWATCH_CLIENTS")
    if named:
        return Path(named)
    return installed({"claude": f"@anthropic-ai/claude-code@{CLAUDE}", "codex": f"@openai/codex@{CODEX}"})


def installed(packages: dict[str, str]) -> Path:
    """A folder into which npm has put these packages, by the agent's name; made once for all workers and runs."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm here: the real clients cannot be installed")
    versions = "-".join(package.rpartition("@")[2] for package in packages.values())
    folder = Path(tempfile.gettempdir()) / f"lanewatch-clients-{os.getuid()}-{versions}"
    if not all(list(folder.glob(BINARIES[agent])) for agent in packages):
        made = folder.with_name(f"{folder.name}.{os.getpid()}")
        done = subprocess.run(
            [npm, "install", "--no-audit", "--no-fund", "--prefix", str(made), *packages.values()],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        if done.returncode != 0:
            pytest.skip(f"npm could not install the clients: {done.stderr.strip().splitlines()[-1:]}")
        try:
            made.rename(folder)
        except OSError:
            shutil.rmtree(made)  # another worker was first
    return folder


def binary(folder: Path, name: str) -> Path:
    found = sorted(folder.glob(BINARIES[name]))
    if not found:
        pytest.skip(f"no {name} for this platform in {folder}")
    return found[0]


@pytest.fixture
def claude(clients: Path) -> Path:
    return binary(clients, "claude")


@pytest.fixture
def older_claude() -> Path:
    return binary(installed({"claude": f"@anthropic-ai/claude-code@{OLDER_CLAUDE}"}), "claude")


@pytest.fixture
def codex(clients: Path) -> Path:
    return binary(clients, "codex")


@pytest.fixture
def model() -> Iterator[int]:
    with serving() as port:
        yield port


@pytest.fixture
def home() -> Iterator[Path]:
    """A home with a short path: clients break long paths into lines on their screens, where tests look for them."""
    with tempfile.TemporaryDirectory(prefix="lanewatch-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        (place / "work").mkdir()
        yield place
        end_all(place)


def end_all(home: Path) -> None:
    """Ends what still runs in this home: screens, daemons, and hooks whose client has gone."""
    for process in psutil.process_iter(["environ"]):
        if (process.info["environ"] or {}).get("HOME") == str(home):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
