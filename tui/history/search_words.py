"""Words of texts, as the search compares them, and queries: words, "phrases", beginnings*, -not, key:value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tui.model.frozen import frozen
from tui.text.secrets.find import MASK
from tui.text.times import ALL, moment

LONGEST = 64
"""A longer word is not in the index."""
LONGEST_WITH_DIGITS = 32
"""A longer word with a digit is not in the index: it may be a secret of a kind that is not known."""
MOST_TERMS = 32
"""The most terms of a query."""
ROLES = ("user", "assistant", "tool", "error")
"""Who wrote a text: a person or a parent lane; the model; a call or its result; an error or a failed call."""
KEYS = ("role", "agent", "project", "since")
"""The keys of a query that restrict where is searched."""

_MARKS = "\u0300-\u036f"
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Characters of scripts that are written without spaces: each is a word."""
_WORD = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}])[\w{_MARKS}])+")
_PIECE = re.compile(
    r'\s*(?P<sign>-*)(?:(?P<key>[A-Za-z]+):(?=\S))?(?:"(?P<phrase>[^"]*)(?P<end>"\*?)?|(?P<bare>[^\s"]+))'
)
_OPERATORS = ("AND", "OR", "NOT", "NEAR")


class Term(NamedTuple):
    """Words that follow each other. Words are folded: see `words_of`."""

    words: tuple[str, ...]
    is_beginning: bool = False
    """True if the last word may go on."""
    is_excluded: bool = False

    def is_in(self, words: Sequence[str], known: Collection[str]) -> bool:
        """Whether a text with these words contains the term. `known` has each of them once."""
        *first, last = self.words
        if not all(word in known for word in first):
            return False
        if not self.is_beginning:
            return last in known and (not first or self._at(words))
        if not first:
            return any(word.startswith(last) for word in known)
        return self._at(words)

    def _at(self, words: Sequence[str]) -> bool:
        count = len(self.words)
        return any(
            words[at] == self.words[0] and self.fits(words[at : at + count]) for at in range(len(words) - count + 1)
        )

    def fits(self, words: Sequence[str]) -> bool:
        """Whether these words are the term."""
        *first, last = self.words
        if len(words) != len(self.words) or list(words[:-1]) != first:
            return False
        return words[-1].startswith(last) if self.is_beginning else words[-1] == last


@frozen
class Query:
    """What is searched for. All terms must be in one text, and none of those that are excluded."""

    terms: tuple[Term, ...] = ()
    role: str | None = None
    agent: str | None = None
    project: str | None = None
    """A part of the name or of the path of the folder that a lane works in, in lower case."""
    since: float | None = None
    """Seconds UTC."""
    notes: tuple[str, ...] = ()
    """What was not understood or is left out, in words."""

    @property
    def wanted(self) -> tuple[Term, ...]:
        """The terms that a text must contain."""
        return tuple(term for term in self.terms if not term.is_excluded)

    def matches(self, text: str) -> bool:
        """Whether a text contains what is wanted and nothing that is excluded."""
        words = [word for _, _, word in words_of(text)]
        known = frozenset(words)
        return all(term.is_in(words, known) is not term.is_excluded for term in self.terms)


def words_of(text: str) -> Iterator[tuple[int, int, str]]:
    """The words of a text, folded: without case and accents. Each with its first character and the one after its last.

    Letters, digits and `_` belong to words. The mask of a secret is no word.
    """
    if MASK in text:
        text = text.replace(MASK, " " * len(MASK))
    if text.isascii():
        lowered = text.lower()
        for found in _WORD.finditer(lowered):
            yield found.start(), found.end(), found[0]
        return
    for found in _WORD.finditer(text):
        if word := _folded(found[0]):
            yield found.start(), found.end(), word


def indexed_words(text: str) -> set[str]:
    """The words of a text that are put into the index, each once."""
    return {word for _, _, word in words_of(text) if is_indexed(word)}


def without_long_words(text: str) -> str:
    """The text with `…` in place of the words that are not put into the index."""
    for start, end, word in reversed(list(words_of(text))):
        if not is_indexed(word):
            text = f"{text[:start]}…{text[end:]}"
    return text


