"""One lane that goes round in circles, and lanes that only look like it: a poll, a test that moves, a list."""

from __future__ import annotations

from writing.claude import OLD, Tool, agent, bash, edit, grep, read, write
from writing.codex import run
from writing.dice import at
from writing.findings.case import Case, Session, Thread

WEB = "/home/mara/harbor-web"
ROOT = "/home/mara/harbor"


def cases() -> list[Case]:
    """Repetition, low novelty and spirals."""
    return [_repeated(), _polls_and_lists(), _wandering(), _converging(), _spiral(), _fan_out()]


# -- repetition ---------------------------------------------------------------------------------------------

INSTALL_ERROR = """npm error code EINTEGRITY
npm error sha512-{a} integrity checksum failed when using sha512: wanted sha512-{b} but got sha512-{a}. (48211 bytes)
npm error A complete log of this run can be found in: /home/mara/.npm/_logs/{log}-debug-0.log"""
EXCUSES = (
    "The download may have been cut off. Once more.", "Let me try again.", "Perhaps it was the network.",
    "I retry the install.", "Again, it may be through now.", "Still the checksum. I try once more.",
    "Maybe the registry was updated just now.", "One more attempt.", "Let me run it again.", "Retrying.",
)  # fmt: skip
PROBES = (
    "refund-hold", "reissue-ticket", "waive-fee", "swap-vessel", "merge-party", "void-voucher", "assign-owner",
    "lift-flag", "move-crossing", "split-case", "close-case", "note-guest",
)  # fmt: skip


def _repeated() -> Case:
    install = Session("f-install", at("09:00:00"), cwd=WEB, branch="map-tiles", model="claude-sonnet-4-5", version=OLD,
                      cache="5m", own_prompt_tokens=3_300, case="repetition/raised")  # fmt: skip
    install.prompt("Add the new map tiles to the booking page.")
    install.title("Map tiles on the booking page")
    install.step(read(f"{WEB}/package.json", '{\n  "name": "harbor-web",\n  "dependencies": {', 1_400), out=150, secs=8)
    install.step(edit(f"{WEB}/package.json", '"leaflet": "1.9.4"', '"leaflet": "1.9.4",\n    "@harbor/tiles": "2.1.0"', 21),
                 out=190, secs=9)  # fmt: skip
    for index, excuse in enumerate(("Now the install.", *EXCUSES)):
        log = f"2026-05-09T09_{2 + index * 2:02d}_{install.dice.whole(10, 59)}_{install.dice.whole(100, 999)}Z"
        error = INSTALL_ERROR.format(a="Zk3v0Qm", b="p81Xc7d", log=log)
        install.step(bash("npm install", "Install dependencies", error, install.dice.between(44, 71), 420, code=1),
                     say=excuse, out=install.dice.whole(80, 120), secs=install.dice.between(7, 13))  # fmt: skip
    label = Thread("f-labels", at("09:10:30"), cwd=ROOT, branch="operator-actions", plan_type=None,
                   prompt_tokens=29_000, shared_tokens=26_000, case="repetition/raised")  # fmt: skip
    label.prompt("Make sure that the port guard of the operator actions holds.")
    label.step(run("cat internal/operator/scope.go", "package operator\n\nfunc Within(", 0.1, 1_800), out=140, secs=9,
               say="All actions go through the same function. I prove that it refuses another port.")  # fmt: skip
    for name in PROBES:
        label.step(
            run(f"./scripts/prove.sh {name} --other-port", f"POST /operator/{name} 403\nrequest {label.dice.uuid()}\nno row",
                label.dice.between(4, 7), 90),
            out=label.dice.whole(58, 70), secs=label.dice.between(6, 9), say=f"Now {name}.",
        )  # fmt: skip
    return Case("repetition/raised", [install, label], (("repetition", install), ("repetition", label)))


def _polls_and_lists() -> Case:
    return Case("repetition/quiet", [_ci(), _edit_test(), _batch()])


