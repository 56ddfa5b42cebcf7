"""Markdown of agents' texts: what it looks like, and that no word is lost or markup made of data."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text.styled_text import line_width
from tui.view.markdown import is_markdown, markdown_lines

TEXT = """Done: **the worktree** issue with `root cause` and
a [link](https://example.org/a).

## What changed
1. First *item*
   - [x] nested
2. Second

> quoted

```python
def f(x):
    return x
```

| Intent | File |
|---|---|
| **Find** | `a.py` |
"""


def plain(text: str, cells: int = 60) -> str:
    return "\n".join("".join(span.text for span in line).rstrip() for line in markdown_lines(text, cells))


def test_it_looks_like_a_text_and_not_like_its_source():
    assert (
        plain(TEXT)
        == """Done: the worktree issue with root cause and
a link (https://example.org/a).

What changed

1. First item
   ◦ ☑ nested
2. Second

▏ quoted

│ def f(x):
│     return x

Intent  File
────────────
Find    a.py"""
    )


def test_what_markup_means_is_told_by_roles():
    roles = {span.text: span.role for line in markdown_lines(TEXT, 60) for span in line}
    assert roles["the worktree"] == "markdown.bold"
    assert roles["root cause"] == "markdown.code"
    assert roles["item"] == "markdown.italic"
    assert roles["What changed"] == "markdown.heading"


@pytest.mark.parametrize("text", [
    "<b>bold</b> <!-- a note --> <script>x</script>",
    "&lt; &amp; \\* \\_ C:\\_new\\!",
    "[a]: https://example.org/hidden",
    "a title\n---\nb",
    "snake_case_name 2 * 3 * 4",
    "[link](javascript:alert)",
])  # fmt: skip
def test_nothing_that_was_written_is_hidden(text):
    words = re.findall(r"\w+", text)
    assert re.findall(r"\w+", plain(text)) == words


def test_a_table_that_does_not_fit_is_shown_row_by_row_or_as_it_was_written():
    text = "| a | b | c | d | e | f |\n|---|---|---|---|---|---|\n| 1 | 2 | 3 | 4 | | 6 |"
    assert plain(text, 30) == "• a 1 · b 2 · c 3 · d 4 · f 6"
    assert plain(text.replace("a", " "), 30).startswith("|   | b |")
    assert "evil" in plain("| evil | a | b |\n|---|---|---|", 10)


@pytest.mark.parametrize(
    "text",
    [
        "> " * 30 + "evil",
        "".join("  " * depth + "- a\n" for depth in range(30)) + "  " * 30 + "- evil",
        "|a|b|\n|-|-|\n|1|2|evil|",
        '[x](https://a "evil")',
        "```sh evil words\nx\n```",
        "<details><summary>a</summary>evil</details>",
        "a <!-- evil --> b",
        "[a]: https://evil.example",
    ],
)
def test_nothing_can_be_hidden_by_markup(text):
    assert "evil" in plain(text)


def test_plain_text_needs_no_reading():
    assert not is_markdown("Six rules in their order.")
    assert is_markdown("a **b**")
    assert not is_markdown("*" * 300_000)


@given(st.text(alphabet=st.sampled_from("ab 日*_`#|->[]()!~\n\t1.\\\x1b\x07"), max_size=200), st.integers(8, 90))
def test_no_line_is_wider_than_there_is_room_and_no_control_character_comes_through(text, cells):
    for line in markdown_lines(text, cells):
        assert line_width(line) <= cells
        assert not re.search(r"[\x00-\x1f\x7f]", "".join(span.text for span in line))
