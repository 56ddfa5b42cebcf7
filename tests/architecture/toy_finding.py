"""Registers a kind of finding that is declared outside the package, and prints what the program then shows of it.

Run in a process of its own with a folder for files: what is declared is read once, when the program starts.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

FOLDER = Path(sys.argv[1])
ROOT = Path(__file__).resolve().parents[2]

FINDING = '''
"""A lane that apologizes too often."""

from tui.judge.findings.base import FindingSpec
from tui.judge.raised_findings import RaisedFindings
from tui.judge.limits import Unit, limit
from tui.model.event import AssistantText
from tui.model.finding import FindingKind, Severity, Verb
from tui.model.frozen import frozen
from tui.text.styled_text import own


@frozen
class ApologyLimits:
    """When a lane is said to apologize too often."""

    most_apologies: int = limit(2, Unit.COUNT, "More than this many apologies are too many.")


APOLOGY = FindingSpec(
    kind=FindingKind.declare("apology"),
    place=1551,
    words=own("says sorry"),
    doc="It apologizes again and again.",
    progress="work in place of apologies",
    to_do="tell it to go on",
    severities=(Severity.WARN,),
    suggest=Verb.REDIRECT,
    limits=ApologyLimits,
    detector=lambda setup: Apologies(setup.limits),
    is_unproven=True,
)
FINDINGS = (APOLOGY,)


class Apologies:
    wants = (AssistantText,)

    def __init__(self, limits):
        self._limits = limits.of(ApologyLimits)
        self._count = 0
        self._found = RaisedFindings()

    def apply(self, event, tokens):
        self._count += "sorry" in event.text
        if self._count > self._limits.most_apologies:
            self._found.put(APOLOGY.raised("", Severity.WARN, event.at, f"said sorry {self._count} times", ()))

    def raised(self):
        return self._found.all
'''


def register() -> None:
    """The kind as one more file of `tui/judge/findings`."""
    from tui.judge import findings

    (FOLDER / "findings").mkdir()
    (FOLDER / "findings" / "apology.py").write_text(FINDING)
    findings.__path__.append(str(FOLDER / "findings"))


LOGGED = datetime(2026, 8, 3, 12, 1, tzinfo=UTC).timestamp()
"""A minute after the lane's first line."""


def log() -> Path:
    """A lane that apologizes four times."""
    from tests.agents.builders import claude_message, claude_user, encode

    said = [claude_message(f"msg_{at}", [{"type": "text", "text": "I am sorry."}], seconds=at) for at in range(1, 5)]
    path = FOLDER / "5f0c21aa-0000-4000-8000-000000000001.jsonl"
    path.write_bytes(b"".join(encode(one) + b"\n" for one in [claude_user("Count the piers"), *said]))
    return path


def docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def output(run: Callable[[], object]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out), contextlib.suppress(SystemExit):
        run()
    return out.getvalue()


def listed(path: str) -> list[str]:
    """The screen's list of findings, and a notification."""
    from tui.cli.common import Common
    from tui.cli.lanes import read_once
    from tui.screen.findings_model import SessionMutes
    from tui.text.styled_text import own
    from tui.view.findings import EntryRow, entry_line, listed_findings
    from tui.view.findings_plain import notice_words

    fleet = read_once(Common((path,), None, None), None)
    lines = [
        entry_line(entry, EntryRow(own("a lane"), fleet.at), 160) for entry in listed_findings(fleet, SessionMutes())
    ]
    return ["".join(span.text for span in line) for line in lines] + [notice_words(fleet, fleet.findings)]


def main() -> None:
    register()
    from tui.cli.commands.completion import SHELLS, completion_script
    from tui.cli.main import main as program

    time.time = lambda: LOGGED  # a lane that ended is suggested no verb
    path = str(log())
    strict, off, wrong = (FOLDER / f"{name}.toml" for name in ("strict", "off", "wrong"))
    strict.write_text("[judge]\nmost_apologies = 9\n")
    off.write_text("[judge]\noff = ['apology']\n[notify]\nkinds = ['apology']\n[policy]\npause = ['apology']\n")
    wrong.write_text("[judge]\noff = ['apologi']\nmost_apologies = 'many'\n")
    generated = docs()
    found = {
        "findings": output(lambda: program(["findings", path])),
        "kind": output(lambda: program(["findings", "--kind", "apology", path])),
        "json": json.loads(output(lambda: program(["findings", "--json", path]))),
        "strict": json.loads(output(lambda: program(["findings", "--json", "--config", str(strict), path]))),
        "off": json.loads(output(lambda: program(["findings", "--json", "--config", str(off), path]))),
        "wrong": output(lambda: program(["findings", "--config", str(wrong), path])),
        "explain": output(lambda: program(["explain", "5f0c21aa", path])),
        "list": listed(path),
        "defaults": output(lambda: program(["config", "--defaults"])),
        "completion": [completion_script(shell) for shell in SHELLS],
        "no such kind": output(lambda: program(["findings", "--kind", "apologi", path])),
        "reports": [
            output(lambda form=form: program(["report", "--format", form, path])) for form in ("md", "html", "json")
        ],
        "schema": output(lambda: program(["report", "--schema"])),
        "docs": generated.finding_table() + generated.setting_pages() + generated.command_pages(),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
