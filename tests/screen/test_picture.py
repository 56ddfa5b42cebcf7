"""The README's pictures: they must show this version."""

from __future__ import annotations

import html
import importlib.util
import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def words(svg: str) -> list[str]:
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    return [text for text in (html.unescape(each).replace("\xa0", " ").strip() for each in texts) if text]


def script():
    spec = importlib.util.spec_from_file_location("screenshot", DOCS / "screenshot.py")
    assert spec
    assert spec.loader
    screenshot = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(screenshot)
    return screenshot


async def test_the_readme_picture_shows_what_the_app_draws():
    screenshot = script()
    shipped = words((DOCS / "screenshot.svg").read_text(encoding="utf-8"))
    assert words(await screenshot.picture()) == shipped, "python docs/screenshot.py takes it anew; look at it"
    assert any("needs you" in text for text in shipped)


def test_the_readme_replay_shows_what_a_replay_draws(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    screenshot = script()
    assert screenshot.main([*screenshot.REPLAY, "--screenshot", str(tmp_path / "replay.svg")]) == 0
    drawn = words((tmp_path / "replay.svg").read_text(encoding="utf-8"))
    assert drawn == words((DOCS / "replay.svg").read_text(encoding="utf-8")), "python docs/screenshot.py takes it anew"
    assert any("differ only in a name" in text for text in drawn)
