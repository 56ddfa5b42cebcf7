"""The whole hostile list in one home, read by the real command: nothing lost, nothing raised, every skip named."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.property.test_chain import encode, message, prompt

ROOT = Path(__file__).resolve().parents[2]
PEAK_MIB = 160
"""A line of 100 MB that were held would show."""


def session(number: int) -> str:
    return f"{number:08d}-0000-4000-8000-000000000000"


def good(number: int, key: str) -> bytes:
    return encode([prompt(session(number), 1, f"lane {number}"), message(session(number), 5, key, 100)])


def after(number: int, key: str) -> bytes:
    return encode([message(session(number), 50, key, 100)])


TOKENS = {key: 3 + 900 + len(key) * 7 + 40 + 100 for key in ("a", "bb", "before", "after")}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "projects" / "harbor"
    folder.mkdir(parents=True)

    def write(name: str, data: bytes) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    write("good.jsonl", good(1, "a"))
    # Each of these has a good call before and one after the bad line.
    bad_lines = {
        "nested": b'{"type":"user","message":' + b"[" * 5000 + b"]" * 5000 + b"}\n",
        "not-utf8": b'{"type":"user","sessionId":"x","message":"\xff\xfe\x80"}\n',
        "nul": b'{"type":"user","sessionId":"x","message":"\x00\x00"}\n',
        "truncated": b'{"type":"assistant","message":{"id":"msg_x","usage":{"inp\n',
        "list": b"[1,2,3]\n",
        "negative": encode([message(session(19), 9, "neg", -5)]),
        "number": b"12345678901234567890123456789012345678901234567890\n",
    }
    for number, (name, line) in enumerate(bad_lines.items(), 10):
        write(f"{name}.jsonl", good(number, f"before{number}") + line + after(number, f"after{number}"))
    with (folder / "huge.jsonl").open("wb") as file:
        file.write(good(30, "before30"))
        file.write(b'{"type":"user","message":"')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + after(30, "after30"))
    write("no-newline.jsonl", good(31, "before31") + after(31, "after31")[:-1])
    write("empty.jsonl", b"")
    write("binary.jsonl", os.urandom(4096).replace(b"\n", b"") + b"\n" + bytes(range(256)) * 50 + b"\n" * 60)
    os.mkfifo(folder / "fifo.jsonl")
    (folder / "device.jsonl").symlink_to("/dev/zero")
    (folder / "loop1.jsonl").symlink_to(folder / "loop2.jsonl")
    (folder / "loop2.jsonl").symlink_to(folder / "loop1.jsonl")
    (folder / "passwd.jsonl").symlink_to("/etc/passwd")
    (folder / "folder.jsonl").mkdir()
    closed = write("closed.jsonl", good(32, "closed"))
    closed.chmod(0)
    (folder / "back").symlink_to(folder.parent)
    return tmp_path


def test_the_hostile_list_costs_no_other_line(home):
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))

    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "lanes", str(home / "projects"), "--json"], cwd=home, capture_output=True, text=True,
        check=False, timeout=90, preexec_fn=limited,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    peak = float(done.stderr.splitlines()[-1])
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)

    # Nothing lost: each good call once.
    calls = [(3 + 900 + len(key) * 7 + 40 + 100) for key in expected_keys()]
    readable = os.geteuid() == 0  # root reads what nobody may
    if readable:
        calls.append(3 + 900 + len("closed") * 7 + 40 + 100)
    assert found["totals"]["total"] == sum(calls)

    # Every skip listed, with path, line and why.
    skips = {Path(skip["path"]).name: skip for skip in found["skipped"]["files"]}
    assert len(skips) == len(found["skipped"]["files"]) == found["skipped"]["lines"]
    lines = {"nested": 3, "not-utf8": 3, "nul": 3, "truncated": 3, "list": 3, "negative": 3, "number": 3, "huge": 3}
    for name, line in lines.items():
        assert skips[f"{name}.jsonl"]["line"] == line, name
        assert skips[f"{name}.jsonl"]["why"]
    whole = {"fifo", "device", "loop1", "loop2", "passwd", "binary", *([] if readable else ["closed"])}
    for name in whole:
        assert skips[f"{name}.jsonl"]["line"] is None, name
        assert skips[f"{name}.jsonl"]["why"]
    assert set(skips) == {f"{name}.jsonl" for name in (*lines, *whole)}
    assert "32 MiB" in skips["huge.jsonl"]["why"]
    assert peak < PEAK_MIB, f"{peak:.0f} MiB at the peak"


def expected_keys() -> list[str]:
    keys = ["a", "before30", "after30", "before31", "after31"]
    for number in range(10, 17):
        keys += [f"before{number}", f"after{number}"]
    return keys


MEASURED = """
import pathlib, re, resource, sys
from tui.cli.main import main
code = main(sys.argv[1:])
# The peak of this very program: ru_maxrss begins with what the process that started it was at its fork.
status = pathlib.Path("/proc/self/status")
peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) if status.exists() else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stderr.write(f"{peak / 1024}\\n")
sys.exit(code)
"""


@pytest.mark.tmux
def test_the_screen_starts_over_the_same_home(tmux, home):
    pane = tmux(str(home / "projects"))
    pane.shows("lane 30")
    pane.shows("skips")
    pane.keys("x")
    screen = pane.shows("skips ·")
    assert "not" in screen
    pane.keys("q")
    pane.until(lambda seen: "skips ·" not in seen, "the page closed")
    pane.keys("q")
    assert pane.ended() == 0
