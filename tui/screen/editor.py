"""The editor for the operator's text to a lane, and the drafts of texts that were not sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import TextArea

from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.frozen import frozen
from tui.screen.widgets.lines import LinesBar, Pen
from tui.text.format import number
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Span, own, spread, word

LONGEST = 9_500
"""Maximum number of characters of a text."""
DRAFTS_KEPT = 16
"""Maximum number of drafts; the oldest is removed first."""


@frozen
class Draft:
    """The texts in an editor when it was closed."""

    texts: tuple[str, ...]
    """One text, or one for each closing template."""
    shown: int
    """The index of the text that was shown."""


class Drafts:
    """Texts that were written but not sent, by verb and lanes, so that closing an editor does not lose them."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Verb, frozenset[LaneId]], Draft] = {}

    def of(self, verb: Verb, lanes: Sequence[LaneId]) -> Draft | None:
        """The draft for exactly these lanes; None if there is none."""
        return self._kept.get((verb, frozenset(lanes)))

    def keep(self, verb: Verb, lanes: Sequence[LaneId], draft: Draft | None) -> None:
        """Replaces the draft for these lanes; None removes it."""
        self.forget(verb, lanes)
        if draft is not None:
            self._kept[verb, frozenset(lanes)] = draft
        while len(self._kept) > DRAFTS_KEPT:
            self._kept.pop(next(iter(self._kept)))

    def forget(self, verb: Verb, lanes: Sequence[LaneId]) -> None:
        """Removes the draft, because it was sent or is no longer wanted."""
        self._kept.pop((verb, frozenset(lanes)), None)


@frozen
class Written:
    """The text that was written, and whether the next action is refused for it (`now`)."""

    text: str
    now: bool


class SafeArea(TextArea):
    """A text area without control characters: a pasted text may be as hostile as a transcript."""

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = safe_text(event.text, limit=200_000, lines=True)
        await super()._on_paste(event)


class EditorScreen(ModalScreen[Written | None]):
    """Returns the text that was written, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,ctrl+enter", "keep", "Continue", id="editor.keep", priority=True),
        Binding("escape", "leave", "Cancel", id="editor.leave", priority=True),
        Binding("ctrl+t", "template", "Next template", id="editor.template", priority=True),
        Binding("ctrl+n", "now", "Interrupt its next tool", id="editor.now", priority=True),
    ]
    DEFAULT_CSS = """
    EditorScreen { align: center middle; }
    EditorScreen > Vertical { width: 92%; max-width: 110; height: 80%; max-height: 30; background: $surface;
        padding: 1 2; border: round $panel; }
    EditorScreen.-ascii > Vertical { border: ascii $panel; }
    EditorScreen LinesBar { height: 1; }
    EditorScreen SafeArea { height: 1fr; margin: 1 0; border: none; padding: 0; background: $panel; }
    EditorScreen SafeArea:focus { border: none; }
    """

    def __init__(
        self,
        title: SafeText,
        quoted: str,
        templates: Sequence[tuple[str, str]],
        pen: Pen,
        *,
        offers_now: bool,
        draft: Draft | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._names = [safe_text(name, limit=40) for name, _ in templates]
        self._given = tuple(_shown(text) for _, text in templates) or (_shown(quoted),)
        """The texts with which it opens without a draft."""
        fits = draft is not None and len(draft.texts) == len(self._given)
        self._texts = [_shown(text) for text in (draft.texts if draft is not None and fits else self._given)]
        """The texts of all templates: changes in one are kept while another is shown."""
        self._at = draft.shown if draft is not None and fits else 0
        self._notice = own("draft restored") if fits else own("")
        self._role = "accent"
        self._offers_now = offers_now
        self._now = False
        self._area = SafeArea(self._texts[self._at], soft_wrap=True, show_line_numbers=False, tab_behavior="focus")
        self._area.cursor_blink = False
        self._bar = LinesBar(pen, ground="surface")
        self._keys = LinesBar(pen, ground="surface")
        self.set_class(pen.ascii, "-ascii")

    def compose(self) -> ComposeResult:
        """Yields the title, the text and the keys."""
        with Vertical():
            yield self._bar
            yield self._area
            yield self._keys

    def on_mount(self) -> None:
        """Puts the cursor below the quoted text."""
        self._area.focus()
        self._area.move_cursor(self._area.document.end if not self._names else (0, 0))
        self.call_after_refresh(self._draw)

    def on_resize(self, _: events.Resize) -> None:
        """Draws the bars again for the new width."""
        self.call_after_refresh(self._draw)

    @property
    def draft(self) -> Draft | None:
        """The texts as a draft; None if nothing was written."""
        texts = (*self._texts[: self._at], self._area.text, *self._texts[self._at + 1 :])
        return Draft(texts, self._at) if texts != self._given and any(text.strip() for text in texts) else None

    @on(TextArea.Changed)
    def _changed(self) -> None:
        if self._area.text != self._texts[self._at]:
            self._say(own(""))
        self._draw()

    def _say(self, notice: SafeText, role: str = "warn") -> None:
        self._notice, self._role = notice, role

    def _draw(self) -> None:
        length = len(self._area.text.strip("\n"))
        role = "warn" if length > LONGEST else "dim"
        notice = (Span(self._notice, self._role), word("  ")) if self._notice else ()
        count = (*notice, Span(number(length), role), word(" of ", "dim"), Span(number(LONGEST), "dim"))
        self._bar.show([spread((Span(self._title, "title"),), count, max(20, self._bar.size.width))])
        left = [word("^s", "key"), word(" continue  ", "key.label"), word("esc", "key"), word(" cancel  ", "key.label")]
        if len(self._names) > 1:
            name = self._names[self._at]
            left += [word("^t", "key"), word(" template: ", "key.label"), Span(name, "accent"), word("  ")]
        if self._offers_now:
            chosen = word("interrupt next tool", "warn") if self._now else word("after current tool", "accent")
            left += [word("^n", "key"), word(" when: ", "key.label"), chosen]
        self._keys.show([spread(tuple(left), (), max(20, self._keys.size.width))])

    def action_keep(self) -> None:
        """Returns the text if there is one and it is not too long."""
        # The area may not have handled earlier keys yet. Characters that were typed before this key belong to the text.
        self._area.call_later(self._keep)

    def _keep(self) -> None:
        text = self._area.text.strip("\n")
        if missing := self._missing(text):
            self._say(missing)
            self._draw()
            return
        self.dismiss(Written(text, self._now))

    def _missing(self, text: str) -> SafeText:
        """The reason why this text is not accepted; empty if it is."""
        if not text.strip():
            return own("write a text first")
        if len(text) > LONGEST:
            return own("too long")
        if not self._names and text == self._given[0].strip("\n"):
            return own("only quoted text: add your own words")
        return own("")

    def action_leave(self) -> None:
        """Closes the editor without sending; the text is kept as a draft."""
        self._area.call_later(self._leave)

    def _leave(self) -> None:
        self.dismiss(None)

    def action_template(self) -> None:
        """Shows the next closing template; the present text is kept until its template is shown again."""
        if len(self._names) > 1:
            self._area.call_later(self._next_template)

    def _next_template(self) -> None:
        self._texts[self._at] = _shown(self._area.text)
        self._at = (self._at + 1) % len(self._names)
        self._area.text = self._texts[self._at]
        self._say(own(""))
        self._draw()

    def action_now(self) -> None:
        """Switches whether the lane's next tool is refused."""
        if self._offers_now:
            self._now = not self._now
            self._draw()


def _shown(text: str) -> SafeText:
    return safe_text(text, limit=100_000, lines=True)
