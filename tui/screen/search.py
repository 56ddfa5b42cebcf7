"""The search through all conversations on the screen, and the work that keeps its index up to date meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from pathlib import Path

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from tui.agents.registry import AGENTS
from tui.history.search import Hit, Progress, Search
from tui.history.search_build import SearchBuild
from tui.history.search_words import Query, read_query, spans_of
from tui.model.frozen import frozen
from tui.screen.bindings import SEARCH, KeyHint, bindings
from tui.screen.controller import Command, Controller, Host
from tui.screen.conversation import ConversationController
from tui.screen.widgets.key_bar import KeyBar
from tui.screen.widgets.lines import LinesBar, Pen
from tui.screen.widgets.prompt import Prompt
from tui.screen.widgets.safe_input import SafeInput
from tui.sources.discover import Found
from tui.text.format import number, size, time_of_day
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import Line, Span, joined, own, word, wrapped
from tui.view.command_line import window_of_rows
from tui.view.search import count_words, covered, hit_lines, note_lines, title_line
from tui.view.sought import Sought

MOST = 200
"""The most hits that are listed."""
FIRST_S = 5.0
"""Seconds after the start until the index is brought up to date: what happens now is read first."""
AGAIN_S = 300.0
"""Seconds between two searches for transcripts that the index does not have."""
LOOK_S = 0.5
"""Seconds between two looks at the process that builds the index."""
READ_AFTER_S = 0.3
"""Seconds without a key after which transcripts are read that the index does not have."""
SHOWN_S = 0.2
"""Seconds between two drawings of hits while transcripts are read."""


class SearchDesk:
    """The transcripts that are searched, and their index, which a process of its own builds."""

    def __init__(
        self,
        find: Callable[[], list[Found]],
        folder: Path | None,
        now: Callable[[], float],
        *,
        is_recorded: bool = False,
    ) -> None:
        """`find` returns the transcripts, newest first; `now` the time in seconds UTC.

        Without a folder no index is kept, as in the demo. `is_recorded`: nothing later than `now` is found.
        """
        self._find = find
        self._folder = folder
        self._now = now
        self._is_recorded = is_recorded
        self._build = SearchBuild(folder) if folder is not None else None
        self.found: list[Found] = []
        """The transcripts, as of the last look."""

    async def run(self) -> None:
        """Keeps the index up to date until it is cancelled."""
        build = self._build
        if build is None:
            return
        try:
            # The loop ends by itself only where no process can be started: then each search reads more.
            await asyncio.sleep(FIRST_S)
            while True:
                await self.look()
                build.want(await asyncio.to_thread(self._missing))
                while build.is_busy:
                    await asyncio.sleep(LOOK_S)
                    build.collect()
                await asyncio.sleep(AGAIN_S)
        except OSError:
            return
        finally:
            build.close()

    async def look(self) -> None:
        """Finds the transcripts that there are now."""
        self.found = await asyncio.to_thread(self._find)

    def query(self, text: str) -> Query:
        """The query of a typed text."""
        return read_query(text, self._now(), [agent.name for agent in AGENTS])

    def search(self, query: Query, *, is_read: bool) -> Search:
        """A search; with `is_read`, transcripts that the index does not have are read."""
        return Search(query, self.found, self._folder, is_read=is_read)

    def hits(self, search: Search, stop: Callable[[], bool]) -> Iterator[Hit]:
        """The hits of a search, newest first; of a recording, those up to its present moment."""
        until = self._now() if self._is_recorded else None
        for hit in search.hits(stop):
            if until is None or hit.at is None or hit.at <= until:
                yield hit

    @property
    def title(self) -> SafeText:
        """What is searched."""
        if not self._is_recorded:
            return own(" search in all conversations")
        return joined(own(" search in the recording up to "), time_of_day(self._now(), UTC), own(" UTC"))

    @property
    def zone(self) -> tzinfo | None:
        """The zone of the times of hits; None: this machine's."""
        return UTC if self._is_recorded else None

    def _missing(self) -> list[Found]:
        return self.search(Query(), is_read=False).missing()

    @property
    def is_kept(self) -> bool:
        """Whether an index is kept."""
        return self._build is not None

    def left_share(self, least: int) -> float | None:
        """The share of all transcripts that is not in the index; None: no more than `least` bytes."""
        left = self._build.state.left_bytes if self._build is not None else 0
        return left / max(left, sum(one.size for one in self.found)) if left > least else None

    @property
    def state(self) -> Line:
        """How far the index is, in words."""
        if self._build is None:
            return (word("no index: each search reads all", "dim"),)
        state = self._build.state
        if state.problem:
            return (Span(safe_text(state.problem, limit=80), "warn"),)
        if not state.left:
            return (word("index up to date", "dim"),) if self._build.has_begun else ()
        return (Span(joined(own("index: "), number(state.left), own(" transcripts left, "),
                            size(state.left_bytes)), "dim"),)  # fmt: skip


