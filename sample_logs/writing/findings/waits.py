"""Lanes that stand still: they wait for a person, hang in mid-call, were cut off, or lack a tool."""

from __future__ import annotations

from writing.claude import Tool, agent, bash, edit, grep, read, todos, write
from writing.dice import at
from writing.findings.case import Case, Session

ROOT = "/home/mara/harbor"
WEB = "/home/mara/harbor-web"


def cases() -> list[Case]:
    """Each kind, and its look-alike."""
    return [
        _asks(answered=False), _asks(answered=True), _silent(), _long_test(), _cut_off(), _cut_between(), _no_shell(),
        _no_program(),
    ]  # fmt: skip


def _session(case: str, clock: str, cwd: str, branch: str, title: str, prompt: str, model: str = "claude-opus-4-6") -> Session:
    lane = Session(case, at(clock), cwd=cwd, branch=branch, case=case, model=model, own_prompt_tokens=3_800)
    lane.mode("acceptEdits")
    lane.prompt(prompt)
    lane.title(title)
    return lane


# -- needs_input ------------------------------------------------------------------------------------------


def _asks(*, answered: bool) -> Case:
    case = f"needs_input/{'quiet' if answered else 'raised'}"
    lane = _session(
        case, "13:20", ROOT, "waiting-list", "A waiting list for sold-out sailings",
        "HARB-431: sold-out sailings need a waiting list. Ask me where the order of the list is a matter of taste.",
    )  # fmt: skip
    lane.step(
        grep("ErrFull", f"{ROOT}/internal", "internal/booking/book.go:88:\treturn ErrFull\ninternal/web/full.go:12:", 900),
        say="I look at what happens today when a sailing is full.", out=190, secs=12,
    )  # fmt: skip
    lane.step(
        read(f"{ROOT}/internal/booking/book.go", "package booking\n\nfunc (b *Book) Reserve(s Sailing, n int) error {", 4_100),
        read(f"{ROOT}/internal/web/full.go", "package web\n\n// full tells that nothing is left.", 1_300),
        out=170, secs=13,
    )  # fmt: skip
    lane.step(
        bash("psql harbor -Atc \"select count(*) from refusals where at > now() - interval '30 days'\"",
             "How often it happens", "1184", 0.9, 40),
        out=240, secs=16, think="",
    )  # fmt: skip
    question = {
        "question": "Two wait for one seat: who gets it?", "header": "Order", "multiSelect": False,
        "options": [
            {"label": "First come", "description": "The order of asking; simple to explain"},
            {"label": "Residents first", "description": "Islanders have no other way home"},
        ],
    }  # fmt: skip
    ask = Tool("AskUserQuestion", {"questions": [question]}, pending=True)
    lane.step(ask, say="1,184 refusals in a month. One thing is yours to decide.", out=310, secs=24)
    if not answered:
        return Case(case, [lane], (("needs_input", lane),), at=lane.now + 260)
    ask.secs, ask.tokens = 74.0, 60
    ask.result = 'User has answered your questions: "Two wait for one seat: who gets it?"="Residents first".'
    lane.answer(ask)
    lane.step(
        write(f"{ROOT}/db/migrations/0051_waiting_list.sql",
              "CREATE TABLE waiting (\n  sailing bigint NOT NULL,\n  resident boolean NOT NULL,\n  asked timestamptz NOT NULL\n);\n"),
        out=420, secs=21,
    )  # fmt: skip
    lane.step(
        edit(f"{ROOT}/internal/booking/book.go", "return ErrFull", "return b.queue(s, who)", 88),
        bash("go test ./internal/booking", "The tests of booking", "ok  harbor/internal/booking  1.4s", 7, 90),
        out=640, secs=33,
    )  # fmt: skip
    lane.done("The list stands: residents first, then in the order of asking. Shall I put it on the page of full sailings too?")
    return Case(case, [lane], at=lane.now + 45)


# -- stalled ----------------------------------------------------------------------------------------------


def _silent() -> Case:
    lane = _session(
        "stalled/raised", "14:02", ROOT, "ice-class", "Ice class in the vessel register",
        "Add the ice class to the vessel register and to the port fees.", "claude-sonnet-4-5",
    )  # fmt: skip
    lane.step(grep("type Vessel", f"{ROOT}/internal", "internal/vessel/vessel.go:9:type Vessel struct {", 300), out=120, secs=8)
    lane.step(read(f"{ROOT}/internal/vessel/vessel.go", "package vessel\n\ntype Vessel struct {\n\tName string", 1_700), out=90, secs=7)
    lane.step(edit(f"{ROOT}/internal/vessel/vessel.go", "Name string", "Name string\n\tIce  Class", 10), out=260, secs=15)
    lane.step(bash("go build ./...", "Does it build", "internal/fees/port.go:31: too few values in struct literal", 11, 160, code=1), out=90, secs=7)
    lane.step(edit(f"{ROOT}/internal/fees/port.go", "Vessel{name}", "Vessel{name, ice}", 31), out=180, secs=12,
              say="The fees build a vessel by hand.")  # fmt: skip
    lane.step(bash("go build ./... && go test ./internal/fees", "Again", "ok  harbor/internal/fees  0.9s", 16, 80), out=80, secs=7)
    return Case("stalled/raised", [lane], (("stalled", lane),), at=lane.now + 1_260)


