"""Widgets that draw lines of spans. All text on lanewatch's screens is drawn by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui.model.frozen import frozen
from tui.screen.bindings import PANEL, bindings
from tui.text.ascii_glyphs import in_ascii
from tui.text.styled_text import Line, fit_line


class RoleStyles(Protocol):
    """The styles of roles, as a theme defines them."""

    def of(self, role: str, ground: str = "ground") -> Style:
        """The style of a role on the background `ground`, `surface`, `panel` or `cursor`."""
        ...


@frozen
class Pen:
    """Draws lines: holds the styles, and whether only ASCII glyphs are used."""

    styles: RoleStyles
    ascii: bool = False

    def strip(self, line: Line, cells: int, ground: str) -> Strip:
        """The line as Textual draws it, exactly `cells` wide."""
        of = self.styles.of
        texts: list[str] = []
        styles: list[Style] = []
        for span in fit_line(line, cells):
            style = of(span.role, ground)
            text = in_ascii(span.text) if self.ascii else span.text
            if styles and (style is styles[-1] or (text.isspace() and _invisible(style, styles[-1]))):
                texts[-1] += text  # fewer segments cost less in Textual and the terminal
            else:
                texts.append(text)
                styles.append(style)
        return Strip([Segment(text, style) for text, style in zip(texts, styles, strict=True)], cells)

    def blank(self, cells: int, ground: str = "ground") -> Strip:
        """An empty line."""
        return Strip.blank(cells, self.styles.of("text", ground))


def _invisible(blank: Style, before: Style) -> bool:
    """True if blanks look the same in both styles."""
    return (
        blank.bgcolor == before.bgcolor
        and not (blank.reverse or before.reverse)
        and not (blank.underline or before.underline)
    )


class LinesBar(Widget):
    """A few fixed lines: the header, the status line, the keys."""

    DEFAULT_CSS = """
    LinesBar { height: 1; width: 100%; }
    """

    def __init__(self, pen: Pen, *, ground: str = "panel", id: str | None = None) -> None:
        super().__init__(id=id)
        self._pen = pen
        self._ground = ground
        self._lines: list[Line] = []

    @property
    def lines_shown(self) -> int:
        """The number of lines that it shows."""
        return len(self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Shows these lines. Only those that changed are drawn."""
        made = list(lines)
        for row in range(max(len(made), len(self._lines))):
            if made[row : row + 1] != self._lines[row : row + 1]:
                self.refresh(Region(0, row, self.size.width, 1))
        self._lines = made

    def restyle(self, pen: Pen) -> None:
        """Uses the pen of another theme."""
        self._pen = pen
        self.refresh()

    def line_at(self, row: int) -> Line:
        """The line of a row; empty if it has none."""
        return self._lines[row] if row < len(self._lines) else ()

    def ground_of(self, row: int) -> str:
        """The background of a row."""
        return self._ground

    def render_line(self, y: int) -> Strip:
        """Draws one line of the widget."""
        return self._pen.strip(self.line_at(y), self.size.width, self.ground_of(y))


class LinesPanel(ScrollView, can_focus=True, inherit_bindings=False):
    """A page of lines that scrolls: the detail view, help, lists."""

    BINDINGS = bindings(PANEL)

    DEFAULT_CSS = """
    LinesPanel { width: 100%; background: $surface; overflow-x: hidden;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    """

    def __init__(self, pen: Pen, *, ground: str = "surface", id: str | None = None) -> None:
        super().__init__(id=id)
        self._pen = pen
        self._ground = ground
        self._lines: list[Line] = []

    @property
    def lines_width(self) -> int:
        """The width of a line, in cells."""
        return max(20, self.scrollable_content_region.width)

    def show(self, lines: Sequence[Line]) -> None:
        """Shows this page. Only visible lines that changed are drawn."""
        made = list(lines)
        old, self._lines = self._lines, made
        if len(made) != len(old):
            self.virtual_size = Size(self.lines_width, len(made))
        top = self.scroll_offset.y
        for y in range(self.size.height):
            row = top + y
            if made[row : row + 1] != old[row : row + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    def restyle(self, pen: Pen) -> None:
        """Uses the pen of another theme."""
        self._pen = pen
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draws one visible line."""
        row = y + self.scroll_offset.y
        line = self._lines[row] if row < len(self._lines) else ()
        # The scrollbar hides what is right of the lines: the sign of a cut must be left of it.
        return self._pen.strip(fit_line(line, self.scrollable_content_region.width), self.size.width, self._ground)