@frozen
class _Shown:
    """The hits that are shown, and what they are of."""

    query: Query = Query()
    hits: tuple[Hit, ...] = ()
    progress: Progress = Progress()
    is_done: bool = True
    """True if nothing more is searched."""


class SearchScreen(Screen[None]):
    """An input, and below it the hits of what is typed, newest first."""

    BINDINGS = bindings(SEARCH, priority=True)
    DEFAULT_CSS = """
    SearchScreen { layout: vertical; }
    SearchScreen Prompt { display: block; }
    SearchScreen #search-hits { height: 1fr; }
    """

    def __init__(
        self, desk: SearchDesk, pen: Pen, show: Callable[[Hit, Sought | None], None], key_of: Callable[[str], SafeText]
    ) -> None:
        """`show` opens the conversation of a hit, at the words that the snippet shows.

        `key_of` returns the first key of a binding's id.
        """
        super().__init__()
        self._desk = desk
        self._open_hit = show
        self._key_of = key_of
        self._shown = _Shown()
        self._at = 0
        self._number = 0
        """The number of searches so far: a newer search ends the earlier ones."""
        self._head = LinesBar(pen, id="search-head")
        self._input = SafeInput(
            safe_text(f'words  "a phrase"  begin*  -not  role:error  agent:{AGENTS[-1].name}  project:shop  since:7d')
        )
        self._prompt = Prompt(pen, own("find"), self._input)
        self._notes = LinesBar(pen, ground="ground", id="search-notes")
        self._hits = _HitRows(pen, id="search-hits")
        self._keys = KeyBar(pen, id="search-keys")

    def compose(self) -> ComposeResult:
        """Yields the head, the input, the notes, the hits and the keys."""
        yield self._head
        yield self._prompt
        yield self._notes
        yield self._hits
        yield self._keys

    def on_mount(self) -> None:
        """Gives the focus to the input."""
        self._input.focus()
        self.run_worker(self._begin(), group="begin")
        self.set_interval(1.0, self._draw_head)
        self.call_after_refresh(self._draw)

    async def _begin(self) -> None:
        await self._desk.look()
        if self._input.text:
            self._search()
        self._draw()

    def on_unmount(self) -> None:
        """Ends the search."""
        self._number += 1

    def on_resize(self) -> None:
        """Draws the hits for the new size."""
        self.call_after_refresh(self._draw)

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The hits that are shown."""
        return self._shown.hits

    # -- searching ----------------------------------------------------------------------------------

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._input.text:
            self._search()

    def _search(self) -> None:
        self._number += 1
        self._at = 0
        query = self._desk.query(self._input.text)
        self.run_worker(self._work(query, self._number), group="search", exclusive=True)

    async def _work(self, query: Query, this: int) -> None:
        """First shows what the index has; then reads what it does not have, once nobody types."""
        loop = asyncio.get_running_loop()

        def stop() -> bool:
            return self._number != this

        def gather(*, is_read: bool) -> _Shown:
            search = self._desk.search(query, is_read=is_read)
            hits: list[Hit] = []
            drawn = time.monotonic()
            for hit in self._desk.hits(search, stop):
                hits.append(hit)
                if len(hits) >= MOST:
                    break
                if is_read and time.monotonic() - drawn >= SHOWN_S:
                    drawn = time.monotonic()
                    loop.call_soon_threadsafe(self._take, this, _Shown(query, tuple(hits), search.progress, False))
            return _Shown(query, tuple(hits), search.progress, is_read or not search.not_indexed)

        shown = await asyncio.to_thread(gather, is_read=False)
        self._take(this, shown)
        if shown.is_done or len(shown.hits) >= MOST or not query.wanted or stop():
            return
        await asyncio.sleep(READ_AFTER_S)
        self._take(this, await asyncio.to_thread(gather, is_read=True))

    def _take(self, this: int, shown: _Shown) -> None:
        """Shows hits, unless another search has begun. Fewer hits than before are not shown while it still reads."""
        if self._number != this or not self.is_running:
            return
        if not shown.is_done and shown.query is self._shown.query and len(shown.hits) < len(self._shown.hits):
            return
        self._shown = shown
        self._draw()

    # -- drawing ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if not self.is_running:
            return
        cells = max(40, self.size.width)
        shown = self._shown
        told: list[Line] = [(word(" "), *line) for line in note_lines(shown.query)]
        notes = [part for line in (*told[:3], self._counted()) for part in wrapped(line, cells - 1)]
        self._notes.styles.height = len(notes)
        self._notes.show(notes)
        rows = window_of_rows(len(shown.hits), self._at, max(1, self._hits.size.height // 2))
        zone = self._desk.zone
        listed = (line for at in rows for line in hit_lines(shown.hits[at], shown.query, cells - 1, zone))
        lines = [(word(" "), *line) for line in listed]
        self._hits.show_hits(lines, rows, self._at)
        self._keys.show_hints(
            [KeyHint(self._key_of(key.id), safe_text(key.hint), key.action) for key in SEARCH if key.hint]
        )
        self._draw_head()

    def _counted(self) -> Line:
        shown = self._shown
        if not shown.query.wanted:
            return (word(" all words must be in one text of a conversation; newest first", "dim"),)
        is_whole = shown.is_done and len(shown.hits) < MOST
        told = covered(shown.progress, is_done=is_whole)
        words = count_words(len(shown.hits), is_whole=is_whole)
        return (word(" "), Span(words, "text"), Span(joined(own(" · "), told), "dim") if told else word(""))

    def _draw_head(self) -> None:
        self._head.show([title_line(self._desk.title, self._desk.state, max(40, self.size.width))])

    # -- keys -------------------------------------------------------------------------------------

    def _move(self, hits: int) -> None:
        self._at = max(0, min(self._at + hits, len(self._shown.hits) - 1))
        self._draw()

    @property
    def _page(self) -> int:
        """The number of hits of a page."""
        return max(1, self._hits.size.height // 2 - 1)

    def action_next_hit(self) -> None:
        """Chooses the next hit."""
        self._move(1)

    def action_previous_hit(self) -> None:
        """Chooses the previous hit."""
        self._move(-1)

    def action_next_page(self) -> None:
        """Chooses the hit a page further."""
        self._move(self._page)

    def action_previous_page(self) -> None:
        """Chooses the hit a page back."""
        self._move(-self._page)

    def action_open_hit(self) -> None:
        """Opens the conversation of the chosen hit at its place."""
        if self._at < len(self._shown.hits):
            hit = self._shown.hits[self._at]
            spans = spans_of(self._shown.query, hit.text)
            self._open_hit(hit, Sought.in_text(hit.text, *spans[0]) if spans else None)

    def choose(self, hit: int) -> None:
        """Opens the hit that was clicked."""
        self._at = hit
        self._draw()
        self.action_open_hit()

    def action_back(self) -> None:
        """Closes the search."""
        self.dismiss()

    def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Runs the action of the hint that was clicked."""
        event.stop()
        getattr(self, f"action_{event.action}")()


