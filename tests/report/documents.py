"""Invented reports: the foreman's loop with figures like those of the sample, a fleet of any size, next to nothing."""

from __future__ import annotations

import dataclasses
import math

from msgspec.structs import replace

from tui.model.event import Origin, UnreadableLine
from tui.model.evidence import Evidence, LaneId
from tui.model.finding import Condition, Family, Finding, FindingKind, Member, Severity, Verb
from tui.model.snapshot import LaneState
from tui.model.trust import Trust
from tui.model.usage import Usage
from tui.report.document import (
    ActionRow,
    Advice,
    AdviceCount,
    Chatter,
    CheckColumn,
    Closeout,
    ContextSeries,
    Coverage,
    CoverageCell,
    CoverageRow,
    Digest,
    FigureRow,
    Figures,
    FigureTable,
    FindingRow,
    Gap,
    HalfDone,
    HalfKind,
    LaneRow,
    LineOfWork,
    Moment,
    MomentKind,
    NewKind,
    NewThing,
    NewThings,
    Note,
    NumberedActions,
    Overview,
    Phase,
    Report,
    Retention,
    Sample,
    Saving,
    Series,
    Source,
    Statement,
    StopPoint,
    Tick,
    Timeline,
    Tokens,
    Verdict,
    Window,
    tokens_of,
)

START = 1_778_304_756.0
"""2026-05-09 05:32:36 UTC."""
END = START + 21_939
"""2026-05-09 11:38:15 UTC."""
WORKER, FOREMAN = LaneId("codex:ab2a4b36"), LaneId("claude:7d574def")
WORKER_PATH = "/home/mara/.codex/sessions/2026/05/09/rollout-2026-05-09T05-33-17-019e0b39.jsonl"
FOREMAN_PATH = "/home/mara/.claude/projects/-home-mara-harbor/7d574def-68ff-4471-a749-400a815a5125.jsonl"
TOTAL = 1_190_826_256
PRICE = 0.5e-6
ACTIONS = [
    "resend-confirmation", "reissue-ticket", "refund-hold", "waive-fee", "swap-vessel", "split-party", "void-case",
    "hold-voucher", "move-sailing", "merge-booking", "release-hold", "close-case",
]  # fmt: skip
CHECKS = ("go test ./operator/<…>", "go vet ./...", "make guard-session", "make guard-port", "golangci-lint run")


def usage(total: int, cached: float = 0.9996) -> Tokens:
    """A usage of this total, nearly all of it cache reads."""
    reads = int(total * cached)
    rest = total - reads
    return tokens_of(
        Usage(
            input=rest // 2,
            cache_read=reads,
            cache_write_1h=rest // 6,
            output=rest - rest // 2 - rest // 6,
            reasoning=rest // 200,
        )
    )


def figures(
    total: int, start: float | None = None, end: float | None = None, calls: int = 12, errors: int = 0
) -> Figures:
    """Figures of so many tokens."""
    return Figures(usage(total), total * PRICE, calls, calls - 2, errors, start, end)


def at_worker(text: str, offset: int) -> Evidence:
    """A place in the worker's transcript."""
    return Evidence(text, START + offset / 90, WORKER_PATH, offset)


def action_start(index: int) -> float:
    """When the action begins: 88 of them fill the window."""
    return START + 41 + index * 249.0


def action_row(index: int) -> ActionRow:
    """One of the worker's actions: three of their own, then ever the same."""
    name = f"S{85 + index:03}"
    verb = ACTIONS[index % len(ACTIONS)]
    phase = 1 if index < 6 else 2 if index < 36 else 3
    noise = math.sin(index * 2.3)
    novelty = (0.86 - 0.09 * index) if index < 6 else (0.14 + 0.08 * noise) if index < 36 else 0.02 * abs(noise)
    spent = int(3_300_000 + index * 108_000 + 900_000 * abs(noise)) if index < 87 else 0
    advice = Advice.KEEP if index < 3 else Advice.MOSTLY if index < 6 else Advice.COMPRESS
    title = f"{name} prove the operator action {verb} in the envelope. Signed in, own port only, result visible."
    return ActionRow(
        lane=WORKER, index=index, name=name, title=title, origin=Origin.AGENT, outcome="ended" if index < 87 else "running",
        figures=figures(spent, action_start(index), action_start(index) + 230, 12, 1 if index % 9 == 2 else 0),
        steps=12 if index < 87 else 0, novelty=max(0.0, novelty) if index < 87 else None,
        likeness=None if index == 0 else 0.4 if index < 3 else 0.93,
        new_things=new_things(max(0, 9 - index * 2) if index < 6 else index % 5 == 0),
        family="codex:ab2a4b36@67491" if index >= 3 else None, phase=phase, advice=advice,
        reason="holds a new check" if index < 3 else "the same shape as the three before, nothing new",
        chatter=False, evidence=at_worker(title, 2351 + index * 22_000),
    )  # fmt: skip


