"""Names of actions: the template of several names, and whether the next name says the same in other words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_TOKENS = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_")
SHARED = 3
"""The fewest words of a template outside its slot."""
SLOT = 4
"""The most words in a slot."""
LONG_SHARE = 0.5
SHOWN = 90
STEM = 4
"""The fewest letters of a stem."""
KNOWN_STEMS = 2
"""The fewest stems that a name must share with the names of a family."""
KNOWN_SHARE = 0.6
"""The least share of a name's stems that must be known in its family or stand between known stems."""
_WORDS = re.compile(r"[^\W\d_]+")
_MARKUP = re.compile(r"</?[\w-]+|[\w-]+=(?=[\"'])")
"""Names of tags and attributes. The client wrote them, not the author of the prompt."""
_ENDINGS = (
    "ations", "ation", "ments", "ment", "ings", "ions", "ness", "ing", "ion", "ies", "ed", "es", "ly", "er", "al", "s",
    "e",
)  # fmt: skip


@lru_cache(maxsize=1024)
def tokens_of(title: str) -> tuple[str, ...]:
    """The words, numbers and signs of a title. Numbers are `#`."""
    return tuple("#" if token.isdigit() else token.lower() for token in _TOKENS.findall(title[:300]))


def fits(earlier: str, title: str) -> bool:
    """Whether `title` is `earlier` with other words in one slot. Numbers may differ, too."""
    a, b = tokens_of(earlier), tokens_of(title)
    if not a or not b:
        return False
    head, tail = _ends(a, b)
    slot = max(len(a), len(b)) - head - tail
    words = sum(token.isalpha() for token in (*b[:head], *b[len(b) - tail :]))
    if slot == 0:
        return True
    return slot <= 2 * SLOT and words >= SHARED and (head + tail) >= LONG_SHARE * max(len(a), len(b))


def is_substitution(earlier: list[str], title: str) -> bool:
    """Whether at least two of the last three titles make this one by substitution."""
    last = earlier[-3:]
    return len(last) >= 2 and sum(fits(one, title) for one in last) >= 2


def stem(word: str) -> str:
    """A word in lower case without its ending, so that `proving`, `proved` and `proves` are equal."""
    word = word.lower()
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM:
            return word[: -len(ending)]
    return word


def stems_of(title: str) -> tuple[str, ...]:
    """The stems of a title's words, without short words."""
    return tuple(stem(word) for word in _WORDS.findall(_MARKUP.sub(" ", title[:300])) if len(word) >= STEM)


def is_related(earlier: Sequence[str], title: str) -> bool:
    """Whether a title has the words of a family's titles, in any order and with any endings.

    A word that no member used counts half if both its neighbours are words of the family: a word between
    the same words is likely to mean the same.
    """
    mine = stems_of(title)
    if len(mine) < KNOWN_STEMS:
        return False
    known = {one for other in earlier for one in stems_of(other)}
    at = [one in known for one in mine]
    if sum(at) < KNOWN_STEMS:
        return False
    ends = [True, *at, True]
    score = sum(1.0 if at[index] else 0.5 * (ends[index] and ends[index + 2]) for index in range(len(at)))
    return score >= KNOWN_SHARE * len(mine)


@lru_cache(maxsize=256)
def template(titles: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The common words of the titles, with `<…>` for those that differ, and each title's differing words."""
    if not titles:
        return "", ()
    split = [title.split() for title in titles]
    head = 0
    while all(len(words) > head for words in split) and len({_plain(words[head]) for words in split}) == 1:
        head += 1
    tail = 0
    while all(len(words) - tail > head for words in split) and len({_plain(words[-1 - tail]) for words in split}) == 1:
        tail += 1
    first = split[0]
    slots = tuple(" ".join(words[head : len(words) - tail]) for words in split)
    middle = ["<…>"] if any(slots) else []
    shown = [_number(split, index, word) for index, word in enumerate(first[:head])]
    return _cut(" ".join([*shown, *middle, *first[len(first) - tail :]])), slots


def _cut(words: str) -> str:
    return words if len(words) <= SHOWN else words[: SHOWN + 1].rsplit(" ", 1)[0] + " …"


def _number(split: list[list[str]], index: int, word: str) -> str:
    return word if len({words[index] for words in split}) == 1 else re.sub(r"\d+", "<n>", word)


def _plain(word: str) -> str:
    return re.sub(r"\d+", "#", word.lower())


def _ends(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[int, int]:
    head = 0
    least = min(len(a), len(b))
    while head < least and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < least - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    return head, tail
