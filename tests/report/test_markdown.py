"""Markdown that no text of a transcript breaks out of, as a code host would read it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.judge.lanes import Script
from tests.report.making import EVERY, report_on, sample
from tests.view.test_safe_text import SECRETS
from tui.report.display_text import clock, long_duration, rounded, shown
from tui.report.markdown import code, markdown, prose, row
from tui.report.published import report_text

READER = MarkdownIt("gfm-like")
HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[click](https://evil.example)", "![x](https://evil.example/a.png)",
    "https://evil.example/login", "www.evil.example", "@octocat look", "#4711", "a | b || c", "\\| x \\\\| y", "`` ` ``", "```\nfence",
    "# heading", "> quote", "- list", "1. one", "***bold***", "__init__ _x_", "~~gone~~", "\x1b[31mred\x1b[0m", "a\u202eb",
    "<details><summary>x", "&lt;b&gt;", "$x$ $$y$$", "| --- |", "a\nb\n\nc", "", "   ", "\\", "`", "mailto:a@b.example", "=====",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE), st.text("`|\\ <>*_[]()#@!~-=$&\n", max_size=30))


def tokens(page: str) -> list[Token]:
    """All tokens, those within lines too."""
    found: list[Token] = []
    for token in READER.parse(page):
        found += [token, *(token.children or [])]
    return found


def assert_harmless(page: str) -> None:
    for token in tokens(page):
        assert token.type not in ("link_open", "image", "s_open"), token
        if token.type in ("html_inline", "html_block"):
            assert re.fullmatch(r"(</?(?:details|summary)>|[\w ,:]|\s)*", token.content), token.content


@given(TEXTS)
def test_quoted_texts_stay_in_their_code_span(raw: str):
    made = code(raw)
    inline = [
        token
        for token in tokens(f"begin {made} end")
        if token.type not in ("inline", "paragraph_open", "paragraph_close")
    ]
    assert {token.type for token in inline} <= {"text", "code_inline"}
    quoted = [token.content for token in inline if token.type == "code_inline"]
    assert len(quoted) == (1 if made else 0)


@given(TEXTS)
def test_prose_holds_no_markup(raw: str):
    made = prose(raw)
    for page in (f"- {made}", made):
        types = {token.type for token in tokens(page)}
        assert types <= {
            "text", "code_inline", "inline", "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close",
            "list_item_open", "list_item_close",
        }, made  # fmt: skip
        lists = [token for token in tokens(page) if token.type == "bullet_list_open"]
        assert len(lists) == page.startswith("- ")


REFERENCES = [
    "GH-1", "gh-22", "(GH-3)", "GH-4.", "x/GH-5", "#6", "octocat/spoon#7", "octocat#8", "@octocat", "octocat/spoon@a5c3785",
    "a5c3785", "a5c3785ed8d6a35868bc169f07e40e889087fd2e", "(a5c3785)", "1234567", "!12", "%3", ":smile:", ":+1:", ":100:",
    "well:tada:done", ":white_check_mark:.", "octocat@a5c3785",
]  # fmt: skip
PLAIN = [
    "10:30:45",
    "12:00",
    "50%",
    "$12.34",
    "ratio 3:1",
    "well-known",
    "HARB-112",
    "2026-08-03",
    "done!",
    "a:b",
    "fresh 1,234,567",
]


@pytest.mark.parametrize("raw", REFERENCES)
def test_what_a_code_host_makes_a_reference_or_a_picture_of_is_quoted(raw: str):
    for text in (raw, f"see {raw} now", f"{raw}, {raw}"):
        outside = "".join(token.content for token in tokens(prose(text)) if token.type == "text")
        assert re.search(r"(?i)gh-?\d|[#@!%]\w|[0-9a-f]{7}|:[\w+]+:", outside) is None, prose(text)


@pytest.mark.parametrize("raw", PLAIN)
def test_plain_words_stay_plain(raw: str):
    assert prose(raw) == raw


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_cells_stay_in_their_cell(cells: list[tuple[str, str]]):
    lines = ["| a | b |", "| --- | --- |", *(row([code(one), prose(other)]) for one, other in cells)]
    made = tokens("\n".join(lines))
    assert sum(token.type == "tr_open" for token in made) == len(cells) + 1
    assert sum(token.type == "td_open" for token in made) == 2 * len(cells)


def hostile_report():
    lane = Script()
    for index, text in enumerate(HOSTILE):
        lane.prompt(f"S{index:03} {text}").run(f"make test {text}", f"1 failed {text}", ok=False).say(
            f"acknowledged {text}"
        )
        lane.edit(f"/home/mara/harbor/{text}.py", text).spend(1000)
    return report_on({"a": lane.events, "b": list(lane.events)}, title=HOSTILE[0])


def test_a_hostile_transcript_changes_nothing():
    page = markdown(hostile_report())
    assert_harmless(page)
    assert "\x1b" not in page
    assert "\u202e" not in page
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize("name", EVERY)
def test_every_sample_is_a_page_that_a_code_host_reads(name: str):
    page = markdown(sample(name))
    assert_harmless(page)
    rows = [line for line in page.splitlines() if line.startswith("|")]
    made = tokens(page)
    rules = sum(token.type == "thead_open" for token in made)
    assert sum(token.type == "tr_open" for token in made) == len(rows) - rules  # no row has fallen out of its table


@pytest.mark.parametrize(("raw", "secret"), SECRETS.values(), ids=SECRETS)
def test_secrets_reach_no_format(raw: str, secret: str):
    lane = (
        Script().prompt(f"S001 try {raw}").run(f"curl {raw}", f"error: {raw}", ok=False).say(f"next: {raw}").spend(10)
    )
    for text in (f"{'x ' * 190}{raw}", f"{'y ' * 290}{raw}"):
        lane.prompt(text).run(f"make test {text}", f"{text}\nERROR {text}", ok=False).say(text).edit(
            text[:80], "x"
        ).spend(10)
    report = report_on({"a": lane.events})
    assert report.head.masked >= 1
    page, doc = markdown(report), report_text(report)
    assert secret not in page
    assert secret not in doc
    assert f"Secrets masked in this report | {report.head.masked}" in page


def test_a_secret_is_counted_once_wherever_it_stands():
    key = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    lane = Script().prompt(f"S001 use {key}").run(f"gh {key}", "ok").prompt(f"S002 use {key}").run("ls", "a").spend(5)
    assert report_on({"a": lane.events}).head.masked == 1


def test_home_folders_tell_nobodys_name():
    assert shown("cat /home/mara/harbor/a.py /Users/ada/b /root/c") == "cat ~/harbor/a.py ~/b ~/c"
    assert shown("/srv/home/mara/x and https://host/home/mara/x") == "/srv/home/mara/x and https://host/home/mara/x"


def test_numbers_in_words():
    assert [rounded(one) for one in (None, 0, 842, 31_300, 164_098_919, 1_190_826_256)] == [
        "?", "0", "842", "31.3k", "164.1M", "1.191B",
    ]  # fmt: skip
    assert clock(1778326694.97) == "2026-05-09 11:38:14"
    assert [clock(one) for one in (None, 1e300, float("nan"))] == ["?", "?", "?"]
    assert [long_duration(one) for one in (None, 0.0, 59.6, 21939, 200_000)] == [
        "?",
        "0.0 s",
        "1 min",
        "6 h 5 min 39 s",
        "2 d 7 h",
    ]
