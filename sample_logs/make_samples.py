"""Writes the sample logs and what is expected of them: `python make_samples.py [FOLDER]`, this folder if none is named.

The same bytes each time. The figures in `expected.json` are counted anew from the files by `count.py`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import count
from writing import fares, findings, foreman, holds, install_loop, limited, loop, search, telemetry, waiting
from writing.lane import Lane

STORIES = (foreman, holds, fares, search, limited, waiting, install_loop, telemetry, loop, findings)

FOLDERS = ("loop", "findings")
COUNTED = ("morning", *FOLDERS)


def lanes() -> list[Lane]:
    """Every lane of every story."""
    return [lane for story in STORIES for lane in story.lanes()]


def files() -> dict[str, str]:
    """All files but `expected.json`: path relative to the samples' folder, and text."""
    made: dict[str, str] = {}
    for lane in lanes():
        # The loop and the findings name their own folder; all others happen on one morning.
        folder = "" if lane.path.split("/")[0] in FOLDERS else "morning/"
        made[folder + lane.path] = lane.text
        made |= {folder + path: text for path, text in lane.sidecars.items()}
    made["expected_findings.json"] = json.dumps(expected_findings(), indent=1) + "\n"
    return made


def expected_findings() -> dict[str, object]:
    """What has to be said about the loop and about each folder of `findings`, as it was meant when it was written."""
    return {"loop": loop.stated()} | {f"findings/{case.folder}": case.stated() for case in findings.cases()}


def main() -> None:
    """Writes the files."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for path, text in files().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    for name in COUNTED:
        (folder / name / "expected.json").write_text(json.dumps(count.count(folder / name), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
