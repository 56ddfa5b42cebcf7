"""What tests of the HTML page share: its elements without their texts, and reports with every text replaced."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import Enum
from html.parser import HTMLParser

import msgspec
from msgspec import Struct

VOID = {"br", "col", "link", "meta"}


class Reader(HTMLParser):
    """Reads a page as a browser's tokenizer would: elements with their attributes, texts, and what stands open."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.odd: list[str] = []
        """Comments, declarations, processing instructions, ends without a beginning."""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in {tag}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.odd.append(f"</{tag}>")

    def handle_data(self, data):
        self.texts.append(data)

    def handle_comment(self, data):
        self.odd.append(data)

    def handle_decl(self, decl):
        if decl.lower() != "doctype html":
            self.odd.append(decl)

    def handle_pi(self, data):
        self.odd.append(data)

    def unknown_decl(self, data):
        self.odd.append(data)

    @property
    def words(self) -> str:
        """All texts, with single spaces."""
        return " ".join("".join(self.texts).split())


SPOKEN = {"aria-label", "title", "content"}
"""Attributes whose value is a text for people."""


def skeleton(page: str) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    """The elements in order, with their attributes; of those that hold a text for people only the name."""
    reader = Reader(page)
    assert not reader.odd, reader.odd
    assert not reader.open, reader.open
    return [
        (tag, tuple((name, None if name in SPOKEN else value or "") for name, value in sorted(attributes.items())))
        for tag, attributes in reader.elements
    ]


def with_texts(value, change: Callable[[str], str]):
    """The same with every text in it changed, through structs, dataclasses and tuples; enumerations are no texts."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        return tuple(with_texts(each, change) for each in value)
    if isinstance(value, Struct) or dataclasses.is_dataclass(value):
        replace = msgspec.structs.replace if isinstance(value, Struct) else dataclasses.replace
        return replace(value, **{name: with_texts(getattr(value, name), change) for name in fields_of(value)})
    return value


def fields_of(value) -> list[str]:
    """Names of the fields of a struct or a dataclass."""
    return [
        field.name
        for field in (dataclasses.fields(value) if dataclasses.is_dataclass(value) else msgspec.structs.fields(value))
    ]