def _ci() -> Session:
    lane = Session("f-ci", at("09:00:30"), cwd=WEB, branch="seatmap-4", version=OLD, cache="5m", model="claude-sonnet-4-5",
                   own_prompt_tokens=3_100, case="repetition/quiet")  # fmt: skip
    lane.prompt("Push the branch and tell me when CI is through. Merge if it is green.")
    lane.title("Push and wait for CI")
    lane.step(
        bash("git push -u origin seatmap-4", "Push", "branch 'seatmap-4' set up to track 'origin/seatmap-4'.", 3),
        out=110,
        secs=8,
    )
    done = (
        "lint",
        "types",
        "unit",
        "unit",
        "build",
        "build",
        "visual",
        "visual",
        "e2e (1/3)",
        "e2e (2/3)",
        "e2e (3/3)",
    )
    for index, job in enumerate(done):
        lane.step(
            bash("sleep 60; gh run view 5518 --json jobs -q '.jobs[]|[.name,.status]|@tsv'", "Look at the run",
                 "\n".join([f"{name}\tcompleted" for name in dict.fromkeys(done[:index])] + [f"{job}\tin_progress {index * 61 + 12}s"]),
                 61, 130),
            out=60, secs=lane.dice.between(4, 6),
        )  # fmt: skip
    lane.step(
        bash("gh run view 5518 --json conclusion -q .conclusion", "Conclusion", "success", 1.1, 30), out=50, secs=4
    )
    lane.step(bash("gh pr merge --squash", "Merge", "Merged pull request (seatmap 4)", 2.4, 40), out=60, secs=5)
    lane.done("CI was green after eleven minutes, and the branch is merged.")
    return lane


def _edit_test() -> Session:
    lane = Session("f-edits", at("09:05:00"), cwd=ROOT, branch="tide-tables", version=OLD, cache="5m", model="claude-sonnet-4-5",
                   own_prompt_tokens=3_600, case="repetition/quiet")  # fmt: skip
    lane.prompt("The tide tables are wrong for ports with a bar. Find out why and repair it.")
    lane.title("Tide tables of ports with a bar")
    lane.step(
        read(f"{ROOT}/internal/tide/table.go", "package tide\n\nfunc Table(p Port) []Slot {", 3_900), out=180, secs=10
    )
    moves = (
        ("TestBarDepth", "depth = 1.2, want 3.4", "d := p.Depth", "d := p.Depth + p.Bar.Rise(t)", "The bar's own rise was left out."),
        ("TestBarDepthAtSpring", "depth = 3.9, want 4.6", "p.Bar.Rise(t)", "p.Bar.Rise(t) * spring(t)", "At spring it rises more."),
        ("TestSlotLength", "slot = 2h10m, want 1h50m", "slot(d, 0)", "slot(d, p.Bar.Margin)", "A slot needs the bar's margin."),
        ("TestNoBar", "panic: nil pointer", "p.Bar.Margin)", "p.margin())", "Ports without a bar have no margin."),
        ("TestWinterTime", "starts 05:40, want 04:40", "t.Local()", "t.UTC()", "The tables are UTC all year."),
    )  # fmt: skip
    for test, said, old, new, why in moves:
        lane.step(bash("go test ./internal/tide/", "Run the tests", f"--- FAIL: {test} (0.00s)\n    {said}\nFAIL", 4.4, 160, code=1),
                  out=70, secs=6)  # fmt: skip
        lane.step(edit(f"{ROOT}/internal/tide/table.go", old, new, 61), out=240, secs=19, say=why)
    lane.step(
        bash("go test ./internal/tide/", "Run the tests", "ok  \tharbor/internal/tide\t0.412s", 4.2, 60), out=60, secs=6
    )
    lane.done("Five things were wrong, each hid the next. The tests of the tide tables pass now.")
    return lane


def _batch() -> Thread:
    lane = Thread("f-batch", at("09:09:00"), cwd=ROOT, branch="charts", plan_type=None, prompt_tokens=27_000,
                  shared_tokens=25_000, case="repetition/quiet")  # fmt: skip
    lane.prompt(
        "Convert the 40 old harbour charts in charts/bmp to PNG, one at a time: the tool eats all memory otherwise."
    )
    lane.step(run("ls charts/bmp | wc -l", "40", 0.1, 20), out=90, secs=7)
    for index in range(1, 21):
        port, other = (f"{CHARTS[(index * 2 + n) % len(CHARTS)]}-{index * 2 + n - 1:02d}" for n in (0, 1))
        calls = [
            run(f"./tools/chart2png charts/bmp/{name}.bmp charts/png/{name}.png",
                f"{number} of 40: {lane.dice.whole(900, 4400)} x {lane.dice.whole(700, 3100)}, {lane.dice.whole(210, 990)} kB", lane.dice.between(8, 19), 60)
            for number, name in ((index * 2 - 1, port), (index * 2, other))
        ]  # fmt: skip
        lane.step(*calls, out=lane.dice.whole(88, 101), secs=lane.dice.between(5, 8))
    lane.done("All 40 charts are converted.")
    return lane


