"""What tokens are spent on: burn over a budget, a context that is read again and again, a dear model for plain work."""

from __future__ import annotations

from writing.claude import bash, edit, grep, read
from writing.dice import at
from writing.findings.case import Case, Session

ROOT = "/home/mara/harbor"
WEB = "/home/mara/harbor-web"
COMPACTED = 36_000
"""Tokens of a compacted conversation, the client's own prompt included."""
BUDGET = {"hourly_burn_tokens": 2_000_000}


def cases() -> list[Case]:
    """Each kind, and its look-alike."""
    return [
        _burn("hourly_burn/raised", history=212_000), _burn("hourly_burn/quiet", history=12_000),
        _long(), _compacted(), _inventory("tier_mismatch/raised", "claude-opus-4-6"),
        _inventory("tier_mismatch/quiet", "claude-haiku-4-5"),
    ]  # fmt: skip


def _session(case: str, clock: str, cwd: str, branch: str, title: str, prompt: str, **facts: object) -> Session:
    lane = Session(case, at(clock), cwd=cwd, branch=branch, case=case, own_prompt_tokens=3_800, **facts)  # type: ignore[arg-type]
    lane.mode("acceptEdits")
    lane.prompt(prompt)
    lane.title(title)
    return lane


# -- hourly_burn: the same work with a long conversation behind it, and with a short one --------------------

SCREENS = (
    ("SeatMap", "the legend overlaps deck 5", "grid-template-rows: auto 1fr;"),
    ("FareList", "prices jump when they load", "min-height: 3.2rem;"),
    ("Checkout", "the pay button is below the fold", "position: sticky; bottom: 0;"),
    ("Timetable", "the second column is cut", "overflow-x: auto;"),
    ("Passenger", "the birthday field is too narrow", "inline-size: 12ch;"),
    ("Voucher", "the code breaks in the middle", "overflow-wrap: anywhere;"),
)


def _burn(case: str, history: int) -> Case:
    lane = _session(
        case, "10:05", WEB, "narrow-screens", "Narrow screens of the booking pages",
        "Go on with the narrow screens: six pages are left. Look at each at 320 pixels and mend what breaks.",
        history_tokens=history,
    )  # fmt: skip
    for screen, trouble, css in SCREENS:
        lane.step(
            bash(f"pnpm shot {screen} --width 320", f"{screen} at 320 pixels", f"{screen}: {trouble} (diff {len(trouble)}%)", 14, 1_900),
            out=140, secs=9,
        )  # fmt: skip
        lane.step(
            edit(f"{WEB}/src/pages/{screen}.css", "/* narrow */", f"/* narrow */\n  {css}"), out=380, secs=21, think=""
        )
        lane.wait(lane.dice.between(170, 260))
    lane.step(
        bash("pnpm visual --width 320", "All pages once more", "6 pages, 6 as they should be", 48, 700), out=120, secs=8
    )
    lane.done("All six pages hold at 320 pixels; screenshots are renewed.")
    return Case(case, [lane], (("hourly_burn", lane),) if history > 100_000 else (), limits=BUDGET)


# -- cache_heavy: one conversation for everything, and one that is compacted in time ------------------------

DAY = (
    ("the price of a cabin is wrong after midnight", "internal/fares/cabin.go", "time.Local", "port.Zone()"),
    ("a refund of a group pays only the first", "internal/refund/group.go", "b.Passengers[0]", "b.Passengers"),
    ("the search forgets the return date", "internal/search/query.go", "Return: nil", "Return: q.Return"),
    ("notices go out twice when the queue restarts", "internal/notices/queue.go", "q.ack(m)", "q.ackOnce(m)"),
    ("vehicles over 3.5 tons get a car's price", "internal/fares/vehicle.go", "w > 3500", "w >= 3500"),
    ("the crew list is sorted by first name", "internal/crew/list.go", "c.First", "c.Last"),
    ("a voucher can be used twice in one second", "internal/voucher/use.go", "SELECT", "SELECT ... FOR UPDATE"),
    ("bicycles count as cars on deck 3", "internal/deck/pack.go", "case Bicycle, Car:", "case Car:"),
    ("the audit log loses the port", "internal/audit/row.go", 'Port: ""', "Port: s.Port"),
    ("dogs may not sleep in a dog cabin", "internal/cabin/rules.go", "Pets: 0", "Pets: 1"),
    ("the boarding list is an hour late", "internal/board/list.go", "UTC()", "In(port.Zone())"),
    ("a sailing without seats shows as free", "internal/search/free.go", "free >= 0", "free > 0"),
)


