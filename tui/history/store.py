"""Writes scanned transcripts into the index and decides who owns each call.

A call is counted once. If several lanes state it, it belongs to the one of the smallest rank, with the larger count of
each token class, as in `ledger.calls`; which calls of a fork are its parent's is decided as in `ledger.forks`. All of
this depends on the rows alone, so the order in which transcripts were scanned does not matter.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tui.history.index import (
    CALL_CHECK,
    CLASSES,
    KEY_INDEX,
    QUARTER_S,
    ROLL_CHECK,
    UNKNOWN_QUARTER,
    KnownFile,
    identity,
)
from tui.history.scan import Scanned, seal
from tui.history.tally import HOWS, CountedCall, CountedLane
from tui.ledger.calls import larger
from tui.ledger.keys import key_of
from tui.model.event import Inherited
from tui.model.usage import Usage, classes
from tui.sources.found import Found

_YES, _GUESS_NO, _GUESS_YES = (HOWS.index(how) for how in (Inherited.YES, Inherited.GUESS_NO, Inherited.GUESS_YES))
_GUESSES = (_GUESS_NO, _GUESS_YES)
_SHIFT = 70_000_000
"""In quarter hours: the year 1 is less before 1970."""
_FEW = 8
"""If one lane in so many is fresh, shared calls are searched in one pass over all keys; else one by one."""
_SUMS = ", ".join(f"sum({name})" for name in CLASSES)
_NAMES = ", ".join(CLASSES)
_PROMPT = "(input + cache_read + cache_write_5m + cache_write_1h + cache_write_other)"
_LANE_COLUMNS = (
    "file, local, agent, session, agent_id, agent_type, parent_session, parent_call, forked, title, title_rank, cwd, "
    "first_cwd, branch, version, started, last, has_unread_usage, kind, project, guesses, call_check"
)


class _Holder(NamedTuple):
    """A lane that states a shared call."""

    rank: tuple[int, float, str]
    lane: int
    at: float | None
    model: int
    usage: Usage
    provisional: bool
    free: bool


class Store:
    """The tables of one index. All writing happens in the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, thresholds: Sequence[int]) -> None:
        """`thresholds`: the sizes of prompts, ascending, above which some model has another price."""
        self._sql = connection
        self._band = _band(thresholds)
        self._names: dict[str | None, int] = {None: 0, "": 0}

    def file_at(self, path: str) -> KnownFile | None:
        """The transcript at this path, if it is in the index."""
        return self._file("path = ?", os.fsencode(path))

    def file(self, number: int) -> KnownFile | None:
        """The transcript of this number, if it is in the index."""
        return self._file("id = ?", number)

    def _file(self, where: str, value: object) -> KnownFile | None:
        columns = "id, dev, ino, size, mtime, ctime"
        row = self._sql.execute(f"SELECT {columns} FROM file WHERE {where}", (value,)).fetchone()  # noqa: S608
        return KnownFile._make(row) if row is not None else None

    def scanned(self, file: int) -> Scanned | None:
        """What was scanned of a transcript, with seals in place of its marks; None if that is not whole."""
        row = self._sql.execute(
            "SELECT agent, offset, head, before, unreadable, saved, mark FROM file WHERE id = ?", (file,)
        ).fetchone()
        if row is None or not row[5] or row[6] != _mark(row[5]):
            return None
        names = dict(self._sql.execute("SELECT id, text FROM name"))
        lanes: list[CountedLane] = []
        for lane, check, *facts in self._sql.execute(
            "SELECT id, call_check, local, session, agent_id, agent_type, parent_session, parent_call, forked, title,"
            " title_rank, cwd, first_cwd, branch, version, started, last, has_unread_usage FROM lane WHERE file = ?"
            " ORDER BY id",
            (file,),
        ).fetchall():
            calls = tuple(
                CountedCall._make(
                    (
                        key,
                        at,
                        names.get(model),
                        *counts,
                        bool(provisional),
                        how,
                        counter,
                        names.get(cwd),
                        names.get(place),
                    )
                )
                for key, at, model, *counts, provisional, how, counter, cwd, place in self._sql.execute(
                    f"SELECT key, at, model, {_NAMES}, provisional, how, counter, cwd, branch FROM call"  # noqa: S608
                    " WHERE lane = ? ORDER BY n",
                    (lane,),
                )
            )
            if self._check(lane) != check:
                return None
            facts[6], facts[15] = bool(facts[6]), bool(facts[15])
            lanes.append(CountedLane._make((*facts, calls)))
        agent, offset, head, before, unreadable, saved, _ = row
        return Scanned(agent, offset, head, before, lanes, unreadable, saved)

    def forget(self, files: Iterable[int]) -> set[int]:
        """Removes transcripts. Returns the keys of their calls that other lanes may state too, for `settle`."""
        keys: set[int] = set()
        for file in files:
            lanes = [(lane,) for (lane,) in self._sql.execute("SELECT id FROM lane WHERE file = ?", (file,))]
            for lane in lanes:
                keys.update(key for (key,) in self._sql.execute("SELECT key FROM call WHERE lane = ? AND shared", lane))
            self._sql.executemany("DELETE FROM call WHERE lane = ?", lanes)
            self._sql.executemany("DELETE FROM roll WHERE lane = ?", lanes)
            self._sql.execute("DELETE FROM lane WHERE file = ?", (file,))
            self._sql.execute("DELETE FROM file WHERE id = ?", (file,))
        return keys

    def add(self, found: Found, scanned: Scanned) -> list[int]:
        """Adds a transcript that is not in the index. Returns its lanes, for `settle`."""
        file = self._sql.execute(
            "INSERT INTO file (path, dev, ino, size, mtime, ctime, agent, offset, head, before, saved, mark,"
            " unreadable) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                os.fsencode(found.path), *identity(found),
                scanned.agent, scanned.offset, seal(scanned.head), seal(scanned.before), scanned.saved,
                _mark(scanned.saved), scanned.unreadable,
            ),
        ).lastrowid  # fmt: skip
        made: list[int] = []
        for lane in scanned.lanes:
            values = (
                file, lane.local, self._name(scanned.agent), *lane[1:16], lane.kind, self._name(_project(lane.cwd)),
                any(call.how in _GUESSES for call in lane.calls), 0,
            )  # fmt: skip
            number = (
                self._sql.execute(
                    f"INSERT INTO lane ({_LANE_COLUMNS}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608
                    values,
                ).lastrowid
                or 0
            )
            self._sql.executemany(
                "INSERT INTO call VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
                [(number, n, *self._row(call)) for n, call in enumerate(lane.calls)],
            )
            made.append(number)
        return made

    def settle(self, lanes: Sequence[int], keys: set[int]) -> None:
        """Decides the owners of calls, and makes the sums of all lanes concerned.

        Args:
            lanes: those that were added.
            keys: calls of lanes that were removed.
        """
        self._sql.execute("CREATE TEMP TABLE IF NOT EXISTS fresh (id INTEGER PRIMARY KEY)")
        self._sql.execute("DELETE FROM fresh")
        self._sql.executemany("INSERT INTO fresh VALUES (?)", ((lane,) for lane in lanes))
        self._sql.execute(KEY_INDEX)
        self._sql.execute(
            f"UPDATE lane SET call_check = (SELECT coalesce(sum{CALL_CHECK}, 0) FROM call WHERE call.lane = lane.id)"  # noqa: S608
            " WHERE id IN (SELECT id FROM fresh)"
        )
        changed = self._settle_forks()
        keys = keys | self._shared_keys() | changed
        concerned = set(lanes)
        for key in keys:
            concerned |= self._settle_call(key)
        self._lower_bounds()
        self._roll(concerned)

    # -- names ----------------------------------------------------------------------------------------

    def _name(self, text: str | None) -> int:
        number = self._names.get(text)
        if number is None:
            found = self._sql.execute("SELECT id FROM name WHERE text = ?", (text,)).fetchone()
            if found is None:
                made = self._sql.execute("INSERT INTO name (text, mark) VALUES (?, ?)", (text, key_of(text or "")))
                number = made.lastrowid or 0
            else:
                number = found[0]
            self._names[text] = number
        return number

    def _row(self, call: CountedCall) -> tuple[Any, ...]:
        """A call as columns of its table, from `key` on, without `shared`."""
        return (
            call.key, call.at, self._name(call.model), *call[3:10], call.provisional, call.how,
            call.how in (_YES, _GUESS_YES), call.counter, self._name(call.cwd), self._name(call.branch),
        )  # fmt: skip

    def _check(self, lane: int) -> int:
        found = self._sql.execute(f"SELECT coalesce(sum{CALL_CHECK}, 0) FROM call WHERE lane = ?", (lane,))  # noqa: S608
        return found.fetchone()[0]

    # -- owners ---------------------------------------------------------------------------------------

    def _shared_keys(self) -> set[int]:
        """The calls of fresh lanes that several lanes state."""
        fresh, lanes = self._sql.execute("SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM lane)").fetchone()
        if fresh * _FEW >= lanes:
            rows = self._sql.execute("SELECT key FROM call GROUP BY key HAVING count(*) > 1")
        else:
            rows = self._sql.execute(
                "SELECT DISTINCT key FROM call AS a WHERE lane IN (SELECT id FROM fresh)"
                " AND EXISTS (SELECT 1 FROM call AS b WHERE b.key = a.key AND b.lane <> a.lane)"
            )
        return {key for (key,) in rows}

    def _settle_call(self, key: int) -> set[int]:
        """Decides the owner of a call. Returns all lanes that state it."""
        rows = self._sql.execute(
            f"SELECT kind, started, path, lane, at, model, provisional, free, {_NAMES} FROM call"  # noqa: S608
            " JOIN lane ON lane.id = call.lane JOIN file ON file.id = lane.file WHERE key = ?",
            (key,),
        )
        holders = sorted(
            (
                _Holder(
                    (kind, started if started is not None else float("inf"), os.fsdecode(path)),
                    lane, at, model, Usage(*counts), bool(provisional), bool(free),
                )
                for kind, started, path, lane, at, model, provisional, free, *counts in rows
            ),
            key=lambda holder: (holder.rank, holder.lane),
        )  # fmt: skip
        is_shared = len(holders) > 1
        self._sql.execute("DELETE FROM shared WHERE key = ?", (key,))
        self._sql.execute("UPDATE call SET shared = ? WHERE key = ?", (is_shared, key))
        if is_shared:
            owner, usage = holders[0], holders[0].usage
            for other in holders[1:]:
                usage = larger(usage, other.usage)
            values = (
                key, owner.lane, owner.at, next((holder.model for holder in holders if holder.model), 0),
                *classes(usage), all(holder.provisional for holder in holders), owner.free,
            )  # fmt: skip
            self._sql.execute(f"INSERT INTO shared VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
        return {holder.lane for holder in holders}

    def _settle_forks(self) -> set[int]:
        """Decides which calls of forks are their parent's. Returns the calls for which that changed."""
        changed: set[int] = set()
        forks = self._sql.execute("SELECT id, agent, parent_session, session FROM lane WHERE guesses").fetchall()
        for lane, agent, parent_session, session in forks:
            rows = self._counters(lane)
            parent = self._parent(lane, agent, parent_session or session)
            common = 0
            for mine, theirs in zip(rows, self._counters(parent) if parent is not None else (), strict=False):
                if mine[2] != theirs[2]:
                    break
                common += 1
            for index, (n, key, _, how, free) in enumerate(rows):
                is_free = index < common if common else how == _GUESS_YES
                if how in _GUESSES and bool(free) != is_free:
                    self._sql.execute("UPDATE call SET free = ? WHERE lane = ? AND n = ?", (is_free, lane, n))
                    self._sql.execute("INSERT OR IGNORE INTO fresh VALUES (?)", (lane,))
                    changed.add(key)
        return changed

    def _counters(self, lane: int) -> list[tuple[int, int, int, int, int]]:
        return self._sql.execute(
            "SELECT n, key, counter, how, free FROM call WHERE lane = ? AND counter IS NOT NULL ORDER BY n", (lane,)
        ).fetchall()

    def _parent(self, lane: int, agent: int, session: str) -> int | None:
        """The lane of a session; of several files of it, the one of the smallest rank."""
        found = self._sql.execute(
            "SELECT lane.id FROM lane JOIN file ON file.id = lane.file WHERE session = ? AND lane.agent = ?"
            " AND lane.id <> ? AND (agent_id IS NULL OR (agent_id = session AND local = ''))"
            " ORDER BY kind, started IS NULL, started, path LIMIT 1",
            (session, agent, lane),
        ).fetchone()
        return found[0] if found is not None else None

    def _lower_bounds(self) -> None:
        """Notes which forks leave out a call that may be their own."""
        for lane, agent, parent_session, session in self._sql.execute(
            "SELECT id, agent, parent_session, session FROM lane WHERE guesses"
        ).fetchall():
            rows, parent = self._counters(lane), self._parent(lane, agent, parent_session or session)
            theirs = [row[2] for row in self._counters(parent)] if parent is not None else []
            common = next(
                (index for index, row in enumerate(rows) if index >= len(theirs) or row[2] != theirs[index]), len(rows)
            )
            others = {
                key
                for (key,) in self._sql.execute(
                    "SELECT shared.key FROM shared JOIN lane ON lane.id = shared.lane"
                    " JOIN call ON call.key = shared.key"
                    " WHERE call.lane = ? AND shared.lane <> ? AND lane.session <> ?",
                    (lane, lane, session),
                )
            }
            is_lower = any(how in _GUESSES and (free or key in others) for _, key, _, how, free in rows[common:])
            self._sql.execute("UPDATE lane SET lower_bound = ? WHERE id = ?", (is_lower, lane))

    # -- sums -----------------------------------------------------------------------------------------

    def _roll(self, lanes: Iterable[int]) -> None:
        """Makes the sums of these lanes anew."""
        self._sql.execute("DELETE FROM fresh")
        self._sql.executemany("INSERT INTO fresh VALUES (?)", ((lane,) for lane in lanes))
        those = "lane IN (SELECT id FROM fresh)"
        self._sql.execute(f"DELETE FROM roll WHERE {those}")  # noqa: S608
        # Shifted, since CAST rounds times before 1970 up.
        shifted = f"CAST((at + {QUARTER_S * _SHIFT}.0) / {QUARTER_S} AS INTEGER) - {_SHIFT}"
        quarter = f"CASE WHEN at IS NULL THEN {UNKNOWN_QUARTER} ELSE {shifted} END"
        columns = f"lane, {quarter} AS quarter, model, {self._band} AS band, provisional, {_NAMES}"
        self._sql.execute(
            f"INSERT INTO roll SELECT lane, quarter, model, band, count(*), sum(provisional), {_SUMS} FROM ("  # noqa: S608
            f"SELECT {columns} FROM call WHERE {those} AND NOT shared AND NOT free"
            f" UNION ALL SELECT {columns} FROM shared WHERE {those} AND NOT free)"
            " GROUP BY lane, quarter, model, band"
        )
        self._sql.execute(
            f"UPDATE lane SET roll_check = (SELECT coalesce(sum{ROLL_CHECK}, 0) FROM roll WHERE roll.lane = lane.id)"  # noqa: S608
            " WHERE id IN (SELECT id FROM fresh)"
        )


def _band(thresholds: Sequence[int]) -> str:
    """The number of thresholds below a call's prompt, in SQL."""
    return " + ".join(f"({_PROMPT} > {above})" for above in thresholds) or "0"


def _project(cwd: str | None) -> str:
    """The name of the project of a lane, as in its snapshot."""
    return cwd.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1] if cwd else ""


def _mark(data: bytes) -> int:
    return key_of(data.hex()) if data else 0
