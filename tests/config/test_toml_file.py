"""The line of each key is the line on which it stands, however the file is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.config.errors import ConfigError
from tui.config.toml_file import MAX_BYTES, parse_toml, read_toml

DOCUMENT = '''\
# a comment with [brackets] = and "quotes"
title = "one"                       # 2

[screen]                            # 4
theme = """
x = 1
[not.a.section]
"""                                 # 5-8
list = [ 1, [2, "]"], # 9
  { a = 1, b = "}" },
]
"quoted key" = 'lit # eral'         # 12
1979-05-27 = 07:32:00               # 13

[keys]                              # 15
lane.open = "x"                     # 16
"lane.close" = ["a", "b"]           # 17
inline = { one = 1, two.three = '' } # 18
raw = \'\'\'
[keys]
\'\'\'
last = 1
[[array]]
x = 1
[[array]]
y = 1'''


def test_lines_of_keys() -> None:
    lines = parse_toml(DOCUMENT, "f").lines
    assert {
        ("title",): 2,
        ("screen",): 4,
        ("screen", "theme"): 5,
        ("screen", "list"): 9,
        ("screen", "quoted key"): 12,
        ("screen", "1979-05-27"): 13,
        ("keys",): 15,
        ("keys", "lane", "open"): 16,
        ("keys", "lane.close"): 17,
        ("keys", "inline", "two", "three"): 18,
        ("keys", "raw"): 19,
        ("keys", "last"): 22,
        ("array", "0", "x"): 24,
        ("array", "1", "y"): 26,
    }.items() <= lines.items()
    assert ("x",) not in lines
    assert ("not",) not in lines


texts = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
names = st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True)
values = st.recursive(
    st.integers(-9, 9).map(str)
    | texts.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
    | texts.filter(lambda text: "'" not in text).map(lambda text: f"'{text}'")
    | texts.filter(lambda text: "'" not in text).map(lambda text: f"'''\n{text}\n# [x]\ny = 1\n'''")
    | st.sampled_from(["true", "1.5", "2020-01-01", '"""a\n"" \\" b"""']),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[\n" + ",\n".join(items) + "\n]"),
    max_leaves=4,
)


@settings(max_examples=examples(150), deadline=None)
@given(
    sections=st.dictionaries(
        names, st.dictionaries(names, st.tuples(values, st.integers(0, 2)), max_size=4), max_size=4
    )
)
def test_every_key_of_any_document_has_its_line(sections: dict[str, dict[str, tuple[str, int]]]) -> None:
    lines: list[str] = []
    expected: dict[tuple[str, ...], int] = {}
    for section, pairs in sections.items():
        lines.append(f"[{section}] # = [")
        expected[(section,)] = len(lines)
        for key, (value, gap) in pairs.items():
            lines += ["# x = '''"] * gap
            expected[(section, key)] = len(lines) + 1
            lines += f"{key} = {value}".split("\n")
    assert parse_toml("\n".join(lines), "f").lines == expected


@settings(max_examples=examples(300), deadline=None)
@given(st.text(alphabet="ab=.[]{}\"'\\#,\n 1", max_size=60))
def test_valid_documents_have_lines_and_others_one_error(text: str) -> None:
    try:
        toml = parse_toml(text, "f.toml")
    except ConfigError as error:
        assert "read differently" not in str(error)
        assert str(error).startswith("f.toml")
        assert str(error).isprintable()
    else:
        assert set(toml.table) <= {path[0] for path in toml.lines}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("[x\n", 1),
        ("a = 1\na = 2\n", 2),
        ('a = 1\n\nb = "never closed', 3),
        ("a = " + "[" * 3000, None),
        ("a = " + "9" * 5000, None),
    ],
)
def test_text_that_is_not_toml_names_its_line(text: str, line: int | None) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, "f")
    assert caught.value.line == line
    assert str(caught.value).startswith("f: " if line is None else f"f:{line}: not TOML: ")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"a = 1\nb = '\xe4'\n")
    big = tmp_path / "big.toml"
    big.write_bytes(b"#" * (MAX_BYTES + 1))
    for file, words in {
        tmp_path / "missing.toml": "cannot be read: No such file",
        tmp_path: "cannot be read: Is a directory",
        latin: "2: not UTF-8",
        big: "larger than 1 MiB",
    }.items():
        with pytest.raises(ConfigError, match=words) as caught:
            read_toml(file)
        assert str(file) in str(caught.value)


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "bom.toml"
    file.write_bytes(b"\xef\xbb\xbfa = 1\n")
    assert read_toml(file).table == {"a": 1}


def test_a_message_is_one_printable_line_whatever_is_in_the_file() -> None:
    error = ConfigError("a\nb\x1b[31m", 3, "k\x07", "message\nwith \ud800")
    assert str(error) == r"a\nb\x1b[31m:3: k\x07: message\nwith \ud800"