def is_indexed(word: str) -> bool:
    """Whether a folded word is put into the index."""
    if len(word) <= LONGEST_WITH_DIGITS:
        return True
    return len(word) <= LONGEST and not any(char.isdigit() for char in word)


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(_WORD.findall("".join(char for char in apart if not unicodedata.combining(char))))


def spans_of(query: Query, text: str) -> list[tuple[int, int]]:
    """Where the wanted terms are in a text: the first character of each place and the one after its last."""
    found = list(words_of(text))
    words = [word for _, _, word in found]
    spans: list[tuple[int, int]] = []
    for term in query.wanted:
        count = len(term.words)
        for at in range(len(words) - count + 1):
            if term.fits(words[at : at + count]):
                spans.append((found[at][0], found[at + count - 1][1]))
    return sorted(spans)


def read_query(text: str, now: float, agents: Collection[str]) -> Query:
    """Reads a query as a person types it. What it does not understand is told in `notes`; it never fails.

    Args:
        text: words, `"phrases"`, `beginnings*`, `-not`, and `role:`, `agent:`, `project:` and `since:` with a value.
        now: seconds UTC, for `since:`.
        agents: the names of the known agents.
    """
    reading = _Reading(now, agents)
    for piece in _PIECE.finditer(text):
        reading.take(piece)
    return reading.query()


class _Reading:
    """A query while it is read."""

    def __init__(self, now: float, agents: Collection[str]) -> None:
        self._now = now
        self._agents = agents
        self._terms: list[Term] = []
        self._role: str | None = None
        self._agent: str | None = None
        self._project: str | None = None
        self._since: float | None = None
        self._notes: list[str] = []

    def take(self, piece: re.Match[str]) -> None:
        """Takes the next piece of the query."""
        key = (piece["key"] or "").lower()
        phrase, bare = piece["phrase"], piece["bare"] or ""
        is_excluded = bool(piece["sign"])
        if phrase is not None and not piece["end"]:
            self._notes.append("a phrase has no second quotation mark: it goes to the end")
        if key in KEYS:
            if is_excluded:
                self._notes.append(f"-{key}: is not known: only words and phrases can be excluded")
            else:
                self._restrict(key, phrase if phrase is not None else bare)
            return
        if phrase is not None:
            text, is_beginning = phrase, (piece["end"] or "").endswith("*")
        else:
            text, is_beginning = bare.rstrip("*"), bare.endswith("*")
        if key:
            text = f"{key}:{text}"
        self._add(text, is_beginning=is_beginning, is_excluded=is_excluded, is_phrase=phrase is not None)

    def _add(self, text: str, *, is_beginning: bool, is_excluded: bool, is_phrase: bool) -> None:
        words = tuple(word for _, _, word in words_of(text))
        shown = f'"{text}"'
        if not words:
            if text or is_excluded or is_beginning:
                self._notes.append(f"{shown} has no letter or digit: it is left out")
            return
        if "*" in text:
            self._notes.append(f"in {shown} the * is left out: it stands only at the end of a word")
        if text in _OPERATORS and not is_phrase:
            self._notes.append(f"{text} is searched as a word: all words must be there, -word excludes one")
        if len(self._terms) >= MOST_TERMS:
            note = f"only the first {MOST_TERMS} words and phrases count"
            self._notes += [note] if note not in self._notes else []
            return
        self._terms.append(Term(words, is_beginning, is_excluded))

    def _restrict(self, key: str, value: str) -> None:
        if key == "role":
            self._role = self._one_of(value, ROLES, "role") or self._role
        elif key == "agent":
            self._agent = self._one_of(value, self._agents, "agent") or self._agent
        elif key == "project":
            self._project = value.casefold()
        elif value != ALL:
            try:
                self._since = moment(value, self._now)
            except ValueError as error:
                self._notes.append(f'since:"{value}" is left out: {error}')

    def _one_of(self, value: str, known: Collection[str], what: str) -> str | None:
        if value.lower() in known:
            return value.lower()
        self._notes.append(f'there is no {what} "{value}": it is left out; known: {", ".join(known)}')
        return None

    def query(self) -> Query:
        """The query that was read."""
        terms = tuple(self._terms)
        if terms and all(term.is_excluded for term in terms):
            self._notes.append("name a word that shall be there, too: only excluded ones find nothing")
        return Query(terms, self._role, self._agent, self._project, self._since, tuple(self._notes))
