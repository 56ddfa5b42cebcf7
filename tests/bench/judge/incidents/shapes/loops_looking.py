"""Loops of reading, searching and checking that find nothing new."""

from __future__ import annotations

from tests.bench.judge.incidents.lane import Lane
from tests.bench.judge.incidents.projects import SUFFIX
from tests.bench.judge.incidents.shapes.base import any_line, lead, loop, many, setup


@loop
def reread_files(s: Lane) -> None:
    _w, r, f = setup(s)
    lead(s, s.fill("Explain how a {n} gets from {f} to the {m} and draw up a design for splitting it."))
    for _ in range(many(s, 9, 14)):
        s.round()
        for x in r.sample(f[:3], r.randint(2, 3)):
            s.read(
                x,
                say=s.one(
                    "x",
                    [
                        None,
                        None,
                        "Let me look at {b} again to be sure.",
                        "I need the whole picture before I write the design.",
                        "To understand the flow I'll read this once more.",
                        "Let me re-check how {fn} is called.",
                    ],
                ),
            )


@loop
def reread_chunks(s: Lane) -> None:
    _w, r, f = setup(s)
    lead(s, s.fill("Why is {fn} called twice per request? Find the cause."))
    x = f[0]
    for _ in range(many(s, 10, 15)):
        s.round()
        for _k in range(r.randint(2, 3)):
            lo = r.choice([1, 1, 11, 21, 31])
            s.read(
                x,
                lo,
                r.choice([25, 30, 40]),
                say=s.one(
                    "x",
                    [
                        None,
                        None,
                        None,
                        "I'll look at the part around {fn}.",
                        "Let me view the beginning of the file.",
                        "I want to see the section above.",
                    ],
                ),
            )


@loop
def search_paraphrase(s: Lane) -> None:
    w, r, _f = setup(s)
    lead(s, s.fill("Find where the {n} timeout is configured and raise it to 90 seconds."))
    base = s.slots["n"]
    pats = [
        "%s_timeout",
        "%sTimeout",
        "timeout.*%s",
        "%s.*timeout",
        "TIMEOUT_%s",
        "%s_ttl",
        "set_timeout",
        "deadline.*%s",
        "%s_deadline",
        "max_wait",
        "%s.*seconds",
        "(?i)%s[-_ ]?time[-_ ]?out",
        "expire.*%s",
        "keepalive",
        "read_timeout",
        "%sConfig",
    ]
    r.shuffle(pats)
    for i in range(many(s, 20, 30)):
        s.round()
        p = pats[i % len(pats)]
        s.grep(
            p % base if "%s" in p else p,
            "",
            path=r.choice([None, ".", w.dirs[0], w.dirs[1]]),
            say=s.one(
                "x",
                [
                    None,
                    None,
                    "Nothing there. Let me try another spelling.",
                    "It may be named differently.",
                    "No match; perhaps it is an upper-case constant.",
                    "I'll search more broadly.",
                ],
            ),
        )


@loop
def web_search_paraphrase(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, s.fill("Find out from which version on the library emits `{fn}` events, and pin it."))
    v = [
        "%s event since version",
        "%s changelog release notes",
        '"%s" event introduced',
        "when was %s added",
        "%s emits event documentation",
        "library %s event history",
        "%s event github release",
        "%s minimum version",
        "%s migration guide event",
        "release that added %s event",
    ]
    for _ in range(many(s, 16, 24)):
        s.round()
        s.tool(
            "WebSearch",
            {"query": (s.one("v", v) % s.slots["fn"]) + r.choice(["", " 2026", " docs", " npm", " github"])},
            'Web search results for query: no page mentions the event.\n\nLinks: [{"title":"Events - Guide","url":"https://docs.example.dev/guide/events"},{"title":"Changelog","url":"https://docs.example.dev/changelog"}]',
            dur=2,
            say=s.one(
                "x",
                [
                    None,
                    "Not conclusive, let me search for the release notes.",
                    "I'll phrase it differently.",
                    "The docs don't say. One more search.",
                    None,
                ],
            ),
        )