def new_things(count: int) -> NewThings:
    """So many new things, files first."""
    first = tuple(
        NewThing(
            NewKind.CHECK if index % 2 else NewKind.FILE,
            f"operator/{ACTIONS[index % 12]}.go" if index % 2 == 0 else "go test ./operator/...",
            "passed" if index % 2 else "", WORKER, f"S{85 + index:03}", at_worker("seen first", 4000 + index * 911),
        )
        for index in range(min(8, int(count)))
    )  # fmt: skip
    return NewThings(
        files=int(count) // 2, checks=int(count) - int(count) // 2, check_runs=int(count) * 3 + 4, checks_passed=int(count) * 2 + 4,
        checks_failed=int(count), first=first,
    )  # fmt: skip


def phase(number: int, name: str, reason: str, rows: list[ActionRow], new: int) -> Phase:
    """A stretch of these actions."""
    spent = sum(row.figures.usage.total for row in rows)
    known = [row.novelty for row in rows if row.novelty is not None]
    return Phase(
        number, name, reason, rows[0].name, rows[-1].name, len(rows),
        figures(spent, rows[0].figures.start, rows[-1].figures.end, 12 * len(rows)), spent / TOTAL,
        sum(known) / len(known), 0.41 if number == 1 else 0.94, new_things(new),
    )  # fmt: skip


def worker_run() -> LineOfWork:
    """The worker's 88 actions in three phases."""
    rows = [action_row(index) for index in range(88)]
    phases = (
        phase(
            1, "converging", "novelty 64% and falling; three actions of their own, then the first proof", rows[:6], 24
        ),
        phase(2, "repeating", "novelty 14%: a small find now and then, 93% alike", rows[6:36], 6),
        phase(3, "churning", "novelty 1%: nothing new in 52 actions, 95% alike", rows[36:], 1),
    )
    spent = sum(row.figures.usage.total for row in rows)
    return LineOfWork("codex in harbor", "codex", (WORKER,), tuple(rows), figures(spent), spent / TOTAL, phases, "")


def foreman_run() -> LineOfWork:
    """The foreman's actions: reports that it acknowledges."""
    rows: list[ActionRow] = []
    for index in range(87):
        title = (
            f"Report of S{85 + index:03}: {ACTIONS[index % 12]} holds in the envelope: session, port and audit green."
        )
        rows.append(
            ActionRow(
                FOREMAN, index, title, title, Origin.AGENT, "ended",
                figures(1_400_000 + 18_000 * index, action_start(index) + 20, action_start(index) + 40, 4), 4,
                0.4 if index < 3 else 0.05, 0.9, NewThings(), "claude:7d574def@7680", 1, Advice.ARCHIVE,
                "acknowledges and assigns", True, Evidence(title, action_start(index), FOREMAN_PATH, 7680 + index * 7000),
            )
        )  # fmt: skip
    spent = sum(row.figures.usage.total for row in rows)
    return LineOfWork(
        "claude in harbor", "claude", (FOREMAN,), tuple(rows), figures(spent), spent / TOTAL, (), "nothing changed"
    )


def finding(
    kind: FindingKind, severity: Severity, since: float, title: str, tokens: int | None, lane: LaneId | None = WORKER,
    family: str | None = None, suggest: Verb | None = Verb.CLOSE, until: float | None = None,
) -> Finding:  # fmt: skip
    """A finding with three pieces of evidence."""
    evidence = (
        at_worker("template: S<n> prove the operator action <…> in the envelope. Signed in, own port only.", 133_217),
        at_worker("S170 prove the operator action waive-ticket in the envelope: 0% new, 12,443,252 tokens", 1_877_253),
        Evidence("the first five actions: 0.894 per 1M tokens"),
    )
    return Finding(kind, f"{kind}:{lane}", lane, family, severity, since, until, tokens, title, evidence, suggest)