CHARTS = ("dover", "calais", "ostend", "esbjerg", "kiel", "turku", "tallinn", "riga", "gdynia", "visby", "rostock")


# -- low_novelty --------------------------------------------------------------------------------------------

CONSTANTS = ("damping", "draught", "bar", "shoal")
FIRST_LOOK = (
    ("internal/wake/model.go", "package wake\n\nfunc Height(v, l float64) float64 {"),
    ("internal/wake/froude.go", "package wake\n\nfunc froude(v, depth float64) float64 {"),
    ("internal/wake/limits.go", "package wake\n\nvar limits = map[string]float64{"),
    ("data/wake/2026-04.csv", "t,ship,speed,height\n06:01,aurora,11.2,0.41"),
    ("docs/wake/method.md", "# How wake is measured\n\nThree buoys, 40 m apart."),
)


def _wandering() -> Case:
    """An hour at a model's constants: a good quarter of an hour, then changes in the third digit that are noise.

    Each fit prints its table of ships into the context, so that the same small step is dearer each time.
    """
    lane = _wake("low_novelty/raised", "f-wake", "09:00:00")
    dice = lane.dice
    value = dict.fromkeys(CONSTANTS, 0.5)
    for _ in range(46):
        throw = dice.whole(0, 9)
        if throw < 4:
            name = CONSTANTS[dice.whole(0, 3)]
            before, value[name] = value[name], value[name] + dice.whole(-9, 9) / 100
            lane.step(edit(f"{ROOT}/internal/wake/constants.go", f"{name} = {before:.3f}", f"{name} = {value[name]:.3f}", 14),
                      out=dice.whole(120, 170), secs=dice.between(11, 17))  # fmt: skip
            lane.step(
                _fit(0.412 + dice.whole(-14, 14) / 1000, dice.between(52, 68), 3_100),
                out=dice.whole(60, 90),
                secs=dice.between(6, 9),
            )
        elif throw < 7:
            path, shown = FIRST_LOOK[dice.whole(0, 4)]
            lane.step(
                read(f"{ROOT}/{path}", shown, dice.whole(1_900, 3_600)),
                out=dice.whole(120, 210),
                secs=dice.between(24, 38),
            )
        elif throw < 9:
            lane.step(bash("go test ./internal/wake/", "Run the tests", f"ok  \tharbor/internal/wake\t0.{dice.whole(5, 8)}s", 6, 50),
                      out=dice.whole(60, 90), secs=dice.between(22, 31))  # fmt: skip
        else:
            lane.step(grep("Height\\(", f"{ROOT}/internal", "internal/quay/warn.go:31:\twake.Height(v, s.Length)", 240),
                      out=dice.whole(90, 120), secs=dice.between(19, 26))  # fmt: skip
    lane.done("The error is 0.41 m now. I think a better value of damping could still be found.")
    return Case("low_novelty/raised", [lane], (("low_novelty", lane),), ("repetition",))


