"""The names of Claude Code's files."""

from __future__ import annotations

import os
import re

from tui.agents.files import Files


def is_other(path: str) -> bool:
    """Whether the file is a list of prompts or a workflow's journal."""
    name = path.rpartition(os.sep)[2]
    return name == "history.jsonl" or (name == "journal.jsonl" and f"{os.sep}workflows{os.sep}" in path)


_LONGEST_FOLDER = 200
"""The longest path, in characters, that is the whole name of a project's folder; longer ones are cut."""


def is_place_of(path: str, cwd: str) -> bool:
    """Whether a transcript lies in the folder of a project.

    The folder is named after the project's path, with a dash for each character that is no letter or digit, and cut if
    it is long (seen with 2.1.197 and 2.1.329).
    """
    folder = os.path.basename(os.path.dirname(path))  # noqa: PTH119, PTH120 (a path as a text)
    wanted = re.sub(r"[^A-Za-z0-9]", "-", cwd)
    return folder == wanted or (len(wanted) > _LONGEST_FOLDER and folder.startswith(wanted[:_LONGEST_FOLDER]))


FILES = Files(is_other=is_other, is_place_of=is_place_of)