def stop_finding() -> Finding:
    """What said stop as S091 began."""
    return finding(
        FindingKind.STOP, Severity.STOP, action_start(6), "85 actions, only the name changes: S088 … S172", 937_143_969,
        family="codex:ab2a4b36@67491",
    )  # fmt: skip


def families() -> tuple[Family, ...]:
    """The worker's and the foreman's."""
    members = tuple(
        Member(
            WORKER, index, f"S{85 + index:03}", "prove it", action_start(index), action_start(index) + 230, 2351 + index * 22_000,
            WORKER_PATH, 3_300_000 + index * 108_000, 12, 0.12 if index < 36 else 0.0, "ended", (ACTIONS[index % 12],),
        )
        for index in range(3, 88)
    )  # fmt: skip
    reports = tuple(
        Member(
            FOREMAN, index, f"Report of S{85 + index:03}", "", action_start(index) + 20, action_start(index) + 60, 7680 + index,
            FOREMAN_PATH, 2_000_000, 4, 0.06, "ended", (f"S{85 + index:03}", ACTIONS[index % 12]),
        )
        for index in range(87)
    )  # fmt: skip
    conditions = (
        Condition("the envelope is proven", True, "85 members ended well"),
        Condition("the guardrails are unchanged", True, "session, port and audit checks are those of the last three"),
        Condition("the next differs by its label alone", True, "S172 fits the template; only “hold-voucher” is new"),
    )
    return (
        Family(
            "codex:ab2a4b36@67491", "S<n> prove the operator action <…> in the envelope. Signed in, own port only, result visible",
            members, 85, 960_000_000, 937_143_969, 0.95, conditions, "0% new in the last three, for 37.3M tokens", action_start(5),
            True,
        ),
        Family(
            "claude:7d574def@7680", "Report of S<n>: <…> holds in the envelope: session, port and audit green.", reports, 87,
            188_000_000, 176_493_425, 0.91, conditions[:2], "5% new in the last three", action_start(2), True,
        ),
    )  # fmt: skip


def timeline() -> Timeline:
    """Five-minute buckets, contexts that are compacted, an operator who looked in twice."""
    buckets = 74
    worker = tuple(int(9_000_000 + 120_000 * at + 3_000_000 * math.sin(at * 1.7)) for at in range(buckets))
    foreman = tuple(int(2_000_000 + 15_000 * at + 700_000 * math.cos(at)) for at in range(buckets))
    context = tuple(Sample(START + 60 + at * 220, 120_000 + (at % 33) * 28_000) for at in range(99))
    second = tuple(Sample(START + at * 300, 40_000 + at * 7_300) for at in range(74))
    moments = [
        Moment(
            START + 200, MomentKind.ORDER, WORKER, "pause by the gate: held", "mara (pts/3)", at_worker("paused", 3000)
        ),
        *(
            Moment(START + 60 + at * 33 * 220, MomentKind.COMPACTION, WORKER, "1,016,000 → 120,000 tokens")
            for at in (1, 2)
        ),
        Moment(START + 9000, MomentKind.LIMIT, FOREMAN, "five-hour window 81% used"),
        *(Moment(action_start(at), MomentKind.ACTION, WORKER, f"S{85 + at:03} begins") for at in range(88)),
    ]
    return Timeline(
        START, 300.0, (Series(WORKER, "S085 build the envelope", worker), Series(FOREMAN, "Loom, foreman", foreman)),
        (ContextSeries(WORKER, "S085 build the envelope", context), ContextSeries(FOREMAN, "Loom, foreman", second)),
        tuple(sorted(moments, key=lambda moment: moment.at)), 0,
    )  # fmt: skip


