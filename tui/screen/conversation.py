"""The conversation of a lane on a screen of its own: it follows, searches, jumps, folds and copies."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import NamedTuple, cast

from textual import on
from textual.app import App, ComposeResult, SuspendNotSupported
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.widgets import Input

from tui.agents.registry import find
from tui.conversation.blocks import Block, Place
from tui.conversation.conversation import Conversation, searchable
from tui.conversation.landmarks import WANTED, Landmark, Landmarks
from tui.io.compressed import BrokenArchive
from tui.io.files import Refused
from tui.model.evidence import LaneId
from tui.model.frozen import frozen
from tui.model.snapshot import Lane
from tui.replay.time_expression import moment_of
from tui.screen.bindings import CONVERSATION, CONVERSATION_HINTS, KeyHint, bindings
from tui.screen.clipboard import copy_text
from tui.screen.controller import Command, Controller, Host
from tui.screen.findings import FindingsController
from tui.screen.page import PageScreen
from tui.screen.pick import PickScreen
from tui.screen.programs import argv_of, show_text
from tui.screen.timers import after
from tui.screen.widgets.conversation_view import ConversationView
from tui.screen.widgets.key_bar import KeyBar
from tui.screen.widgets.lines import LinesBar, Pen
from tui.screen.widgets.prompt import Prompt
from tui.screen.widgets.safe_input import SafeInput
from tui.text.cell_width import cut, width
from tui.text.format import date, number, percent, time_of_day
from tui.text.safe_text import SafeText, safe_path, safe_text
from tui.text.styled_text import Line, Span, joined, line_width, own, spread, trimmed, word
from tui.view.asks import can_be_answered
from tui.view.conversation import WIDE, Fold, block_lines, block_text
from tui.view.detail import action_line, counted_file_line, files_head
from tui.view.names import model_of, name_of
from tui.view.plain import page_text
from tui.view.sought import Sought, nearest
from tui.view.states import glyph_of, word_of

FOLLOW_S = 0.05
"""Seconds between two looks at the size of the transcript while it grows."""
RESTING_S, QUIET_S = 0.5, 5.0
"""Seconds between two looks at a transcript that did not grow for `QUIET_S`. News of any lane make it look at once."""
PIECES_AT_ONCE = 8
"""Number of pieces that are read for one request until there is a block."""
BARS = 3
"""The rows of the screen that are not those of the conversation."""
FIRST_PLACE = Place(-1, 0)
MATCHES = 1000
"""The most matches that are counted."""
CHANGES = 500
"""The most changes of one file that are shown together."""
WHOLE_CHANGES = 50
"""Up to this many changes of one file are shown as a whole."""
JUST_BEFORE_S = 0.001
"""The smallest difference of times in seconds: transcripts state milliseconds."""
PAGER, EDITOR = "less", "vi"
"""The programs that are used if the environment names none."""

Found = Callable[[Place, Place], SafeText]
"""Returns the notice about a match, from its place and the place where the search began."""


class Asked(NamedTuple):
    """A question that is answered in an input: sign and hint of the input, and label and action of the enter key."""

    sign: SafeText
    placeholder: SafeText
    enter: SafeText
    action: str


WORDS = Asked(own("/"), own("words to find"), own("find"), "keep_search")
TIME = Asked(own("@"), own("07:12  2026-05-09 07:12  +10m  -1h  40%"), own("go there"), "go_to_time")


@frozen
class ConversationPlace:
    """The place at which a conversation opens, and the places of evidence. Offsets are bytes of the transcript."""

    offset: int | None = None
    """The offset to show first; None: the end."""
    evidence: tuple[int, ...] = ()
    """Offsets of lines that are evidence of the lane's findings, in order."""
    title: SafeText = own("")
    """The name of a lane that is not among those on the screen."""
    sought: Sought | None = None
    """Words in an entry at `offset` that are marked, and to whose row the cursor goes."""


