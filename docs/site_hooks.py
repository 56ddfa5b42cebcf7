"""Hooks for mkdocs (`mkdocs.yml`): files of the top folder as pages of the site, and the marks of generated parts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
TOP_PAGES = {
    name: "index.md" if name == "README.md" else name
    for name in ("README.md", "SECURITY.md", "CHANGELOG.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
}
"""Files of the top folder, and their names in the site."""
_MARK = re.compile(r"^<!-- (?:generated: [a-z-]+|end) -->\n", re.MULTILINE)
_FENCE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_INDENT = re.compile(r"^ {2,3}(?=\S)", re.MULTILINE)
_LINK = re.compile(r"(?P<before>\]\(|src=\"|srcset=\")(?P<target>[^)\s\"#]+)")


def on_files(files: Files, config: Any) -> Files:
    """Adds the files of the top folder to the pages."""
    for name, page in TOP_PAGES.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=moved_links(text)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """A page as mkdocs reads it: without the marks, since no table may follow a comment, and with lists in lists."""
    return moved_links(nested(_MARK.sub("", markdown)))


def nested(text: str) -> str:
    """The text with four spaces before what belongs to an item of a list, where the code host takes two or three."""
    parts = _FENCE.split(text)
    return "".join(part if index % 2 else _INDENT.sub("    ", part) for index, part in enumerate(parts))


def moved_links(text: str) -> str:
    """The text with the links that lead to the same page in the site, where all pages lie in one folder."""
    return _LINK.sub(lambda link: f"{link['before']}{in_site(link['target'])}", text)


def in_site(target: str) -> str:
    """The target of a link in the site: `docs/control.md` and `../README.md` become `control.md` and `index.md`."""
    bare = target.removeprefix("../").removeprefix("docs/")
    return TOP_PAGES.get(bare, bare)