def lane_row(id: LaneId, agent: str, title: str, total: int, model: str, **of: int) -> LaneRow:
    """A lane of the loop, or any other."""
    digest = Digest(
        files=("operator/envelope.go", "operator/envelope_test.go", "docs/operator/S085.md"), files_count=91,
        commands=("go test", "git commit", "make guard-session"),
        checks=(Statement("go test ./operator/...: passed", (at_worker("ok", 1_919_000),)),),
        last_words=Statement("S172 holds in the envelope. Next: S173?", (at_worker("said", 1_921_259),)),
    )  # fmt: skip
    return LaneRow(
        id, None, of.get("depth", 0), agent, title, "harbor", (model,), LaneState.ENDED, figures(total, START + 41, END, 1048, 12),
        usage(total), total / TOTAL, total * 3600 / 21_939, total * 3600 / 21_900, 88, 18_400, 1_039_616, 1_047_000, 1_050_000,
        of.get("compactions", 2), (), digest,
    )  # fmt: skip


def loop_coverage() -> Coverage:
    """88 actions by five checks."""
    ticks = [
        [Tick.PASSED, Tick.PASSED, Tick.PASSED if row % 3 else Tick.MISSING, Tick.UNCLEAR if row % 17 == 4 else Tick.PASSED,
         Tick.FAILED if row % 23 == 5 else Tick.MISSING]
        for row in range(88)
    ]  # fmt: skip
    columns = tuple(
        CheckColumn(name, "test" if at == 0 else "guard" if "guard" in name else "lint",
                    sum(row[at] is Tick.PASSED for row in ticks), sum(row[at] is Tick.FAILED for row in ticks),
                    sum(row[at] is Tick.MISSING for row in ticks))
        for at, name in enumerate(CHECKS)
    )  # fmt: skip
    rows = tuple(
        CoverageRow(
            f"S{85 + at:03}",
            ACTIONS[at % 12],
            WORKER,
            tuple(CoverageCell(tick, at_worker("ran", 5000 + at)) for tick in row),
        )
        for at, row in enumerate(ticks)
    )
    return Coverage("codex in harbor", columns, rows, 0, 1)


