"""Removes from pictures of the screen everything that they would load, since they may be opened on other machines."""

from __future__ import annotations

import re

_FONT_FACE = re.compile(r"[ \t]*@font-face\s*\{[^}]*\}[ \t]*\n?")
_FAMILY = re.compile(r"font-family: *Fira Code, monospace")
_LOCAL = 'font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace'


def self_contained(svg: str) -> str:
    """The picture with the fonts of the machine on which it is opened."""
    return _FAMILY.sub(_LOCAL, _FONT_FACE.sub("", svg))
