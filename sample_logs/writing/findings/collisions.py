"""Two lanes that write one file, and a lane with more words than work."""

from __future__ import annotations

from writing.claude import bash, edit, read, write
from writing.dice import at
from writing.findings.case import Case, Session

ROOT = "/home/mara/harbor"


def cases() -> list[Case]:
    """Each kind, and its look-alike."""
    return [_collision(), _worktrees(), _overdone(), _handbook()]


def _session(case: str, name: str, clock: str, cwd: str, branch: str, title: str, prompt: str) -> Session:
    lane = Session(
        f"{case} {name}",
        at(clock),
        cwd=cwd,
        branch=branch,
        case=case,
        model="claude-sonnet-4-5",
        own_prompt_tokens=3_700,
    )
    lane.mode("acceptEdits")
    lane.prompt(prompt)
    lane.title(title)
    return lane


# -- collision --------------------------------------------------------------------------------------------


def _two(case: str, one_cwd: str, other_cwd: str) -> list[Session]:
    """Two sessions at the price of a cabin, each for a reason of its own, by turns within minutes."""
    season = _session(case, "season", "10:30", one_cwd, "season-prices", "Prices by season",
                      "Cabins cost more in July and August: a factor by season, in the fare engine.")  # fmt: skip
    round_up = _session(case, "round", "10:31:20", other_cwd, "round-up", "Round prices up",
                        "Prices must end in .50 or .00. Round up, everywhere.")  # fmt: skip
    for lane, cwd in ((season, one_cwd), (round_up, other_cwd)):
        lane.step(read(f"{cwd}/internal/fares/cabin.go", "package fares\n\nfunc (e *Engine) cabin(b Booking) Cents {\n\treturn base[b.Cabin] * b.Nights", 2_900),
                  out=110, secs=9)  # fmt: skip
    engine = "internal/fares/cabin.go"
    season.step(edit(f"{one_cwd}/{engine}", "return base[b.Cabin] * b.Nights", "return base[b.Cabin] * b.Nights * season(b.Day) / 100", 14),
                say="The factor belongs where the nights are counted.", out=340, secs=44)  # fmt: skip
    round_up.step(
        edit(
            f"{other_cwd}/{engine}",
            "package fares",
            "package fares\n\nfunc up(c Cents) Cents { return (c + 49) / 50 * 50 }",
            1,
        ),
        out=380,
        secs=66,
    )
    season.step(bash("go test ./internal/fares", "The tests of fares", "ok  harbor/internal/fares  1.8s" if one_cwd != other_cwd
                     else "internal/fares/cabin.go:4: up declared and not used", 9, 120, code=0 if one_cwd != other_cwd else 2), out=90, secs=8)  # fmt: skip
    season.wait(50)
    season.step(edit(f"{one_cwd}/{engine}", "func (e *Engine) cabin(", "// cabin knows the season: see season.go\nfunc (e *Engine) cabin(", 12), out=240, secs=20,
                say="I say in the code where the factor comes from.")  # fmt: skip
    round_up.wait(70)
    round_up.step(
        edit(
            f"{other_cwd}/{engine}",
            "func (e *Engine) cabin(b Booking) Cents {",
            "func (e *Engine) cabin(b Booking) (c Cents) {\n\tdefer func() { c = up(c) }()",
            16,
        ),
        out=310,
        secs=25,
    )
    for lane, about in ((season, "July and August cost 30% more"), (round_up, "prices end in .50 or .00")):
        lane.step(
            bash("go test -run Cabin ./internal/fares", "The cabins", "ok  harbor/internal/fares  0.9s", 7, 80),
            out=80,
            secs=7,
        )
        lane.done(f"Cabins: {about}. The tests of cabins pass.")
    return [season, round_up]


def _collision() -> Case:
    case = "collision/raised"
    season, round_up = lanes = _two(case, ROOT, ROOT)
    return Case(case, [*lanes], (("collision", season), ("collision", round_up)))


def _worktrees() -> Case:
    """The same two at the same file, each in a worktree of its own: git brings them together later."""
    case = "collision/quiet"
    return Case(case, [*_two(case, f"{ROOT}-wt/season", f"{ROOT}-wt/round")])


# -- overdone ---------------------------------------------------------------------------------------------

CODE = """package retry

import (
\t"context"
\t"errors"
\t"math/rand/v2"
\t"time"
)

type Policy struct {
\tTries int
\tFirst time.Duration
\tMost  time.Duration
}

var Card = Policy{Tries: 4, First: 200 * time.Millisecond, Most: 3 * time.Second}

var ErrGaveUp = errors.New("gave up")

type temporary interface{ Temporary() bool }

func worth(err error) bool {
\tvar t temporary
\treturn errors.As(err, &t) && t.Temporary()
}

func (p Policy) pause(try int) time.Duration {
\td := p.First << try
\tif d > p.Most {
\t\td = p.Most
\t}
\treturn d/2 + rand.N(d/2)
}

func Do(ctx context.Context, p Policy, call func(context.Context) error) error {
\tvar last error
\tfor try := range p.Tries {
\t\tlast = call(ctx)
\t\tif last == nil || !worth(last) {
\t\t\treturn last
\t\t}
\t\tif err := sleep(ctx, p.pause(try)); err != nil {
\t\t\treturn err
\t\t}
\t}
\treturn errors.Join(ErrGaveUp, last)
}

func sleep(ctx context.Context, d time.Duration) error {
\tt := time.NewTimer(d)
\tdefer t.Stop()
\tselect {
\tcase <-ctx.Done():
\t\treturn ctx.Err()
\tcase <-t.C:
\t\treturn nil
\t}
}
"""
TOPICS = (
    ("Overview", "the retry of card payments", "a payment"), ("Concepts", "tries, pauses and the last error", "a try"),
    ("Configuration", "the policy and its three fields", "a field"), ("Choosing a policy", "which numbers fit which service", "a number"),
    ("Jitter", "why no two pauses are equal", "a pause"), ("Errors", "which errors are worth another try", "an error"),
    ("Cancellation", "what a context that ends does", "a context"), ("Examples", "payments, refunds and vouchers", "an example"),
    ("Troubleshooting", "what to look at when it gives up", "a failure"), ("Glossary", "the words of this page", "a word"),
)  # fmt: skip
POINTS = (
    "What it is", "Why it is there", "When to use it", "When not to use it", "What it costs", "How it is tested",
    "What can go wrong", "What to do then", "Who decides about it", "Where it is in the code", "What is left out", "See also",
    "How it was before", "What may come", "A note for operators", "A note for developers", "In one sentence",
)  # fmt: skip