class ConversationScreen(Screen[None]):
    """The conversation of one lane. `lane` returns the lane as it is now, for its name and state."""

    BINDINGS = bindings(CONVERSATION)
    DEFAULT_CSS = """
    ConversationScreen { layout: vertical; }
    ConversationScreen #conversation-head { height: 2; }
    ConversationScreen Prompt { display: block; }
    """

    def __init__(
        self,
        conversation: Conversation,
        lane: Callable[[], Lane | None],
        place: ConversationPlace,
        pen: Pen,
        key_of: Callable[[str], SafeText],
        enter: Callable[[str], bool],
        now: Callable[[], float],
        answer: Callable[[LaneId], None] | None = None,
    ) -> None:
        """`enter` opens the conversation of the subagent with this id above this one; False if it is not known.

        `now` returns the time to which ages refer, in seconds UTC. `answer` asks for the answer to a lane that needs a
        person; None: nothing can be answered here.
        """
        super().__init__()
        self._conversation = conversation
        self._lane = lane
        self._first = place
        self._pen = pen
        self._key_of = key_of
        self._enter = enter
        self._now = now
        self._answer = answer
        self._jumped: Place | None = None
        """The place that the last jump reached."""
        self._words = place.sought.words if place.sought is not None else ""
        self._notice: Line = ()
        self._follows = place.offset is None
        self._is_replaced = False
        self._told_at: tuple[Place, int] | None = None
        """The row of the cursor when the notice was shown. In another row the notice is removed."""
        self._search = 0
        """The number of searches so far: a newer search ends the earlier ones."""
        self._matches: list[Place] = []
        """All places with the words; empty until they are counted."""
        self._landmarks = Landmarks(conversation)
        self._looked = self._grew = time.monotonic()
        """When the transcript was looked at last, and when it last had grown, in seconds of the monotonic clock."""
        self._seen = 0
        """The size of the transcript in bytes when its end was last shown."""
        self._unseen = 0
        """The number of lines that were written since then."""
        self._zone = UTC if conversation.is_fixed else None
        self._head = LinesBar(pen, id="conversation-head")
        self.view = ConversationView(pen, self._moved, self._zone, id="conversation-view")
        self._head_shows: tuple[int, int, Lane | None] = (0, 0, None)
        """What the head showed after the last look: lines that were not seen, size of the transcript, lane."""
        self._asked: Asked | None = None
        """The question whose input is open."""
        self._input: SafeInput | None = None
        self._prompt: Prompt | None = None
        """The open input. It is made when it is needed, because it takes as long to make as all the other parts."""
        self._keys = KeyBar(pen, id="conversation-keys")
        self._is_laid_out = False
        """True after the first layout, which also draws everything."""
        self._is_closed = False
        """True once the transcript is closed: when the app ends, that is before the screen is gone."""

    def compose(self) -> ComposeResult:
        """Yields the head, the blocks and the keys."""
        yield self._head
        yield self.view
        yield self._keys

    def on_mount(self) -> None:
        """Reads the part that is shown first. The first frame is whole: nothing is drawn before it."""
        self.view.focus()
        self.view.expect(Size(self._any_app.size.width, max(1, self._any_app.size.height - BARS)))
        if self._first.offset is None:
            self._go_to_end()
            self.view.show(self._conversation.blocks, to_end=True)
        else:
            place = self._conversation.place_at(self._first.offset)
            self._open_at(place)
            if self._first.sought is not None:
                self.view.mark(self._words)
                self.view.go_to_sought(self._place_of(place, self._first.sought), self._first.sought)
        self._draw_head()
        self._draw_keys()
        after(self, FOLLOW_S, self._follow_again)

    def on_unmount(self) -> None:
        """Closes the transcript."""
        self._search += 1
        self._is_closed = True
        self._conversation.close()

    def on_resize(self) -> None:
        """Draws the conversation in the new width."""
        self.call_after_refresh(self._note_layout)
        self._draw_head()

    def _note_layout(self) -> None:
        self._is_laid_out = True

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> ConversationScreen:
        """Draws the screen again; not while it is being opened, when Textual requests the first frame several times."""
        if self._is_laid_out:
            super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self

    def restyle(self, pen: Pen) -> None:
        """Uses the pen of another theme."""
        self._pen = pen
        for widget in (self._head, self.view, self._keys):
            widget.restyle(pen)
        self._draw_head()

    # -- reading on -------------------------------------------------------------------------------

    def _go_to_end(self) -> None:
        self._conversation.go_to_end()
        for _ in range(PIECES_AT_ONCE):
            if self._conversation.blocks or not self._conversation.load_before():
                return

    def _follow_again(self) -> None:
        if self._is_closed:
            return
        self._follow()
        rests = self._looked - self._grew > QUIET_S
        after(self, RESTING_S if rests else FOLLOW_S, self._follow_again)

    def note_news(self) -> None:
        """Looks at the transcript now: something was written to a transcript, maybe to this one."""
        if self._is_laid_out and not self._is_closed and time.monotonic() - self._looked >= FOLLOW_S:
            self._follow()

    def _follow(self) -> None:
        """Reads what was written since the last look."""
        size = self._conversation.size
        self._looked = time.monotonic()
        self._tick()
        if self._conversation.size != size:
            self._grew = self._looked

    def _tick(self) -> None:
        if self._conversation.was_replaced:
            self._is_replaced = True
            self.tell(own("the transcript was replaced: leave and open it again"), "warn")
        elif self._conversation.follow():
            if self._follows and not self._conversation.is_at_end:
                self._go_to_end()  # more lines were written than are read at once
            self.view.show(self._conversation.blocks, to_end=self._follows)
        self._count_unseen()
        head = (self._unseen, self._conversation.size, self._lane())
        if head != self._head_shows:
            self._head_shows = head
            self._draw_head()
            self._draw_keys()

    def _count_unseen(self) -> None:
        """Counts the lines that were written since the end was shown."""
        size = self._conversation.size
        if self._follows and self._conversation.is_at_end:
            self._seen, self._unseen = size, 0
        elif self._seen and size > self._seen:
            self._unseen += self._conversation.lines_after(self._seen)
            self._seen = size

    @on(ConversationView.Wanted)
    def _wanted(self, event: ConversationView.Wanted) -> None:
        event.stop()
        loaded = self._conversation.load_before() if event.before else self._conversation.load_after()
        if not loaded:
            return
        self.view.show(self._conversation.blocks)
        if event.again and self.view.needs(before=event.before):
            more = ConversationView.Wanted(before=event.before)
            more.again = event.again - 1
            self.post_message(more)  # keys are answered before it

    def _moved(self) -> None:
        self._follows = self.view.is_at_last and self._conversation.is_at_end
        if self._told_at is not None and self.view.cursor != self._told_at:
            self.tell(None)
        self._draw_head()

    @on(ConversationView.Ends)
    def _ends(self, event: ConversationView.Ends) -> None:
        event.stop()
        if event.start:
            self._conversation.go_to_start()
            self.view.show(self._conversation.blocks)
            self.view.go_to_start()
            return
        if not self._conversation.is_at_end:
            self._go_to_end()
        self._follows = True
        self.view.show(self._conversation.blocks, to_end=True)
        self._draw_head()

    def _open_at(self, place: Place) -> None:
        if self.view.go_to(place):
            return
        self._conversation.go_to(place.offset)
        self._conversation.load_before()
        self._conversation.load_after()
        self.view.show(self._conversation.blocks)
        self.view.go_to(place)

    def _place_of(self, place: Place, sought: Sought) -> Place:
        """The entry of the same line that has the words where they are most like the sought ones; else itself."""
        same = [block for block in self._conversation.blocks if block.place.offset == place.offset]
        found = [(near.likeness, block.place) for block in same if (near := nearest([searchable(block)], sought))]
        return max(found, key=lambda one: one[0])[1] if found else place

    # -- drawing ----------------------------------------------------------------------------------

    def _draw_head(self) -> None:
        cells = max(20, self._any_app.size.width)
        lane = self._lane()
        right: Line = (*self._position(), word(" "))
        left: Line = (word(" "),)
        if lane is not None:
            role = f"state.{lane.state}"
            state: Line = (
                word("  "), Span(glyph_of(lane.state, ascii=self._pen.ascii), role), word(" "),
                Span(word_of(lane.state), role),
            )  # fmt: skip
            room = cells - line_width(state) - line_width(right) - 4
            name = cut(name_of(lane), max(4, room))
            left += (Span(name, "title"), *state, *_fitting(_facts_of(lane), room - width(name)))
        elif self._first.title:
            left += (Span(cut(self._first.title, max(4, cells - line_width(right) - 4)), "title"),)
        self._head.show([spread(left, right, cells), (word(" "), *self._notice)])

    def _position(self) -> Line:
        conversation = self._conversation
        if self._is_replaced:
            return (word("replaced", "warn"),)
        block = self.view.block
        at = block.at if block is not None else None
        day: Line = (
            (Span(date(at, self._zone), "dim"), word("  "))
            if at is not None and self._any_app.size.width >= WIDE
            else ()
        )
        if self._follows and conversation.is_at_end:
            if not conversation.is_fixed:
                return (*day, word("at the end, following", "good"))
            moment = time_of_day(conversation.until, self._zone)
            return (*day, Span(joined(own("as of "), moment, own(" UTC")), "good"))
        new: Line = (Span(joined(own("▼ "), number(self._unseen), own(" new  ")), "key"),) if self._unseen else ()
        share = block.place.offset / max(1, conversation.size) if block is not None else 0.0
        return (*new, *day, Span(percent(min(1.0, share)), "text"), word(" read", "dim"))

    def _draw_keys(self) -> None:
        if self._asked is not None:
            enter = KeyHint(own("enter"), self._asked.enter, self._asked.action)
            self._keys.show_hints([enter, KeyHint(own("esc"), own("cancel"), "back")])
            return
        by_id = {key.id: key for key in CONVERSATION}
        hidden = () if self._can_answer else ("conversation.answer",)
        self._keys.show_hints([
            KeyHint(self._key_of(name), safe_text(by_id[name].hint), by_id[name].action)
            for name in CONVERSATION_HINTS if name not in hidden
        ])  # fmt: skip

    @property
    def _can_answer(self) -> bool:
        lane = self._lane()
        return self._answer is not None and lane is not None and can_be_answered(lane)

    def action_answer(self) -> None:
        """Asks for the answer to what the lane waits for."""
        lane = self._lane()
        if self._answer is None:
            self.tell(own("nothing can be answered here: these lanes are recordings"), "warn")
        elif lane is not None:
            self._answer(lane.id)

    def tell(self, text: SafeText | None, role: str = "text") -> None:
        """Shows a notice until the cursor moves to another row; None removes it."""
        self._notice = (Span(text, role),) if text is not None else ()
        self._told_at = self.view.cursor if text is not None else None
        self._draw_head()

    def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Runs the action of the hint that was clicked."""
        event.stop()
        getattr(self, f"action_{event.action}")()

    # -- jumps and search -------------------------------------------------------------------------

    async def action_search(self) -> None:
        """Opens the input for words to find."""
        await self._ask(WORDS, self._words)

    async def action_ask_time(self) -> None:
        """Opens the input for a time."""
        await self._ask(TIME, "")

    async def _ask(self, asked: Asked, typed: str) -> None:
        if self._input is None:
            self._input = SafeInput(asked.placeholder, id="conversation-input")
            self._input.value = typed
            self._prompt = Prompt(self._pen, asked.sign, self._input)
            await self.mount(self._prompt, before=self._keys)
        self._asked = asked
        self._input.focus()
        self._draw_keys()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._asked is not None:
            getattr(self, f"action_{self._asked.action}")()

    def action_go_to_time(self) -> None:
        """Goes to the first entry at the time that was typed, or later."""
        words = self._leave_input()
        span = self._conversation.span
        if not words:
            return
        if span is None:
            self.tell(own("no line of this conversation states a time"), "warn")
            return
        block = self.view.block
        here = block.at if block is not None and block.at is not None else span[0]
        try:
            at = moment_of(words, here, *span, zone=self._zone)
        except ValueError:
            self.tell(
                joined(own('no time such as 07:12, +10m or 40%: "'), safe_text(words, limit=60), own('"')), "warn"
            )
            return
        self._go_to_moment(at)

    def _go_to_moment(self, at: float) -> None:
        """Goes to the first entry at this time (seconds UTC) or later."""
        self._follows = False
        self._open_at(self._conversation.place_at(self._conversation.offset_at(at - JUST_BEFORE_S)))
        self.tell(joined(own("at "), date(at, self._zone), own(" "), time_of_day(at, self._zone)))

    def action_keep_search(self) -> None:
        """Finds the words that were typed, from the cursor on."""
        self._words, self._matches = self._leave_input(), []
        self.view.mark(self._words)
        if self._words:
            self._find(back=False, with_this=True)

    def _leave_input(self) -> str:
        """Closes the input. Returns what was typed, without blanks around it."""
        typed = self._input.text.strip() if self._input is not None else ""
        if self._prompt is not None:
            self._prompt.remove()
        self._input, self._prompt, self._asked = None, None, None
        self.view.focus()
        self._draw_keys()
        return typed

    def action_next_match(self) -> None:
        """Goes to the next block with the words."""
        self._find(back=False)

    def action_previous_match(self) -> None:
        """Goes to the previous block with the words."""
        self._find(back=True)

    def _find(self, *, back: bool, with_this: bool = False) -> None:
        """Goes to the next match or the one before, and continues at the other end.

        `with_this`: this entry may be the match.
        """
        if not self._words:
            self.tell(joined(own("nothing to find: "), self._key_of("conversation.search"), own(" asks for words")))
            return
        words = self._words
        shown = joined(own('"'), safe_text(words, limit=60), own('"'))
        find = self._conversation.find

        def search(place: Place, stop: Callable[[], bool]) -> Place | None:
            first = Place(place.offset, place.part - 1) if with_this else place
            there = find(words, first, back=back, stop=stop)
            return there or find(
                words, Place(self._conversation.size, 0) if back else FIRST_PLACE, back=back, stop=stop
            )

        def found(there: Place, place: Place) -> SafeText:
            gone_round = there > place if back else there < place
            told = self._counted(there)
            return joined(own("found "), shown, told, own(", from the other end") if gone_round else own(""))

        self._look(search, found, joined(shown, own(" is not in this conversation")), words)

    def _counted(self, there: Place) -> SafeText:
        """The number of this match among all: `, 3 of 17`; empty until they are counted."""
        if there not in self._matches:
            return own("")
        of = joined(number(len(self._matches)), own("+" if len(self._matches) >= MATCHES else ""))
        return joined(own(", match "), number(self._matches.index(there) + 1), own(" of "), of)

    async def _count(self, words: str, this_search: int, there: Place, found: Found, place: Place) -> None:
        """Counts all matches in a thread, then shows the number of this one."""

        def stop() -> bool:
            return self._search != this_search or self._words != words

        matches = await asyncio.to_thread(self._conversation.places_of, words, MATCHES, stop)
        if stop() or not self.is_running:
            return
        self._matches = matches
        if there in matches:
            self.tell(found(there, place))

    def action_next_prompt(self) -> None:
        """Goes to the next prompt."""
        self._jump(Landmark.PROMPT, back=False)

    def action_previous_prompt(self) -> None:
        """Goes to the previous prompt."""
        self._jump(Landmark.PROMPT, back=True)

    def action_next_error(self) -> None:
        """Goes to the next error."""
        self._jump(Landmark.ERROR, back=False)

    def action_previous_error(self) -> None:
        """Goes to the previous error."""
        self._jump(Landmark.ERROR, back=True)

    def _jump(self, what: Landmark, *, back: bool) -> None:
        wanted, name = WANTED[what], safe_text(what.value)
        block = self.view.block
        # At the end the entry with the cursor counts, too: the last error may be the last entry.
        with_this = back and self._follows and block is not None and block.place != self._jumped

        def search(place: Place, stop: Callable[[], bool]) -> Place | None:
            first = Place(place.offset, place.part + 1) if with_this else place
            return self._conversation.next_of(wanted, first, back=back, stop=stop)

        def found(there: Place, _: Place) -> SafeText:
            number_of = self._landmarks.number(what, there)
            if number_of is None:
                return name
            return joined(name, own(" "), number(number_of[0]), own(" of "), number(number_of[1]))

        self._look(search, found, joined(own("no "), name, own(" above" if back else " below")))

    async def _count_landmarks(self, this_search: int, there: Place, found: Found, place: Place) -> None:
        """Counts prompts and errors in a thread, then shows the number of the one that was reached."""

        def stop() -> bool:
            return self._search != this_search

        is_counted = await asyncio.to_thread(self._landmarks.count, stop)
        if is_counted and not stop() and self.is_running:
            self.tell(found(there, place))

    def _look(
        self,
        search: Callable[[Place, Callable[[], bool]], Place | None],
        found: Found | None,
        nothing: SafeText,
        words: str = "",
    ) -> None:
        """Searches in a thread, so that keys still work, and goes to the place that was found."""
        block = self.view.block
        place = block.place if block is not None else FIRST_PLACE
        self._search += 1
        this_search = self._search
        self.tell(own("searching"), "dim")

        async def work() -> None:
            there = await asyncio.to_thread(search, place, lambda: self._search != this_search)
            if self._search != this_search or not self.is_running:
                return
            if there is None:
                self.tell(nothing, "warn")
                return
            self._follows = False
            self._jumped = there
            self._open_at(there)
            if words:
                self.view.go_to_words(there, words)
            self.tell(found(there, place) if found is not None else None)
            if words and found is not None and not self._matches:
                await self._count(words, this_search, there, found, place)
            elif not words and found is not None:
                await self._count_landmarks(this_search, there, found, place)

        self.run_worker(work(), group="search", exclusive=True)

    def action_next_finding(self) -> None:
        """Goes to the next place that is evidence of a finding."""
        self._evidence(back=False)

    def action_previous_finding(self) -> None:
        """Goes to the previous evidence."""
        self._evidence(back=True)

    def _evidence(self, *, back: bool) -> None:
        block = self.view.block
        here = block.place.offset if block is not None else 0
        places = [offset for offset in self._first.evidence if (offset < here if back else offset > here)]
        if not places:
            missing = own("no evidence of a finding above") if back else own("no evidence of a finding below")
            self.tell(missing if self._first.evidence else own("no finding has evidence in this conversation"), "warn")
            return
        self._follows = False
        self._open_at(self._conversation.place_at(max(places) if back else min(places)))
        self.tell(own("evidence of a finding"))

    def action_page(self, pages: int) -> None:
        """Moves by pages."""
        self.view.action_move_page(pages)

    # -- blocks -----------------------------------------------------------------------------------

    def action_fold(self) -> None:
        """Unfolds the block under the cursor, or folds it."""
        self.view.fold()

    def action_move_entry(self, entries: int) -> None:
        """Moves to the next entry or the one before."""
        self.view.move_block(entries)

    def action_shorten(self) -> None:
        """Switches to prompts, texts, plans and failures only, or back to all entries."""
        is_short = self.view.shorten()
        self.tell(own("what was said and what failed; the results of calls are left out") if is_short else None)

    def action_fold_all(self) -> None:
        """Unfolds all blocks, or folds them."""
        self.view.fold_all()

    def action_files(self) -> None:
        """Lists the files that the lane changed; the chosen one opens as its diffs."""
        lane = self._lane()
        files = tuple(reversed(lane.files)) if lane is not None else ()
        if lane is None or not files:
            self.tell(own("this lane changed no file"), "warn")
            return
        now = self._now()
        pick = PickScreen(
            own("changed files, the newest first"), len(files),
            lambda at, cells: counted_file_line(files[at], cells, now), self._pen, own("its diffs"),
            lambda cells: [files_head(cells)],
        )  # fmt: skip

        async def work() -> None:
            chosen = await self._any_app.push_screen_wait(pick)
            if chosen is not None:
                await self._show_changes(files[chosen].path)

        self.run_worker(work(), group="pick", exclusive=True)

    async def _show_changes(self, path: str) -> None:
        self._search += 1
        this_search = self._search
        self.tell(own("searching"), "dim")
        blocks = await asyncio.to_thread(
            self._conversation.changes_of, path, CHANGES, lambda: self._search != this_search
        )
        if self._search != this_search or not self.is_running:
            return
        self.tell(None)
        if not blocks:
            self.tell(own("the transcript states no content of these changes"), "warn")
            return
        title = safe_path(path, limit=120)
        if len(blocks) == CHANGES:
            title = joined(title, own(", the last "), number(CHANGES), own(" changes"))
        self._any_app.push_screen(PageScreen(title, lambda cells: self._pages_of(blocks, cells), self._pen))

    def _pages_of(self, blocks: list[Block], cells: int) -> list[Line]:
        lines: list[Line] = []
        before: Block | None = None
        fold = Fold.OPEN if len(blocks) <= WHOLE_CHANGES else Fold.USUAL
        for block in blocks:
            lines += [*block_lines(block, cells, fold, before, self._zone), ()]
            before = block
        return lines

    def action_actions(self) -> None:
        """Lists the actions of the lane; the conversation goes to the beginning of the chosen one."""
        lane = self._lane()
        actions = tuple(one for one in reversed(lane.actions) if one.started is not None) if lane is not None else ()
        if lane is None or not actions:
            self.tell(own("no action of this lane has a known beginning"), "warn")
            return
        peak = max(action.usage.total for action in actions)
        now = lane.last_event or 0.0
        pick = PickScreen(
            own("actions, the newest first"), len(actions),
            lambda at, cells: action_line(actions[at], cells, now, peak, newest=at == 0), self._pen, own("go there"),
        )  # fmt: skip

        async def work() -> None:
            chosen = await self._any_app.push_screen_wait(pick)
            started = actions[chosen].started if chosen is not None else None
            if started is not None:
                self._go_to_moment(started)

        self.run_worker(work(), group="pick", exclusive=True)

    def action_enter(self) -> None:
        """Opens the conversation of the subagent that the call under the cursor started."""
        block = self.view.block
        started = block.spawned if block is not None else None
        if started is None and block is not None and block.call:
            results = (one for one in self.view.blocks if one.call == block.call)
            started = next((one.spawned for one in results if one.spawned is not None), None)
        if started is None:
            self.tell(own("this entry started no subagent"), "warn")
        elif not self._enter(started):
            self.tell(joined(own("no lane of subagent "), safe_text(started, limit=40), own(" was read")), "warn")

    def action_copy(self) -> None:
        """Copies the block under the cursor."""
        block = self.view.block
        if block is not None:
            text = trimmed(block_text(block))  # a line break at the end would run a pasted command
            lines = text.count("\n") + 1
            told = joined(own(": "), number(lines), own(" lines")) if lines > 1 else own("")
            self.tell(joined(copy_text(self._any_app, text), told))

    def action_pager(self) -> None:
        """Opens the loaded part of the conversation in the pager."""
        text = joined(*(part for line in page_text(self.view.lines) for part in (line, own("\n"))))
        self._open_outside(os.environ.get("PAGER"), PAGER, text)

    def action_editor(self) -> None:
        """Opens the text of the block under the cursor in the editor. Changes that are made there are ignored."""
        block = self.view.block
        if block is not None:
            self._open_outside(os.environ.get("VISUAL") or os.environ.get("EDITOR"), EDITOR, block_text(block))

    def _open_outside(self, program: str | None, default: str, text: SafeText) -> None:
        """Shows a text in a program of the user, and waits for its end."""
        try:
            argv = argv_of(program, default)
            with self._any_app.suspend():
                show_text(argv, text)
        except (OSError, ValueError, SuspendNotSupported) as error:
            self.tell(joined(own("cannot run "), safe_text(f"{program or default}: {error}", limit=200)), "warn")

    def action_back(self) -> None:
        """Closes the input, or the conversation."""
        if self._asked is not None:
            self._leave_input()
            return
        self.dismiss()

    @property
    def _any_app(self) -> App[object]:
        return cast("App[object]", self.app)  # pyright: ignore[reportUnknownMemberType]


def _facts_of(lane: Lane) -> list[SafeText]:
    """The lane's model, effort and branch, as far as its transcript states them."""
    facts = [model_of(lane)] if lane.model else []
    if lane.effort:
        facts.append(joined(own("effort "), safe_text(lane.effort, limit=20)))
    if lane.branch:
        facts.append(joined(own("branch "), safe_text(lane.branch, limit=60)))
    return facts