def _long_test() -> Case:
    lane = _session(
        "stalled/quiet", "14:02", WEB, "e2e-storm", "End-to-end run in a storm",
        "Run the whole end-to-end suite with the storm fixtures and mend what fails. It takes a quarter of an hour.",
        "claude-sonnet-4-5",
    )  # fmt: skip
    lane.step(bash("ls e2e/storm && cat e2e/README.md", "What there is", "12 specs\n# End to end\n\n`make e2e FIXTURES=storm`", 0.3, 700), out=130, secs=8)
    lane.step(read(f"{WEB}/e2e/storm/rebook.spec.ts", "test('a cancelled crossing is rebooked', async ({ page }) => {", 1_800), out=90, secs=7)
    lane.step(edit(f"{WEB}/e2e/playwright.config.ts", "retries: 2", "retries: 0", 14), out=150, secs=10,
              say="Without retries, so that what is flaky shows.")  # fmt: skip
    lane.step(bash("make e2e FIXTURES=storm", "The whole suite", timeout=1_200_000, pending=True), out=90, secs=8)
    return Case("stalled/quiet", [lane], at=lane.now + 640)


# -- hard_stop --------------------------------------------------------------------------------------------

LIMIT = "You've hit your limit · resets 4:40pm (UTC)"
STEPS = ("Read the three exporters", "One writer for all", "Move bookings to it", "Move crews to it", "Delete the old ones")


def _plan(done: int):
    return todos(*((text, "completed" if n < done else "in_progress" if n == done else "pending") for n, text in enumerate(STEPS)))


def _cut_off() -> Case:
    """The limit comes while a subagent works: its parent's call has no answer, and the plan is half done."""
    case = "hard_stop/raised"
    lane = _session(
        case, "15:01", ROOT, "one-exporter", "One exporter instead of three",
        "The three CSV exporters are one exporter in three copies. Make them one, move the callers, delete the rest.",
    )  # fmt: skip
    lane.step(_plan(0), bash("wc -l internal/export/*.go", "Their size", "  310 bookings.go\n  298 crews.go\n  305 fees.go", 0.2, 90), out=320, secs=18)
    lane.step(
        read(f"{ROOT}/internal/export/bookings.go", "package export\n\nfunc Bookings(w io.Writer, rows []Booking) error {", 4_000),
        read(f"{ROOT}/internal/export/crews.go", "package export\n\nfunc Crews(w io.Writer, rows []Crew) error {", 3_900),
        out=140, secs=12,
    )  # fmt: skip
    lane.step(write(f"{ROOT}/internal/export/writer.go", "package export\n\nfunc Write[T any](w io.Writer, rows []T, cols []Column[T]) error {\n"),
              out=1_900, secs=71, think="")  # fmt: skip
    lane.step(_plan(2), edit(f"{ROOT}/internal/export/bookings.go", "func Bookings(", "var bookings = []Column[Booking]{", 9), out=980, secs=44)
    task = agent("Move crews", "general-purpose", "Move internal/export/crews.go to Write in writer.go, as bookings.go does. Run its tests.")
    lane.step(task, say="Crews can go to somebody else meanwhile.", out=210, secs=14)
    child = lane.child("hard-stop-crews", task)
    child.step(read(f"{ROOT}/internal/export/writer.go", "package export\n\nfunc Write[T any](", 1_500), out=90, secs=8)
    child.step(edit(f"{ROOT}/internal/export/crews.go", "func Crews(", "var crews = []Column[Crew]{", 7), out=720, secs=31)
    child.step(bash("go test ./internal/export", "Its tests", "--- FAIL: TestCrewsHeader\n    want \"rank\", got \"Rank\"", 8, 190, code=1), out=80, secs=7)
    child.hit_limit(LIMIT)
    lane.wait_until(child.now + 0.4)
    lane.hit_limit(LIMIT)
    return Case(case, [lane, child], (("hard_stop", lane),))