def loop_report() -> Report:
    """The loop of six hours, in figures like those of `sample_logs/loop`."""
    stop = stop_finding()
    codex, claude = 1_000_046_163, 190_780_093
    found = (
        FindingRow(stop, "S091", 0.787),
        FindingRow(finding(FindingKind.FAMILY_TOO_LONG, Severity.STOP, action_start(6) + 50, "87 similar actions in a row: S085 … S171",
                      176_493_425, FOREMAN, "claude:7d574def@7680", Verb.REDIRECT), "Report of S090", 0.148),
        FindingRow(finding(FindingKind.OWED_OUTPUT, Severity.WARN, action_start(7), "after 85 actions of one shape a closing summary is owed",
                      926_575_537), "S092", 0.778),
        FindingRow(finding(FindingKind.declare("low_novelty"), Severity.WARN, action_start(8), "novelty per 1M tokens fell from 0.894 to 0.084",
                      915_100_108, suggest=Verb.REDIRECT), "S093", 0.768),
        FindingRow(finding(FindingKind.declare("cache_heavy"), Severity.INFO, action_start(40), "a turn costs 14 times what it cost at the start",
                      None, FOREMAN, suggest=None, until=action_start(60)), "", None),
    )  # fmt: skip
    return Report(
        head=Overview(
            title="harbor: 88 operator actions", window=Window(START, END),
            verdict=Verdict(
                ("One lane proved the same envelope 85 times: only the label differed from S088 to S172.",
                 "Nothing new came after S120; 79% of all tokens were spent after the first stop.",),
                quiet=False,
            ),
            figures=Figures(
                tokens_of(Usage(244_603, 1_190_357_471, 0, 76_492, 0, 147_690, 391)), 600.610245, 1398, 1211, 24, START, END
            ),
            burn=TOTAL * 3600 / 21_939, lanes=2, actions=175,
            agents=FigureTable((
                FigureRow("codex", figures(codex, calls=1048), codex / TOTAL, codex * 3600 / 21_939, 1),
                FigureRow("claude", figures(claude, calls=350), claude / TOTAL, claude * 3600 / 21_939, 1),
            )),
            sequences=(NumberedActions("S", "codex in harbor", "S085", "S172", 88, (), 0, (WORKER, FOREMAN), 13_500_000.0, 249.3, 14.44),),
            masked=3, skipped=(UnreadableLine(WORKER_PATH, 812, 91_244, "not JSON: it ends in mid-line"),), skipped_lines=1,
            notes=(Note("clock", "The clocks of foreman and worker differ by up to 2 s.", (FOREMAN, WORKER)),), version="0.4.0",
        ),
        models=FigureTable((
            FigureRow("gpt-5.4", figures(codex, calls=1048), codex / TOTAL, codex * 3600 / 21_939, 1),
            FigureRow("claude-opus-4-6", figures(claude, calls=350), claude / TOTAL, claude * 3600 / 21_939, 1),
        )),
        commands=FigureTable(), issues=FigureTable((FigureRow("S172", figures(1_200_000), 0.001, 1e5, 2),), 87, figures(1_100_000_000)),
        lanes=(
            lane_row(WORKER, "codex", "S085 build the envelope that every operator action runs in. Sign-in, port scope", codex, "gpt-5.4"),
            lane_row(FOREMAN, "claude", "Loom, foreman of the operator actions", claude, "claude-opus-4-6", compactions=0),
        ),
        timeline=timeline(), runs=(worker_run(), foreman_run()), families=families(), findings=found,
        stop=StopPoint(
            action_start(6), "S091", stop, 937_143_969, 937_143_969 / TOTAL, 471.31, 20_385.0, 1_113_637_394, 561.21,
            (Saving(WORKER, 937_143_969, 471.31, 20_385.0, True), Saving(FOREMAN, 176_493_425, 89.90, 20_400.0, False)),
            "The agents would have gone on differently: this is what they spent, not what they would have spent.",
            stop.title,
        ),
        coverage=(loop_coverage(),),
        gaps=(
            Gap("check", "golangci-lint ran in 4 of 88 actions and failed in each", at_worker("lint", 44_000)),
            Gap("plan", "“audit row for a refused action” was planned and never done", at_worker("plan", 9_000)),
        ),
        closeouts=(closeout(),),
        retention=Retention(
            (AdviceCount(Advice.KEEP, 3, 11_000_000), AdviceCount(Advice.MOSTLY, 3, 13_000_000),
             AdviceCount(Advice.COMPRESS, 82, 976_000_000), AdviceCount(Advice.ARCHIVE, 87, 190_000_000)),
            Chatter(170, 402, 88_000_000, 0.074, 87, (at_worker("ack", 7_000), at_worker("next", 8_000))),
        ),
        half_done=(
            HalfDone(HalfKind.OPEN_CALL, WORKER, "S172 was assigned and never begun", (at_worker("S172", 1_921_259),)),
            HalfDone(HalfKind.FAILING_CHECK, WORKER, "golangci-lint run: exit 1", (at_worker("lint", 1_700_000),)),
        ),
        sources=(Source("T1", WORKER_PATH, (WORKER,)), Source("T2", FOREMAN_PATH, (FOREMAN,))),
    )  # fmt: skip


def short_report() -> Report:
    """The loop with only a few of each: every kind of text is in it, and it is quickly drawn."""
    whole = loop_report()
    return replace(
        whole,
        runs=tuple(replace(run, actions=run.actions[:7]) for run in whole.runs),
        families=tuple(dataclasses.replace(family, members=family.members[:4]) for family in whole.families),
        coverage=tuple(replace(each, rows=each.rows[:5]) for each in whole.coverage),
        timeline=replace(whole.timeline, moments=whole.timeline.moments[:12]),
    )


def closeout() -> Closeout:
    """A draft for the worker's line of work."""
    return Closeout(
        "codex in harbor",
        (Statement("Build the envelope that every operator action runs in, and prove it.", (at_worker("prompt", 2351),)),),
        tuple(Statement(f"{name} runs in the envelope: signed in, own port only, one audit row", (at_worker("ok", 9_000 + at),))
              for at, name in enumerate(ACTIONS[:4])),
        (Statement("operator/envelope.go", (at_worker("edit", 6_100),)), Statement("docs/operator/S085.md", (at_worker("edit", 6_900),))),
        89,
        (Statement("go test ./operator/...: passed", (at_worker("ok", 1_919_000),)), Statement("golangci-lint run: failed", (at_worker("no", 1_700_000),))),
        figures(1_000_046_163, calls=1048, errors=12),
        (Statement("Is an audit row written for a refused action? Nobody answered.", (at_worker("asked", 91_000),)),),
        ("S085 … S087: the envelope and its first proofs",), ("S091 … S172: 82 renamed proofs",),
        ("What product risk is left?", "Who owns the envelope from here on?"),
    )  # fmt: skip


