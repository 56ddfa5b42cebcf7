"""Draws a document by templates, in such a way that no template can print an unsafe value.

Each value that a template prints goes through `finalize`: a text through the safe-text boundary, a number as digits.
In HTML the result is then escaped; in Markdown a text becomes prose in which nothing is markup. Only the markup of the
template itself (`Markup`: macros, blocks) is printed unchanged. A template that could join a text to such markup
without `finalize` is refused when it is compiled: concatenation, methods of strings, filters that are not listed here,
and changes of escaping.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2 import __version__ as jinja_version
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame

from tui import __version__
from tui.io.files import atomic_write
from tui.model.finding import QUESTION
from tui.report import display_text
from tui.text import format

TEMPLATES = Path(__file__).parent / "templates"
MOST_CHARS = 2000
"""The most characters of a text for which a template states no limit."""
_BLANK_LINES = re.compile(r"\n{3,}")
_STRING_METHODS = frozenset(dir(str)) - {"count", "index", "title"}
"""Methods that a template must not name. The three left out are names of fields too, and return no changed text."""


# -- the boundary -----------------------------------------------------------------------------------


class TemplateCode(CodeGenerator):
    """Compiles templates; refuses expressions that could put a text into markup without `finalize`."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        """Refuses `~`."""
        self.fail("`~` joins texts that no boundary has seen: print them one after the other", node.lineno)

    def visit_Add(self, node: nodes.Add, frame: Frame) -> None:
        """Allows additions only with a literal number."""
        if not (_is_number(node.left) or _is_number(node.right)):
            self.fail("`+` takes a literal number on one side: it would join texts", node.lineno)
        super().visit_Add(node, frame)

    def visit_Mod(self, node: nodes.Mod, frame: Frame) -> None:
        """Allows `%` only with a literal number."""
        if not _is_number(node.right):
            self.fail("`%` takes a literal number on its right side: it would format a text", node.lineno)
        super().visit_Mod(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """Allows fields and a page's methods, but no string methods."""
        if node.attr in _STRING_METHODS:
            self.fail(f"`.{node.attr}` is a method of strings: prepare the text in Python", node.lineno)
        super().visit_Getattr(node, frame)

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:
        """Allows items, but not the name of a string method."""
        if isinstance(node.arg, nodes.Const) and node.arg.value in _STRING_METHODS:
            self.fail("this is a method of strings: prepare the text in Python", node.lineno)
        super().visit_Getitem(node, frame)

    def visit_ScopedEvalContextModifier(self, node: nodes.ScopedEvalContextModifier, frame: Frame) -> None:
        """Refuses `{% autoescape %}`."""
        self.fail("escaping is the same everywhere", node.lineno)


def number_value(value: object) -> str:
    """The text that a template prints for a number; empty for None.

    Raises:
        TypeError: it is neither a number nor None.
    """
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return digits(value)
    raise TypeError(f"a template prints texts and numbers, no {type(value).__name__}")


def _is_number(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, int | float)


class TemplateCache(BytecodeCache):
    """Compiled templates in files beside their sources, like compiled modules.

    Only in memory if they cannot be written.
    """

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The file of a compiled template."""
        return cache_from_source(filename or name)

    def get_source_checksum(self, source: str) -> str:
        """Changes whenever the template or its compiler changes."""
        return sha256(f"{jinja_version} {__version__}\n{source}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Reads a compiled template. One of another source or version is ignored."""
        try:
            with Path(bucket.key).open("rb") as file:
                bucket.load_bytecode(file)
        except OSError:
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Writes a compiled template, completely or not at all."""
        if sys.dont_write_bytecode:
            return
        path = Path(bucket.key)
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            with atomic_write(path, mode=0o644) as file:
                bucket.write_bytecode(file)


# -- filters ----------------------------------------------------------------------------------------


def digits(value: float) -> str:
    """A number with at most two decimals. Anything that is no number is 0, so that no chart fails."""
    if not math.isfinite(value):
        return "0"
    written = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return "0" if written == "-0" else written


def share_of(part: float, whole: float) -> float | None:
    """A part as a share of the whole; None if the whole is zero."""
    return part / whole if whole else None


def spaced(value: str) -> str:
    """A value of an enumeration in words: `cut off`."""
    return str(value).replace("_", " ")


def joined(texts: Sequence[str], between: str) -> str:
    """Raw texts in one line."""
    return between.join(map(str, texts))


def hours(seconds: float) -> str:
    """A duration in hours."""
    return f"{seconds / 3600:.3f}"


def decimal(value: float | None) -> str:
    """A number with one decimal."""
    return "?" if value is None else f"{value:.1f}"


def count_or_figure(value: float) -> str:
    """A whole number as a count, any other with two significant digits."""
    return f"{value:,.0f}" if value % 1 == 0 else format.figure(value)


def exact_or_dash(value: int | None) -> str:
    """A count with all digits; `–` if there is nothing to count."""
    return "–" if value is None else display_text.exact(value)


def rounded_or_dash(value: float | None) -> str:
    """A rounded count; `–` if there is nothing to count."""
    return "–" if value is None else display_text.rounded(value)


NUMBERS: dict[str, Callable[..., str]] = {
    "exact": display_text.exact, "rounded": display_text.rounded, "clock": display_text.clock,
    "time_of_day": display_text.time_of_day, "long_duration": display_text.long_duration, "tokens": format.compact,
    "rate": format.rate, "money": format.money, "dollars": display_text.dollars,
    "percent": format.percent, "duration": format.duration, "hours": hours,
    "decimal": decimal, "count_or_figure": count_or_figure, "exact_or_dash": exact_or_dash,
    "rounded_or_dash": rounded_or_dash,
}  # fmt: skip
"""Filters from numbers (also times in seconds UTC) to text that contains only digits and our own letters."""
COMMON: dict[str, Callable[..., Any]] = {
    "length": len, "total": sum, "plural": display_text.plural, "words": spaced, "joined": joined, "share_of": share_of,
}  # fmt: skip


def environment(
    finalize: Callable[[Environment, object], str], filters: dict[str, Callable[..., Any]], names: dict[str, Any]
) -> Environment:
    """The templates of one format. Values go through `finalize`; only these filters and names are available."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, finalize=finalize, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, auto_reload=False, optimized=False,
        bytecode_cache=TemplateCache(),
    )  # fmt: skip
    made.code_generator_class = TemplateCode
    made.filters = filters
    made.globals = {"question": QUESTION, **names}
    return made
