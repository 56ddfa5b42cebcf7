"""The page in a real headless Chromium: nothing of a transcript runs or adds an element, and the page fits its window."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.demo.samples import FOLDER
from tests.report.documents import fleet_report
from tests.report.html_tools import Reader, skeleton, with_texts
from tests.report.making import material
from tui.report.analyse import compose
from tui.report.document import Report
from tui.report.html_page import html_report

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")]

RUNS = "document.title='ran'"
HOSTILE = (
    f"<script>{RUNS}</script>", f"</script><script>{RUNS}</script>", f'"><img src=x onerror="{RUNS}">', f"'><svg onload=\"{RUNS}\">",
    f"</title><script>{RUNS}</script>", "</style><style>*{display:none}</style>", f"[x](javascript:{RUNS})",
    f'<a href="javascript:{RUNS}">x</a>', f"&lt;script&gt;{RUNS}&lt;/script&gt;", "&#60;b&#62;", "\u202etxt.exe\u202c שלום",
    f"\x1b]0;ran\x07\x1b[31m<b onmouseover={RUNS}>", f"<!-- --><iframe srcdoc='<script>parent.{RUNS}</script>'></iframe>",
    f"</bdi></td></tr></table></main><script>{RUNS}</script>", f"<details open ontoggle={RUNS}>", "<base href=//example.com>",
)  # fmt: skip
SPOKEN_KEYS = {"text", "content", "command", "arguments", "output", "message", "title", "summary", "description", "cmd"}


def dom(folder: Path, page: str) -> str:
    """The document as Chromium has it after loading: its elements, written out."""
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            f"--user-data-dir={folder / 'profile'}", "--window-size=1600,900", "--virtual-time-budget=3000", "--dump-dom", file.as_uri(),
        ],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout


def title_of(document: str) -> str:
    found = re.search(r"<title>(.*?)</title>", document)
    return found[1] if found else ""


def spiked(value, words, key=""):
    """The same JSON; each text that a person or an agent wrote has something hostile after its first two words."""
    if isinstance(value, dict):
        return {name: spiked(inner, words, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [spiked(inner, words, key) for inner in value]
    if not isinstance(value, str) or key not in SPOKEN_KEYS:
        return value
    if value.startswith("{"):  # arguments are JSON in JSON
        return orjson.dumps(spiked(orjson.loads(value), words)).decode()
    first, second, rest = (*value.split(" ", 2), "", "")[:3]
    return f"{first} {second} {next(words)} {rest}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on transcripts of the samples, with something hostile in every text."""
    place = tmp_path_factory.mktemp("hostile") / "logs"
    shutil.copytree(FOLDER / "findings" / "stop" / "raised", place)
    words = (HOSTILE[at % len(HOSTILE)] for at in range(10**9))
    for file in place.rglob("*.jsonl"):
        lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
        file.write_bytes(b"\n".join(orjson.dumps(spiked(line, words)) for line in lines) + b"\n")
    return compose(material(place))


def test_a_script_would_run_and_be_noticed(tmp_path: Path):
    # Else the other tests would say nothing.
    assert title_of(dom(tmp_path, f"<title>quiet</title><script>{RUNS}</script>")) == "ran"


def test_nothing_hostile_runs_or_becomes_an_element(tmp_path: Path, hostile: Report):
    page = html_report(hostile)
    assert sum(page.count(part) for part in ("&lt;script&gt;", "onerror=", "javascript:")) > 20  # it is in there
    document = dom(tmp_path, page)
    seen: dict[str, str] = {}
    # Words of our own, such as an outcome, stay: the page may know them.
    own = re.compile(r"[a-z_]*")
    harmless = html_report(
        with_texts(hostile, lambda raw: raw if own.fullmatch(raw) else seen.setdefault(raw, f"word{len(seen)}"))
    )
    assert title_of(document) == title_of(page) != "ran"
    assert skeleton(document) == skeleton(page) == skeleton(harmless)


def test_the_policy_stops_what_would_slip_through(tmp_path: Path, hostile: Report):
    page = html_report(hostile).replace(
        "</main>", f"<script>{RUNS}</script><p onclick=x style='color:red'>x</p></main>"
    )
    document = dom(tmp_path, page)
    assert ("script", {}) in Reader(document).elements
    assert title_of(document) == title_of(page)


@pytest.mark.parametrize(("width", "name"), [(390, "hostile"), (1440, "fleet")])
def test_the_page_never_scrolls_sideways(tmp_path: Path, hostile: Report, width: int, name: str):
    page = html_report(hostile if name == "hostile" else fleet_report(400))
    # A copy that may run a script of ours, which opens every fold and measures. A frame can be narrower than a window.
    measure = (
        "document.querySelectorAll('details').forEach(each => each.open = true);"
        "parent.postMessage(document.documentElement.scrollWidth + ' of ' + innerWidth, '*')"
    )
    inner = re.sub(r"<meta http-equiv=[^>]*>", "", page).replace("</main>", f"</main><script>{measure}</script>")
    (tmp_path / "inner.html").write_text(inner, encoding="utf-8")
    frame = (
        "<title>nothing was measured</title><script>onmessage = event => { document.title = event.data }</script>"
        f"<iframe src=inner.html width={width} height=800 style='border: 0'></iframe>"
    )
    assert title_of(dom(tmp_path, frame)) == f"{width} of {width}"
