"""The same transcripts give the same findings in every process, whatever seed Python hashes texts with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "sample_logs" / "findings" / "repetition"


def told(seed: str, home: Path) -> str:
    command = [
        sys.executable,
        "-m",
        "tui",
        "findings",
        str(LOGS),
        "--since",
        "all",
        "--all",
        "--at",
        "2026-06-01T00:00:00Z",
    ]
    env = {**os.environ, "PYTHONHASHSEED": seed, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, env=env, check=False, timeout=120)
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


def test_the_seed_of_hashes_changes_nothing(tmp_path: Path):
    first, *others = (told(seed, tmp_path) for seed in ("0", "1", "2"))
    assert "repetition" in first
    assert others == [first, first]