class _HitRows(LinesBar):
    """The visible hits, two lines each, one of them chosen."""

    def __init__(self, pen: Pen, *, id: str) -> None:
        super().__init__(pen, ground="ground", id=id)
        self._rows: Sequence[int] = ()
        self._chosen = 0

    def show_hits(self, lines: list[Line], rows: Sequence[int], chosen: int) -> None:
        """Draws these hits; `rows` are their indices."""
        self._rows, self._chosen = rows, chosen
        self.show(lines)
        self.refresh()

    def ground_of(self, row: int) -> str:
        """See `LinesBar.ground_of`."""
        at = row // 2
        return "cursor" if at < len(self._rows) and self._rows[at] == self._chosen else "ground"

    def on_click(self, event: events.Click) -> None:
        """Opens the hit that was clicked."""
        at = event.y // 2
        if at < len(self._rows) and isinstance(self.screen, SearchScreen):
            self.screen.choose(self._rows[at])


class SearchController(Controller):
    """Opens the search, and from it the conversations."""

    def __init__(
        self,
        host: Host,
        desk: SearchDesk,
        conversations: ConversationController,
        key_of: Callable[[str], SafeText],
    ) -> None:
        self._host = host
        self._key_of = key_of
        self._desk = desk
        self._conversations = conversations

    @property
    def commands(self) -> Mapping[str, Command]:
        """See `Controller`."""
        return {"search": self.open}

    def open(self) -> None:
        """Opens the search."""
        self._host.open_screen(SearchScreen(self._desk, self._host.pen, self._show, self._key_of))

    def _show(self, hit: Hit, sought: Sought | None) -> None:
        title: SafeText = safe_text(hit.title or hit.lane_id, limit=160)
        self._conversations.open_at(hit.path, hit.agent, hit.lane, hit.offset, title, sought)