def _bug(lane: Session, index: int, read_tokens: int) -> None:
    """One bug of the list: find it, read it, mend it, test it, say so. Five calls."""
    trouble, path, old, new = DAY[index]
    name = path.rsplit("/", 1)[-1]
    lane.step(grep(old, f"{ROOT}/internal", f"{path}:{31 + 7 * index}: {old}", read_tokens // 5), out=110, secs=7)
    lane.step(read(f"{ROOT}/{path}", f"package {path.split('/')[1]}\n\n// {name}: {old}", read_tokens), out=90, secs=6)
    lane.step(edit(f"{ROOT}/{path}", old, new, 31 + 7 * index), out=260, secs=15)
    test = f"go test ./{path.rsplit('/', 1)[0]}"
    lane.step(
        bash(test, "Its tests", f"ok  harbor/{path.rsplit('/', 1)[0]}  {0.4 + index / 7:.1f}s", 6, read_tokens // 9),
        out=70,
        secs=5,
    )
    lane.done(f"Mended: {trouble}. `{old}` in {name} was the cause.", out=90, secs=5)


def _long() -> Case:
    """Twelve bugs in one conversation that is never cut: each call reads all of it again."""
    lane = Session("cache_heavy/raised", at("08:10"), cwd=ROOT, branch="bugs", case="cache_heavy/raised",
                   cache="5m", own_prompt_tokens=3_800)  # fmt: skip
    lane.mode("acceptEdits")
    for index, (trouble, *_) in enumerate(DAY):
        lane.prompt(f"Next bug: {trouble}." if index else f"The bugs of this week, one by one. First: {trouble}.")
        if index == 0:
            lane.title("The bugs of this week")
        # The first ones are in large files; later ones are small, and yet each call is dearer than any before.
        _bug(lane, index, 31_000 if index < 9 else 3_100)
        lane.wait(lane.dice.between(15, 40))
    return Case("cache_heavy/raised", [lane], (("cache_heavy", lane),))


def _compacted() -> Case:
    """The same list and the same files, but compacted after each third bug."""
    lane = Session("cache_heavy/quiet", at("08:10"), cwd=ROOT, branch="bugs", case="cache_heavy/quiet",
                   cache="5m", own_prompt_tokens=3_800)  # fmt: skip
    lane.mode("acceptEdits")
    for index, (trouble, *_) in enumerate(DAY[:9]):
        lane.prompt(f"Next bug: {trouble}." if index else f"The bugs of this week, one by one. First: {trouble}.")
        if index == 0:
            lane.title("The bugs of this week")
        _bug(lane, index, 31_000 if index < 9 else 3_100)
        lane.wait(lane.dice.between(15, 40))
        if index % 3 == 2:
            done = "; ".join(bug[0] for bug in DAY[: index + 1])
            lane.compact(f"Mended so far: {done}.", COMPACTED, 22)
    return Case("cache_heavy/quiet", [lane])


# -- tier_mismatch: an inventory is plain reading, whoever does it ------------------------------------------

FOLDERS = (
    ("fares", 41, "Cents", 2), ("refund", 17, "Decide", 0), ("search", 29, "Query", 1), ("crew", 22, "Rota", 3),
    ("deck", 19, "Pack", 1), ("board", 11, "List", 2), ("audit", 14, "Row", 1),
)  # fmt: skip


def _inventory(case: str, model: str) -> Case:
    lane = _session(
        case, "11:00", ROOT, "main", "Inventory of the Go packages",
        "List every package below internal with its files, its exported functions and how many callers each has. "
        "A table at the end, nothing else.", model=model,
    )  # fmt: skip
    for index, (package, files, function, dead) in enumerate(FOLDERS):
        listing = "\n".join(f"{package}/{part}.go" for part in (function.lower(), "store", "types"))
        lane.step(
            bash(f"ls -la internal/{package} && wc -l internal/{package}/*.go", f"Files of {package}", f"{files} files\n{listing}", 0.4, 2_400),
            read(f"{ROOT}/internal/{package}/{function.lower()}.go", f"package {package}\n\nfunc {function}(", 21_000 + 400 * index),
            out=130, secs=8,
        )  # fmt: skip
        lane.step(
            read(f"{ROOT}/internal/{package}/types.go", f"package {package}\n\ntype {function}er interface {{", 12_000 + 300 * index),
            grep(f"{package}\\.[A-Z]", ROOT, f"cmd/quay/main.go:{30 + index}: {package}.{function}(ctx)\n{files + 6} matches, {dead} without a caller", 5_200),
            out=110, secs=7,
        )  # fmt: skip
        if index in (2, 5):
            seen, left = (", ".join(row[0] for row in rows) for rows in (FOLDERS[: index + 1], FOLDERS[index + 1 :]))
            lane.compact(f"Inventory of internal. Done: {seen}. Left: {left}.", COMPACTED, 24)
    dead = sum(row[3] for row in FOLDERS)
    lane.done("| package | files |\n|---|---:|\n" + "\n".join(f"| {name} | {files} |" for name, files, *_ in FOLDERS)
              + f"\n\n{dead} exported functions have no caller.", out=900, secs=28)  # fmt: skip
    return Case(case, [lane], (("tier_mismatch", lane),) if "opus" in model else ())