def _fitting(facts: Sequence[SafeText], cells: int) -> Line:
    """As many of the facts as fit, the first ones first."""
    line: Line = ()
    for fact in facts:
        more = (*line, word("  "), Span(fact, "dim"))
        if line_width(more) <= cells:
            line = more
    return line


class ConversationController(Controller):
    """Opens the conversation of the lane at the cursor or, from the list of findings, at the evidence of a finding."""

    def __init__(
        self,
        host: Host,
        findings: FindingsController,
        lane: Callable[[], Lane | None],
        moment: Callable[[], float | None],
        hold: Callable[[], None],
        key_of: Callable[[str], SafeText],
    ) -> None:
        """`moment` is the time up to which transcripts are read, in seconds UTC; None: they are followed.

        `hold` stops recorded time, so that a replay does not continue while somebody reads.
        """
        self._host = host
        self._findings = findings
        self._lane = lane
        self._moment = moment
        self._hold = hold
        self._key_of = key_of
        self.answer: Callable[[LaneId], None] | None = None
        """Asks for the answer to a lane that needs a person; None: these lanes cannot be answered."""

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"conversation": self.open}

    def open(self) -> None:
        """Opens the conversation, or gives a notice if the transcript cannot be read."""
        lane = self._lane()
        listed = self._findings.listed
        if listed is not None and listed.lane is not None:
            lane = self._host.lanes.get(listed.lane, lane)
        if lane is None:
            return
        offset = None
        if listed is not None:
            offset = next((one.offset for one in listed.finding.evidence if one.path == lane.path), None)
        self._open(lane, offset)

    def open_at(self, path: str, agent: str, local: str, offset: int, title: SafeText, sought: Sought | None) -> None:
        """Opens a conversation at an offset of its transcript, whether its lane is on the screen or not.

        Args:
            path: the transcript.
            agent: the name of who wrote it.
            local: the lane's name inside it.
            offset: the line that is shown.
            title: the lane's name if it is not on the screen.
            sought: words of that line to which it goes, and which are marked.
        """
        lane = next((one for one in self._host.lanes.values() if (one.path, one.local) == (path, local)), None)
        if lane is not None:
            self._open(lane, offset, sought)
            return
        conversation = self._opened(path, agent, local)
        if conversation is not None:
            place = ConversationPlace(offset, (), title, sought)
            screen = ConversationScreen(
                conversation, lambda: None, place, self._host.pen, self._key_of, lambda _: False, self._now
            )
            self._host.open_screen(screen)

    def _opened(self, path: str, agent: str, local: str) -> Conversation | None:
        """The conversation; None, and a notice, if its transcript cannot be read."""
        known = find(agent)
        if known is None:
            return None
        self._hold()
        try:
            return Conversation(path, known, local, self._moment())
        except (Refused, BrokenArchive, OSError) as error:
            why = error.why if isinstance(error, Refused) else str(error)
            self._host.tell(joined(own("the transcript cannot be read: "), safe_text(why, limit=200)), loud=True)
            return None

    def _open(self, lane: Lane, offset: int | None, sought: Sought | None = None) -> None:
        conversation = self._opened(lane.path, lane.agent, lane.local)
        if conversation is None:
            return
        place = ConversationPlace(offset, _evidence_of(lane), sought=sought)
        screen = ConversationScreen(
            conversation,
            lambda: self._host.lanes.get(lane.id),
            place,
            self._host.pen,
            self._key_of,
            lambda agent_id: self._enter(lane, agent_id),
            self._now,
            self.answer,
        )
        self._host.open_screen(screen)

    def _now(self) -> float:
        """The time of the lanes that are shown, in seconds UTC."""
        return self._host.fleet.at if self._host.fleet is not None else 0.0

    def _enter(self, parent: Lane, agent_id: str) -> bool:
        """Opens the conversation of a lane's subagent; its id is the agent's own, or that of its session."""
        for lane in self._host.lanes.values():
            if lane.parent == parent.id and agent_id in (lane.agent_id, lane.session):
                self._open(lane, None)
                return True
        return False


def _evidence_of(lane: Lane) -> tuple[int, ...]:
    """Offsets in the lane's transcript that are evidence of its findings, in order."""
    found = {
        one.offset
        for finding in lane.findings
        for one in finding.evidence
        if one.path == lane.path and one.offset is not None
    }
    return tuple(sorted(found))
