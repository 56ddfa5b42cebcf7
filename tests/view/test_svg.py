"""Pictures load nothing from anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui.view.svg import self_contained

DOCS = Path(__file__).resolve().parents[2] / "docs"
FACE = """<svg xmlns="http://www.w3.org/2000/svg"><style>
    @font-face {
        src: local("X"), url("https://fonts.example.com/x.woff2") format("woff2");
    }
    .a { font-family: Fira Code, monospace; clip-path: url(#b) }
</style></svg>"""


def test_a_font_from_elsewhere_is_taken_out():
    made = self_contained(FACE)
    assert "example.com" not in made and "@font-face" not in made
    assert "monospace" in made and "url(#b)" in made


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.svg")), ids=lambda path: path.name)
def test_the_pictures_of_the_readme_load_nothing(path):
    svg = path.read_text(encoding="utf-8")
    assert not re.search(r"url\((?!#)|@import|@font-face|(?:href|src)=\"(?!#)", svg)
