"""What a scripted model lets a real client do: ways to go in circles after public reports, and honest twins.

Each is a folder's content and a shell command for each round, so that the bytes in the transcript are the client's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple


class Shape(NamedTuple):
    """Files of the folder (those that begin with `#!` may be run), and the command of a round."""

    files: Mapping[str, str]
    command: Callable[[int], str]
    is_loop: bool = True

    def set_up(self, folder: Path) -> None:
        """Writes the files."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if text.startswith("#!"):
                path.chmod(0o755)


def fails(text: str, code: int) -> str:
    """A program that says so and ends with that code; `$*` are its arguments."""
    return f'#!/bin/sh\necho "{text}" >&2\nexit {code}\n'


def of(*parts: str) -> Callable[[int], str]:
    """The commands by turns; `{}` is the round."""
    return lambda number: parts[number % len(parts)].replace("{}", str(number))


PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "polars",
    "torch",
    "jax",
    "xarray",
    "dask",
    "numba",
    "cython",
    "shapely",
    "pyproj",
)
OPTIONS = (
    "-v",
    "-4",
    "-o BatchMode=yes",
    "-o ConnectTimeout=5",
    "-T",
    "-A",
    "-p 2222",
    "-i key",
    "-C",
    "-tt",
    "-q",
    "-x",
)
SOURCES = {
    f"src/part_{number}.py": "\n".join(f"def {word}_{number}(): return {number * 7}" for word in words)
    for number, words in enumerate(
        (("fare", "quote"), ("berth", "tide"), ("crew", "shift"), ("mail", "bounce"), ("seat", "deck"), ("audit", "chain"),
         ("dock", "crane"), ("cargo", "weight"), ("guest", "name"), ("route", "port"), ("price", "round"), ("voucher", "void"),
         ("refund", "hold"), ("ticket", "swap"))
    )
}  # fmt: skip

SHAPES: dict[str, Shape] = {
    "install_different_packages": Shape(
        {"install": fails("Collecting $1\nERROR: Could not install $1: [Errno 28] No space left on device", 1)},
        lambda number: f"./install {PACKAGES[number % len(PACKAGES)]}",
    ),
    "ssh_same_failure": Shape(
        {"ssh": fails("deploy@harbor: Permission denied (publickey).", 255)},
        lambda number: f"./ssh {OPTIONS[number % len(OPTIONS)]} deploy@harbor uptime",
    ),
    "polls_dead_process": Shape(
        {"build.log": "[12/40] compiling fares\n[13/40] compiling berths\n"}, of("tail -2 build.log", "tail -n 5 build.log")
    ),
    "empty_search": Shape(
        {"src/a.py": "x = 1\n"},
        lambda number: f"grep -rniE '{PACKAGES[number % len(PACKAGES)]}[ _-]?limit' src",
    ),
    "server_is_gone": Shape(
        {"get": fails("curl: (7) Failed to connect to 127.0.0.1 port 8080: Connection refused", 7)},
        lambda number: f"./get http://127.0.0.1:8080/{('health', 'api', 'status', 'ready', 'metrics')[number % 5]}",
    ),
    "rebase_abort_rebase": Shape(
        {
            "rebase": fails("CONFLICT (content): Merge conflict in src/fares.py\nerror: could not apply 4fe21c9", 1),
            "abort": "#!/bin/sh\necho Updating files: done\n",
        },
        of("./rebase main", "./abort"),
    ),
    "alternating_greps": Shape(
        {"src/a.py": "def fare(): pass\ndef berth(): pass\n"}, of("grep -n fare src/a.py", "grep -n berth src/a.py")
    ),
    "ls_same_folder": Shape({"src/a.py": "x = 1\n", "src/b.py": ""}, of("ls src", "ls -a src", "ls src/", "ls -1 src")),
    "sudo_every_way": Shape(
        {"sudo": fails("sudo: a password is required", 1)},
        of("./sudo apt-get install jq", "./sudo -n apt-get install jq", "./sudo -S apt install jq", "./sudo -A apt-get install -y jq"),
    ),
    "wrong_folder": Shape(
        {"run": fails("make: *** No rule to make target. Stop.\nmake: Entering directory /srv", 2)},
        of("./run test", "./run check", "./run all", "./run -k test", "./run -B test"),
    ),
    "reads_each_file": Shape(SOURCES, of("cat src/part_{}.py"), is_loop=False),
    "failures_go_down": Shape(
        {"test": '#!/bin/sh\nn=$((14 - $(cat n 2>/dev/null || echo 0)))\necho $((15 - n)) > n\nfor i in $(seq $n); do '
                 'echo "FAILED test_fare_$i: port $i is closed"; done\necho "$n failed, $((40 - n)) passed"\n[ $n -le 0 ]\n'},
        of("./test"), is_loop=False,
    ),
}  # fmt: skip