@loop
def guessed_urls(s: Lane) -> None:
    _w, r, _f = setup(s)
    lead(s, "Read the API docs of our billing provider and implement the refund call.")
    p = [
        "docs",
        "docs/api",
        "api/refunds",
        "reference/refunds",
        "v2/docs",
        "developers",
        "docs/refund",
        "guides/refunds",
        "api-reference",
        "docs/v2/refunds",
        "help/refunds",
        "reference",
    ]
    for _ in range(many(s, 18, 26)):
        s.round()
        s.tool(
            "WebFetch",
            {
                "url": f"https://{r.choice(['docs', 'www', 'developer', 'api'])}.paycove.example/{s.one('p', p)}",
                "prompt": "How is a refund made?",
            },
            "Request failed with status code 404",
            True,
            dur=1.5,
            say=s.one(
                "x",
                [
                    None,
                    "That page does not exist, trying another one.",
                    "The docs may be under a different path.",
                    None,
                    "Let me try the developer site.",
                ],
            ),
        )


@loop
def verify_forever(s: Lane) -> None:
    """Verifies by ever new commands, all of which say the same."""
    w, _r, f = setup(s)
    lead(s, "Remove the unused flag --legacy.")
    s.edit(f[0], any_line(s, f[0]), "")
    c = [
        "rg -n legacy",
        "rg -in 'legacy' .",
        "git grep legacy",
        f"grep -rn legacy --include='*{SUFFIX[w.lang]}' .",
        "rg -l -- --legacy",
        "git diff HEAD --stat",
        "git grep -i -- '--legacy'",
        "rg legacy docs",
        "rg -uu legacy . | head",
    ]
    for _ in range(many(s, 22, 30)):
        s.round()
        x = s.one("c", c)
        s.bash(
            x,
            f" {f[0]} | 1 -" if "diff" in x else "",
            0 if "diff" in x or "head" in x else 1,
            say=s.one(
                "x",
                [
                    "Let me make sure that no use is left.",
                    "And once more, case-insensitively.",
                    None,
                    "One more check to be certain.",
                    "Confirming that it is gone everywhere.",
                    None,
                ],
            ),
        )


@loop
def name_only_variants(s: Lane) -> None:
    """Writes one near-equal file after the other and uses none."""
    _w, r, _f = setup(s)
    lead(s, "Write a script that reproduces the bug.")
    for _ in range(many(s, 12, 17)):
        s.round()
        nm = s.one("n", ["repro.py", "repro2.py", "test_repro.py", "repro_min.py", "repro_final.py", "debug_repro.py"])
        s.write(
            "/tmp/" + nm,
            "import sys\nsys.path.insert(0, '.')\nfrom app import load\n\n{}\n".format(
                r.choice(["print(load('x'))", "r = load('x')\nprint(r)", "result = load('x')\nprint(result)"])
            ),
            say=s.one(
                "x",
                [
                    "A minimal reproduction:",
                    "Let me write a simpler one.",
                    "Another try at reproducing it.",
                    "I'll write a fresh script.",
                ],
            ),
        )
        s.bash("python3 /tmp/" + nm, "ModuleNotFoundError: No module named 'app'", 1)


@loop
def compaction_restart(s: Lane) -> None:
    w, _r, f = setup(s)
    lead(s, s.fill("Write the report on the {n} code into docs/report.md."))
    for _ in range(many(s, 6, 8)):
        s.round()
        for x in [*f, w.files[5]]:
            s.read(
                x,
                say=s.one(
                    "x", [None, None, "I'll go through the code first.", "To continue I need the content of the file."]
                ),
            )
        s.ctx = 21000
        s.user(
            "This session is being continued from a previous conversation that ran out of context. The summary below covers the earlier portion of the conversation.\n\nAnalysis: the files {} were read. Pending: write docs/report.md.".format(
                ", ".join(f)
            ),
            wait=(3, 9),
        )