def _page(topics: tuple[tuple[str, str, str], ...], title: str) -> str:
    """A page of two lines for each point: a heading's worth of words on something small."""
    parts = [f"# {title}"]
    for topic, about, thing in topics:
        parts.append(f"\n## {topic}\n\nThis section is about {about}.\n")
        parts += [f"- **{point}**: {thing} of {topic.lower()} has its own answer here." for point in POINTS]
        parts += [f"  {number}. Step {number} for {thing}: look, decide, go on." for number in range(1, 21)]
    return "\n".join(parts) + "\n"


def _overdone() -> Case:
    """Sixty lines were needed; four hundred lines of prose came with them, unasked."""
    case = "overdone/raised"
    lane = _session(case, "retry", "12:04", ROOT, "card-retry", "Retry card payments",
                    "Card payments fail now and then with a temporary error. Retry them, three times at most, and not forever.")  # fmt: skip
    lane.step(
        read(
            f"{ROOT}/internal/pay/card.go",
            "package pay\n\nfunc (c *Card) Charge(ctx context.Context, amount Cents) error {",
            2_100,
        ),
        out=120,
        secs=9,
    )
    lane.step(
        write(f"{ROOT}/internal/retry/retry.go", CODE),
        out=1_100,
        secs=38,
        say="A small package, so that refunds can use it too.",
    )
    lane.step(
        edit(
            f"{ROOT}/internal/pay/card.go",
            "return c.post(ctx, amount)",
            "return retry.Do(ctx, retry.Card, c.poster(amount))",
            31,
        ),
        out=240,
        secs=15,
    )
    lane.step(
        bash(
            "go test ./internal/pay ./internal/retry",
            "Both",
            "ok  harbor/internal/pay  2.2s\n?   harbor/internal/retry [no test files]",
            8,
            110,
        ),
        out=80,
        secs=6,
    )
    lane.step(write(f"{ROOT}/docs/retry/README.md", _page(TOPICS[:4], "Retry")), out=5_400, secs=121,
              say="I add a comprehensive guide, so that everybody understands the policy.")  # fmt: skip
    lane.step(write(f"{ROOT}/docs/retry/REFERENCE.md", _page(TOPICS[4:8], "Retry reference")), out=5_600, secs=126)
    lane.step(
        write(f"{ROOT}/docs/retry/TROUBLESHOOTING.md", _page(TOPICS[8:], "Retry troubleshooting")), out=2_900, secs=70
    )
    lane.done(
        "Card payments are retried with growing pauses. A full guide, a reference and a troubleshooting page are in docs/retry."
    )
    return Case(case, [lane], (("overdone", lane),))


def _handbook() -> Case:
    """As many lines of prose, and this time they are what was asked for."""
    case = "overdone/quiet"
    lane = _session(case, "handbook", "12:04", ROOT, "retry-handbook", "A handbook of retries",
                    "The operators need a handbook on retries: a page for each question that they sent us. "
                    "If you find a mistake in the code on the way, mend it.")  # fmt: skip
    lane.step(read(f"{ROOT}/internal/retry/retry.go", CODE, 900), out=120, secs=9)
    lane.step(
        read(
            f"{ROOT}/ops/questions.txt",
            "1. How often does it try?\n2. Who decides?\n3. What if it gives up at night?",
            700,
        ),
        out=90,
        secs=7,
    )
    lane.step(
        write(f"{ROOT}/handbook/retry/README.md", _page(TOPICS[:3], "Retry")),
        out=4_300,
        secs=96,
        say="The first page: what they asked most.",
    )
    lane.step(
        edit(
            f"{ROOT}/internal/retry/retry.go",
            "\td := p.First << try",
            "\tif try > 20 {\n\t\treturn p.Most // a shift that far overflows\n\t}\n\td := p.First << try",
            29,
        ),
        out=310,
        secs=19,
    )
    lane.step(
        write(f"{ROOT}/handbook/retry/AT-NIGHT.md", _page(TOPICS[8:], "When it gives up at night")), out=3_000, secs=71
    )
    lane.step(
        bash(
            "go test ./internal/retry && ls handbook/retry",
            "Both",
            "ok  harbor/internal/retry  0.3s\nAT-NIGHT.md  README.md",
            6,
            70,
        ),
        out=80,
        secs=6,
    )
    lane.done("Two pages answer the three questions. On the way: a shift could overflow after twenty tries, mended.")
    return Case(case, [lane])