def _cut_between() -> Case:
    """The limit refuses the next prompt; what was begun is done and committed."""
    case = "hard_stop/quiet"
    lane = _session(
        case, "15:01", ROOT, "one-exporter", "One exporter for crews",
        "Make the exporter of crews use the common writer.", "claude-sonnet-4-5",
    )  # fmt: skip
    plan = ("Read it", "Move it", "Commit")
    lane.step(todos(*((text, "pending") for text in plan)), read(f"{ROOT}/internal/export/crews.go", "package export\n\nfunc Crews(", 3_900), out=190, secs=13)
    lane.step(edit(f"{ROOT}/internal/export/crews.go", "func Crews(", "var crews = []Column[Crew]{", 7), out=820, secs=37)
    lane.step(bash("go test ./internal/export", "Its tests", "ok  harbor/internal/export  0.8s", 8, 80), out=80, secs=6)
    lane.step(bash("git commit -qam 'Crews by the common writer' && git log -1 --oneline", "Commit", "41d0c7e Crews by the common writer", 0.6, 40),
              todos(*((text, "completed") for text in plan)), out=160, secs=9)  # fmt: skip
    lane.done("Crews go by the common writer; tests of export pass; committed.")
    lane.wait(380)
    lane.prompt("Now the port fees.")
    lane.hit_limit(LIMIT)
    return Case(case, [lane])


# -- missing_tool -----------------------------------------------------------------------------------------


def _unavailable(name: str, **args: object) -> Tool:
    text = f"<tool_use_error>Error: No such tool available: {name}</tool_use_error>"
    return Tool(name, dict(args), text, f"Error: No such tool available: {name}", 0.1, 40, failed=True)


def _no_shell() -> Case:
    """A writer of notes that was given no shell, and does not see it."""
    case = "missing_tool/raised"
    lane = _session(
        case, "16:10", ROOT, "notes-june", "Release notes for June",
        "Write the release notes for June from CHANGELOG.md and the merged branches.", "claude-sonnet-4-5",
    )  # fmt: skip
    lane.step(read(f"{ROOT}/CHANGELOG.md", "# Changes\n\n## June\n\n- Waiting lists (HARB-431)", 2_600), out=110, secs=8)
    lane.step(_unavailable("Bash", command="git log --merges --since=2026-06-01 --oneline", description="Merged branches"),
              out=90, secs=6, say="Now the merged branches.")  # fmt: skip
    lane.step(_unavailable("Bash", command="git branch --merged main", description="Merged branches"), out=80, secs=6)
    lane.step(grep("HARB-", f"{ROOT}/CHANGELOG.md", "12:- Waiting lists (HARB-431)\n13:- Ice class (HARB-440)", 300), out=90, secs=6)
    lane.step(_unavailable("Bash", command="cat .git/logs/HEAD | tail -40", description="The log itself"),
              out=90, secs=6, say="Perhaps the log itself can be read.")  # fmt: skip
    lane.step(write(f"{ROOT}/docs/notes/2026-06.md", "# June\n\n- Sold-out sailings have a waiting list.\n- Fees know the ice class.\n"), out=380, secs=19)
    lane.done("The notes of June are from the change log alone: I could not look at the branches.")
    return Case(case, [lane], (("missing_tool", lane),))


def _no_program() -> Case:
    """A machine lacks programs, and one tool's name was wrong once: neither is a missing tool of the lane."""
    case = "missing_tool/quiet"
    lane = _session(
        case, "16:10", ROOT, "depth-chart", "Depth chart of the new berth",
        "Turn the soundings of the new berth into a depth chart.", "claude-sonnet-4-5",
    )  # fmt: skip
    lane.step(bash("gdalinfo data/soundings.tif", "What the soundings are", "bash: gdalinfo: command not found", 0.1, 50, code=127), out=90, secs=7)
    lane.step(bash("ogrinfo data/soundings.gpkg", "By another program", "bash: ogrinfo: command not found", 0.1, 50, code=127), out=80, secs=6)
    lane.step(bash("python3 -c 'import rasterio'", "Or from Python", "ModuleNotFoundError: No module named 'rasterio'", 0.3, 70, code=1), out=80, secs=6)
    lane.step(bash("head -4 data/soundings.xyz", "The plain points then", "14.1201 54.0932 -6.1\n14.1202 54.0932 -6.3", 0.1, 90), out=90, secs=7,
              say="No programs for maps here. The plain points will do.")  # fmt: skip
    lane.step(_unavailable("MultiEdit", file_path=f"{ROOT}/tools/chart.py", edits=[]), out=240, secs=14)
    lane.step(edit(f"{ROOT}/tools/chart.py", "CELL = 5", "CELL = 2  # metres", 8), out=170, secs=11)
    lane.step(bash("python3 tools/chart.py data/soundings.xyz", "Draw it", "chart.svg: 41 x 26 cells, shallowest 5.8 m", 4, 80), out=90, secs=7)
    lane.done("chart.svg shows the berth in cells of two metres; the shallowest place is 5.8 m.")
    return Case(case, [lane])
