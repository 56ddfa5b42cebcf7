"""The quick ways of the search: texts without hiding, cut at what is not seen, and one database for all threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from tui.text.secrets import find
from tui.text.secrets.find import may_hold_secret, secrets_in
from tui.text.secrets.invisible import UNSEEN, parts_seen
from tui.text.secrets.masking import uncovered, uncovered_text

PIECES = st.sampled_from(
    ["\\", "\\\\", "\\n", "u", "005c", "c", "0", '"', "/", "\\u001b", "\\u005c", "\\u0001", "\\u0002", "\\ud83d", "\x1b[0m",
     "\x1b]0;a\\b\x07", "\x1b", "\x9d", "\u200b", "\ufeff", "\ud83d", "\n", "\t", "\x00", "\x01", "\x02", "ghp_", "\U0001f600",
     "\U000e0041", "a"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=20).map("".join)


@given(TEXTS)
def test_a_text_without_hiding_is_that_of_its_layer(view: str) -> None:
    bare = uncovered_text(view)
    assert (view if bare is None else bare) == uncovered(view).text


@given(TEXTS)
def test_a_text_is_cut_at_everything_that_is_not_seen(text: str) -> None:
    assert "".join(parts_seen(text, "\x01")) == UNSEEN.sub("", text)


def test_every_character_of_16_bits_is_seen_or_not_whichever_way_it_is_searched() -> None:
    for code in range(0x10000):
        assert "".join(parts_seen(chr(code), "\x01")) == UNSEEN.sub("", chr(code)), hex(code)


def test_threads_search_at_once_with_one_database() -> None:
    secret, clean = f"token ghp_{'a1B2c3D4e5F6' * 3}", "nothing to see here, " * 2000

    def search(number: int) -> tuple[bool, int, int]:
        text = clean + (secret if number % 2 else "")
        return may_hold_secret(text.encode()), len(secrets_in(text)), id(find._search()._database)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(search, range(400)))
    assert [one[:2] for one in found] == [(True, 1) if number % 2 else (False, 0) for number in range(400)]
    assert len({one[2] for one in found}) == 1