def fleet_report(lanes: int) -> Report:
    """A report of so many small lanes without a finding, as a tree of ten branches."""
    ids = [LaneId(f"claude:{index:08x}") for index in range(lanes)]
    sizes = [int(40_000_000 / (1 + index) ** 0.8) + 9_000 for index in range(lanes)]
    total = sum(sizes)
    rows = tuple(
        LaneRow(
            id, ids[index - index % 10] if index % 10 else None, 1 if index % 10 else 0, "claude" if index % 3 else "codex",
            f"PR{1000 + index} move module {index} to the new client", f"project-{index % 7}", ("claude-sonnet-4-5",),
            list(LaneState)[index % len(LaneState)], figures(sizes[index], START + index * 20, END - index * 11), usage(sizes[index]),
            sizes[index] / total, sizes[index] / 6, sizes[index] / 3, 4, 18_000, 90_000, 120_000, 200_000, 0,
            (Trust.PROVISIONAL,) if index % 40 == 0 else (), Digest(files=(f"src/m{index}.py",), files_count=1),
        )
        for index, id in enumerate(ids)
    )  # fmt: skip
    named = min(7, lanes)
    series = [
        Series(
            ids[index],
            rows[index].title,
            tuple(int(sizes[index] / 74 * (1 + math.sin(at / 5 + index))) for at in range(74)),
        )
        for index in range(named)
    ]
    if lanes > named:
        rest = sum(sizes[named:])
        series.append(Series(None, "", tuple(int(rest / 74 * (1 + math.cos(at / 9) / 2)) for at in range(74))))
    runs = tuple(
        LineOfWork(f"claude in project-{index}, branch {index}", "claude", (ids[index],),
            tuple(fleet_action(ids[index], at, sizes[index]) for at in range(4)), figures(sizes[index]), sizes[index] / total, (),
            "too few actions: 4")
        for index in range(lanes)
    )  # fmt: skip
    found = tuple(
        FindingRow(finding(FindingKind.UNVERIFIED_CLAIM, Severity.WARN, START + index * 50, f"says that tests pass, ran none: {index}",
                      sizes[index], ids[index], suggest=None), "", sizes[index] / total)
        for index in range(lanes // 3)
    )  # fmt: skip
    base = empty_report()
    head = Overview(
        "A day of many lanes", Window(START, END), Verdict(("Nothing asks you to act.",), quiet=True), figures(total, START, END),
        total * 3600 / 21_939, lanes, lanes * 4, FigureTable((FigureRow("claude", figures(total), 1.0, total / 6, lanes),)), (), 0, (), 0, (),
        "0.4.0",
    )  # fmt: skip
    return Report(
        head, FigureTable((FigureRow("claude-sonnet-4-5", figures(total), 1.0, total / 6, lanes),)), FigureTable(), FigureTable(), rows,
        Timeline(START, 300.0, tuple(series)), runs, (), found, None, (), (), (), base.retention, (),
        tuple(Source(f"T{index + 1}", f"/home/mara/.claude/projects/p/{id}.jsonl", (id,)) for index, id in enumerate(ids)),
    )  # fmt: skip


def fleet_action(lane: LaneId, index: int, total: int) -> ActionRow:
    """One of four."""
    title = f"step {index + 1} of the move"
    return ActionRow(
        lane, index, title, title, Origin.PERSON, "ended", figures(total // 4, START + index * 60, START + index * 60 + 50), 5, 0.7,
        None, new_things(3), None, None, Advice.KEEP, "new files", False, Evidence(title),
    )  # fmt: skip


def empty_report() -> Report:
    """Nothing was found to report on."""
    head = Overview(
        "", Window(None, None), Verdict((), quiet=True), Figures(), None, 0, 0, FigureTable(), (), 0, (), 0, (), "0.4.0"
    )  # fmt: skip
    return Report(
        head, FigureTable(), FigureTable(), FigureTable(), (), Timeline(), (), (), (), None, (), (), (), Retention(), (), ()
    )  # fmt: skip