def _wake(case: str, name: str, clock: str) -> Session:
    """The first quarter of an hour: everything is new."""
    lane = Session(name, at(clock), cwd=ROOT, branch="wake-model", version=OLD, cache="1h", model="claude-sonnet-4-5",
                   own_prompt_tokens=4_100, case=case)  # fmt: skip
    dice = lane.dice
    lane.prompt("The wake model is off by 40 cm in shallow water. Get it below 20.")
    lane.title("Wake model in shallow water")
    for path, shown in FIRST_LOOK:
        lane.step(
            read(f"{ROOT}/{path}", shown, dice.whole(1_100, 2_600)), out=dice.whole(120, 210), secs=dice.between(18, 32)
        )
    lane.step(
        grep("Height\\(", f"{ROOT}/internal", "internal/quay/warn.go:31:\twake.Height(v, s.Length)", 240),
        out=110,
        secs=14,
    )
    lane.step(bash("go test ./internal/wake/", "How it stands", "--- FAIL: TestShallow\n    height = 0.91, want 0.52", 6, 190, code=1),
              out=160, secs=21)  # fmt: skip
    lane.wait(95)
    lane.step(
        write(f"{ROOT}/internal/wake/shoal.go", "package wake\n\n// Shoal corrects the height where depth is below half a wave.\n"
              "func Shoal(h, depth float64) float64 {\n\treturn h * green(depth)\n}\n"),
        out=1_900, secs=74, say="Green's law is missing: a wave grows as the water gets shallow.",
    )  # fmt: skip
    lane.step(
        bash("go vet ./internal/wake/", "Vet", "internal/wake/shoal.go:5:13: undefined: green", 3, 60, code=1),
        out=80,
        secs=9,
    )
    lane.step(edit(f"{ROOT}/internal/wake/froude.go", "func froude(", "func green(depth float64) float64 {\n\treturn math.Pow(ref/depth, 0.25)\n}\n\nfunc froude(", 8),
              out=420, secs=33)  # fmt: skip
    lane.step(
        bash("go test ./internal/wake/", "Run the tests", "ok  \tharbor/internal/wake\t0.6s", 6, 50), out=90, secs=8
    )
    lane.step(
        write(f"{ROOT}/cmd/wakefit/main.go", "package main\n\n// Fits the constants to a month of buoys.\nfunc main() {\n\tfit(rows(*data))\n}\n"),
        out=2_300, secs=96, say="To see where it stands I fit against April's buoys.",
    )  # fmt: skip
    lane.step(bash("go run ./cmd/wakefit -data data/wake/2026-04.csv", "First fit", "panic: index out of range [4] with length 4", 21, 150, code=1),
              out=120, secs=14)  # fmt: skip
    lane.step(
        bash("awk -F, 'NF!=4' data/wake/2026-04.csv | head -3", "Odd lines", "07:14,aurora,11.2", 0.4, 60),
        out=100,
        secs=11,
    )
    lane.step(edit(f"{ROOT}/cmd/wakefit/main.go", "row[4]", "row[3]", 22), out=130, secs=12)
    lane.step(_fit(0.431, 34, 130), out=90, secs=9)
    lane.step(write(f"{ROOT}/internal/wake/constants.go", "package wake\n\nconst (\n\tdamping = 0.500\n\tdraught = 0.500\n)\n"),
              out=510, secs=38, say="The constants are in one place now; I tune them against the buoys.")  # fmt: skip
    return lane


def _fit(rms: float, secs: float, tokens: int, rows: int = 2880) -> Tool:
    return bash(
        "go run ./cmd/wakefit -data data/wake/2026-04.csv", "Fit", f"rows {rows}\nrms {rms:.3f} m", secs, tokens
    )


def _converging() -> Case:
    """As long and as dear, and each round finds something else: the model comes down from 43 to 18 cm."""
    lane = _wake("low_novelty/quiet", "f-wake-moves", "09:02:00")
    for index, (path, wrong, old, new, rms) in enumerate(CAUSES):
        lane.step(bash(f"go run ./cmd/wakefit -data data/wake/2026-04.csv -by {('ship', 'hour', 'port', 'tide')[index % 4]}{index}",
                       "Where the error is", f"worst: {wrong}\nrms {rms + 0.02:.3f} m", 33, 260), out=140, secs=16)  # fmt: skip
        lane.step(read(f"{ROOT}/{path}", f"package wake\n\n// {wrong}", 1_300 + 90 * index), out=120, secs=17)
        lane.step(edit(f"{ROOT}/{path}", old, new, 12 + index), out=620, secs=49, say=f"It is {wrong}.")
        if index % 3 == 1:
            lane.step(bash("go test ./internal/wake/", "Run the tests", f"--- FAIL: Test{path.split('/')[-1][:-3].title()}\n    got {rms:.2f}", 6, 140, code=1),
                      out=90, secs=11)  # fmt: skip
            lane.step(edit(f"{ROOT}/{path}", new, f"clamp({new})", 12 + index), out=330, secs=28)
        lane.step(
            bash(
                "go test ./internal/wake/",
                "Run the tests",
                f"ok  \tharbor/internal/wake\t0.{61 + index}s\n{14 + index} tests",
                6,
                60,
            ),
            out=80,
            secs=9,
        )
        lane.step(_fit(rms, 34, 130, rows=2880 - index * 3), out=90, secs=9)
    lane.done("From 43 to 18 cm: eleven causes, each with a test of its own.")
    return Case("low_novelty/quiet", [lane])


CAUSES = (
    ("internal/wake/ships.go", "the catamarans: two hulls, one wave counted", "hulls := 1", "hulls := s.Hulls", 0.402),
    ("internal/wake/clock.go", "buoys that run on local time", "row.T", "row.T.UTC()", 0.377),
    ("internal/wake/depth.go", "depth without the tide", "p.Depth", "p.Depth + tide.At(t)", 0.338),
    ("internal/wake/buoys.go", "buoy 3, moved in February", "pos[3]", "moved[3]", 0.317),
    ("internal/wake/filter.go", "swell from the open sea", "h > 0", "h > swell(t)", 0.290),
    ("internal/wake/speed.go", "speed over ground, not through water", "sog", "sog - current(t)", 0.266),
    ("internal/wake/turns.go", "ships that turn at the pier", "straight(r)", "straight(r) || radius(r) > 300", 0.249),
    ("internal/wake/meet.go", "two ships that meet", "nearest(r)", "sum(near(r))", 0.226),
    ("internal/wake/load.go", "empty ships in the morning", "s.Draught", "s.DraughtAt(load)", 0.209),
    ("internal/wake/ice.go", "nine days of ice", "rows", "without(rows, ice)", 0.194),
    ("internal/wake/edge.go", "the first and the last minute of each record", "rows", "rows[60:len(rows)-60]", 0.181),
)


# -- spiral -------------------------------------------------------------------------------------------------

FLAKY = "Find out why TestQuayLoad is flaky and repair it. If it is too much for you, hand it to a subagent with the same task."


def _spiral() -> Case:
    """Each agent hands the whole task to a new one."""
    top = Session("f-spiral", at("09:00:00"), cwd=ROOT, branch="flaky", version=OLD, cache="5m", model="claude-sonnet-4-5",
                  own_prompt_tokens=3_000, case="spiral/raised")  # fmt: skip
    top.prompt(FLAKY)
    top.title("TestQuayLoad is flaky")
    lanes, calls = [top], list[Tool]()
    for depth in range(7):
        lane = lanes[-1]
        seen = ("internal/quay/load_test.go", "internal/quay/load.go", "internal/quay/clock.go", "Makefile")[depth % 4]
        lane.step(
            read(f"{ROOT}/{seen}", "package quay\n\nfunc TestQuayLoad(t *testing.T) {", 900 + 70 * depth),
            out=110,
            secs=9,
        )
        call = agent(f"Fix flaky TestQuayLoad ({depth + 1})", "general-purpose", FLAKY)
        lane.step(call, out=180, secs=11, say="This needs a closer look than I can give it. I hand it to a subagent.")
        calls.append(call)
        lanes.append(lane.child(f"f-spiral-{depth}", call))
    lanes[-1].step(
        read(f"{ROOT}/internal/quay/load_test.go", "package quay\n\nfunc TestQuayLoad(t *testing.T) {", 900),
        out=110,
        secs=9,
    )
    lanes[-1].step(
        bash("go test -run TestQuayLoad -count 20 ./internal/quay", "Run it twenty times", "", 0, 0, pending=True),
        out=90,
        secs=8,
    )
    return Case("spiral/raised", list(lanes), (("spiral", top),))


def _fan_out() -> Case:
    """Five subagents, each with a page of its own."""
    top = Session("f-fan", at("09:03:00"), cwd=WEB, branch="a11y", version=OLD, cache="5m", model="claude-sonnet-4-5",
                  own_prompt_tokens=3_000, case="spiral/quiet")  # fmt: skip
    top.prompt("Check the booking pages for what a screen reader cannot reach. One subagent for each page.")
    top.title("Accessibility of the booking pages")
    found = (("search", "three icons without a name", "FareList.tsx"), ("seats", "the seat map is one image", "SeatMap.tsx"),
             ("passengers", "errors are told by colour alone", "PassengerForm.tsx"), ("pay", "focus is lost after 3-D Secure", "Checkout.tsx"),
             ("done", "nothing: it reads well", "Done.tsx"))  # fmt: skip
    calls = [agent(f"Check {page}", "general-purpose", f"Check the page /{page} of the booking: what can a screen reader not reach?")
             for page, _, _ in found]  # fmt: skip
    top.step(*calls, out=420, secs=16, say="Five pages, five subagents.")
    children = [top.child(f"f-fan-{page}", call) for call, (page, _, _) in zip(calls, found, strict=True)]
    for index, (lane, (page, said, file)) in enumerate(zip(children, found, strict=True)):
        lane.step(
            read(f"{WEB}/src/pages/{file}", f"export function {file[:-4]}() {{", 1_500 + 300 * index),
            out=120,
            secs=9 + index,
        )
        lane.step(bash(f"pnpm axe /{page}", f"Rules on /{page}", f"{page}: {said}", 9 + index, 200), out=110, secs=8)
        lane.step(out=150, secs=9 + 2 * index, say=f"/{page}: {said}.", ends=True)
    for call, lane, (page, said, _) in zip(calls, children, found, strict=True):
        top.take_back(call, lane, f"/{page}: {said}.")
    top.done("Four of five pages have a gap; the seat map is the worst.")
    return Case("spiral/quiet", [top, *children])
