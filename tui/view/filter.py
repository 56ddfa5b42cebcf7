"""The filter of the lane table: its grammar, the lanes that match, the parts that were not understood, and completion.

A filter is conditions with spaces between them; all must hold:

- `word`: it is in the lane's title, in what the lane does, or in one of its fields. Words in quotes, and words that the
  screen shows together (`needs you`), are one condition.
- `field:text`, `field:one,other`: the field contains the text, or one of the texts. `field:?`: it is unknown.
- `field>5M`, and `>=`, `<`, `<=`, `=`: the field's figure is greater than this, and so on. An
  unknown figure matches none of these.
- `!condition` or `-condition`: it does not hold.

A condition of which only the beginning has been typed (`!`, `state:`, `cost>`) is left out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from operator import eq, ge, gt, le, lt

from tui.judge.findings.registry import all_findings
from tui.model.frozen import frozen
from tui.model.snapshot import Lane
from tui.text.messages import nearest, quoted
from tui.text.safe_text import SafeText, safe_text
from tui.text.styled_text import own
from tui.text.times import duration
from tui.view.columns.base import FilterKey, Unit
from tui.view.columns.registry import all_columns, screen_columns
from tui.view.finding_text import SEVERITIES, kind_words

UNKNOWN = "?"
"""The value that stands for an unknown one."""
MOST_COMPLETIONS = 50
_SIGNS: dict[str, Callable[[float, float], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt, "=": eq}
_TOKEN = re.compile(r'(?:[^\s"]|"[^"]*(?:"|$))+')
_CONDITION = re.compile(r"(?P<name>[^\s:<>=\"]+)(?P<sign>:?(?:>=|<=|>|<|=)|:)(?P<value>.*)", re.DOTALL)
_NUMBER = re.compile(r"\$?(\d{1,15}(?:\.\d{1,6})?|\.\d{1,6})([kmbt]?)")
_SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}


def _finding_text(lane: Lane) -> str:
    return " ".join(f"{found.severity} {found.kind} {kind_words(found.kind)}" for found in lane.findings)


def _finding_words() -> tuple[str, ...]:
    kinds = [word for spec in all_findings() for word in (str(spec.words), spec.kind.value)]
    return tuple(dict.fromkeys([*(severity.value for severity in SEVERITIES), *kinds]))


@cache
def filter_keys() -> dict[str, FilterKey]:
    """The fields of the filter by name: those of the columns, and `finding`."""
    keys = [key for column in screen_columns() for key in column.filters]
    keys += [key for column in all_columns() if column.rank is None for key in column.filters]
    help_row = (own("finding:stop"), own("what has such a finding; or its kind"))
    keys.append(FilterKey("finding", _finding_text, help_row, words=_finding_words))
    return {key.name: key for key in keys}


@cache
def screen_words() -> tuple[str, ...]:
    """The words that the screen shows for the values of fields, such as `needs you`."""
    return tuple(dict.fromkeys(word for key in filter_keys().values() for word in key.words()))


# -- conditions -----------------------------------------------------------------------------------


@frozen
class Condition:
    """One condition of a filter."""

    written: str
    """As it was typed."""
    negated: bool
    texts: tuple[str, ...]
    """In lower case: the lane, or its field, must contain one of them."""
    key: FilterKey | None = None
    """The field; None: any text of the lane."""
    sign: str = ""
    """The comparison of the field's figure with `number`; empty: texts are searched."""
    number: float = math.nan
    problem: str = ""
    """The part that was not understood; empty if all was. A condition with a problem matches no lane."""

    def matches(self, lane: Lane, now: float) -> bool:
        """Whether it holds for the lane at `now`, in seconds UTC."""
        return self._holds(lane, now) != self.negated

    def _holds(self, lane: Lane, now: float) -> bool:
        key = self.key
        if self.problem:
            return self.negated
        if key is None:
            return any(text in _all_text(lane) for text in self.texts)
        if self.sign and key.measure is not None:
            value = key.measure.value(lane, now)
            return value is not None and _SIGNS[self.sign](value, self.number)
        if UNKNOWN in self.texts and _is_unknown(key, lane, now):
            return True
        text = key.text(lane).lower() if key.text is not None else ""
        return any(one in text for one in self.texts if one != UNKNOWN)


def _is_unknown(key: FilterKey, lane: Lane, now: float) -> bool:
    if key.measure is not None:
        return key.measure.value(lane, now) is None
    return key.text is not None and not key.text(lane).strip()


def _all_text(lane: Lane) -> str:
    texts = (key.text(lane) for key in filter_keys().values() if key.text is not None)
    return " ".join((lane.title, lane.doing, *texts)).lower()


@lru_cache(maxsize=64)
def conditions_of(text: str) -> tuple[Condition, ...]:
    """The conditions of a filter."""
    tokens = _TOKEN.findall(text)
    made: list[Condition] = []
    at = 0
    while at < len(tokens):
        words = _together(tokens, at)
        at += words
        condition = _condition(" ".join(tokens[at - words : at]))
        if condition is not None:
            made.append(condition)
    return tuple(made)


def _together(tokens: Sequence[str], at: int) -> int:
    """How many tokens from `at` on make one condition: more than one if the screen shows these words together."""
    name, sign, value = _split(_bare(tokens[at])[0])
    known = filter_keys()[name].words() if sign and name in filter_keys() else () if sign else screen_words()
    for count in range(min(4, len(tokens) - at), 1, -1):
        if " ".join((value.rpartition(",")[2], *tokens[at + 1 : at + count])).lower() in known:
            return count
    return 1


def _bare(token: str) -> tuple[str, bool]:
    """The token without its `!` or `-`, and whether it had an odd number of them."""
    rest = token.lstrip("!-")
    return rest, (len(token) - len(rest)) % 2 == 1


def _split(token: str) -> tuple[str, str, str]:
    """Name, sign and value of `name:value` or `name>value`. For any other token: two empty texts, and the token."""
    found = _CONDITION.fullmatch(token)
    if found is None:
        return "", "", token
    sign = found["sign"].removeprefix(":") or ":"
    name, value = found["name"].lower(), found["value"]
    # A text with a colon, such as a time, a path or a commit's subject, is no field.
    return (name, sign, value) if name in filter_keys() or re.fullmatch(r"[a-z_-]+", name) else ("", "", token)


def _condition(written: str) -> Condition | None:
    bare, negated = _bare(written)
    name, sign, value = _split(bare)
    plain = value.replace('"', "").lower()
    if not plain.strip():
        # A field whose value is not typed yet; another word with a colon is a word, such as the `live:` of the demo.
        return Condition(written, negated, (bare.lower(),)) if name and name not in filter_keys() else None
    if not sign:
        return Condition(written, negated, (plain,))
    key = filter_keys().get(name)
    if key is None:
        known = tuple(filter_keys())
        return Condition(written, negated, (), problem=f"no field {quoted(name)}{_meant(name, known)}")
    if sign == ":":
        return _of_text(written, key, plain, negated=negated)
    return _of_figure(written, key, sign, plain, negated=negated)


def _of_text(written: str, key: FilterKey, plain: str, *, negated: bool) -> Condition:
    texts = tuple(part.strip() for part in plain.split(",") if part.strip())
    problem = ""
    if key.text is None and texts != (UNKNOWN,):
        problem = f"{key.name} is a figure: write {_example(key)}, or {key.name}:{UNKNOWN} for unknown"
    words = key.words()
    for text in texts if words else ():
        if text != UNKNOWN and not any(text in word.lower() for word in words):
            problem = f"no {key.name} {quoted(text)}{_meant(text, words)}"
    return Condition(written, negated, texts, key, problem=problem)


def _of_figure(written: str, key: FilterKey, sign: str, plain: str, *, negated: bool) -> Condition:
    if key.measure is None:
        problem = f"{key.name} has no figure: write {key.name}:{plain}"
        return Condition(written, negated, (), key, problem=problem)
    number = figure(plain, key.measure.unit)
    if number is None:
        problem = f"{quoted(plain)} is no figure of {key.name}: write {_example(key)}"
        return Condition(written, negated, (), key, problem=problem)
    return Condition(written, negated, (), key, sign, number)


def _example(key: FilterKey) -> str:
    return f"{key.name}>{key.measure.unit.value}" if key.measure is not None else key.name


def _meant(word: str, known: Sequence[str]) -> str:
    return nearest(word, tuple(known))


def figure(text: str, unit: Unit) -> float | None:
    """The number of a text such as `5M`, `$1.50`, `1h30m` or `75%` in this unit; None if it is no such number."""
    if unit is Unit.SECONDS:
        return duration(text)
    if unit is Unit.PERCENT:
        text = text.removesuffix("%")
    elif unit is Unit.TOKENS_PER_HOUR:
        text = text.removesuffix("/h")
    found = _NUMBER.fullmatch(text.lower())
    return float(found[1]) * _SCALES[found[2]] if found is not None else None


# -- the filter -----------------------------------------------------------------------------------


@frozen
class Filter:
    """The conditions that a lane must match."""

    text: str = ""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions in the text."""
        return conditions_of(self.text)

    def matches(self, lane: Lane, now: float) -> bool:
        """Whether all conditions hold at `now`, in seconds UTC. A filter without conditions matches every lane."""
        return all(condition.matches(lane, now) for condition in self.conditions)

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The mistakes in the filter itself, whatever lanes there are. See also `problems`."""
        return tuple(condition.problem for condition in self.conditions if condition.problem)

    def problems(self, lanes: Iterable[Lane], now: float) -> tuple[str, ...]:
        """Parts that were not understood, and texts that no lane has.

        Each comes with the text that was probably meant.
        """
        known = tuple(lanes)
        found = list(self.mistakes)
        for condition in self.conditions:
            if condition.problem or condition.sign or condition.negated or not known:
                continue
            if not any(condition.matches(lane, now) for lane in known):
                found += _missing(condition, known)
        return tuple(found)


def _missing(condition: Condition, lanes: Sequence[Lane]) -> Iterator[str]:
    """Says that no lane has the text, unless the field could have it: then no lane has it just now."""
    key = condition.key
    text = " ".join(condition.texts)
    if key is None:
        words = (*screen_words(), *filter_keys())
        yield f"no lane is {quoted(text)} now" if text in words else f"no lane has {quoted(text)}{_meant(text, words)}"
    elif not key.words():
        yield f"no lane has {key.name} {quoted(text)}{_meant(text, _values(key, lanes))}"


def _values(key: FilterKey, lanes: Iterable[Lane]) -> tuple[str, ...]:
    """The different texts that lanes have in a field, in lower case."""
    if key.text is None:
        return ()
    whole = (key.text(lane).lower() for lane in lanes)
    return tuple(dict.fromkeys(word for text in whole for word in text.split()))


# -- completion -----------------------------------------------------------------------------------


def completions(text: str, lanes: Iterable[Lane]) -> tuple[SafeText, ...]:
    """The ways to complete the last word of `text`, each as a whole filter, the likeliest first.

    The word is completed to a field's name, to a word that the screen shows, or to a text that lanes have in the field.
    """
    last = max((found for found in _TOKEN.finditer(text)), key=lambda found: found.end(), default=None)
    token = last.group() if last is not None and last.end() == len(text) else ""
    before = text[: len(text) - len(token)]
    bare, _ = _bare(token)
    prefix = token[: len(token) - len(bare)]
    name, sign, value = _split(bare)
    typed = value.replace('"', "").lower()
    if not sign:
        fields = [f"{key.name}:" if key.text is not None else f"{key.name}>" for key in filter_keys().values()]
        found = [one for one in (*fields, *map(_quoted_words, screen_words())) if one.lstrip('"').startswith(typed)]
        return _safe(f"{before}{prefix}{one}" for one in found)
    key = filter_keys().get(name)
    if key is None or key.text is None or sign != ":":
        return ()
    first, comma, typed = typed.rpartition(",")
    values = key.words() or sorted(_values(key, lanes))
    found = [one for one in values if one.startswith(typed)] + [one for one in values if typed in one[1:]]
    head = f"{before}{prefix}{name}:{first}{comma}"
    return _safe(f"{head}{_quoted_words(one)}" for one in dict.fromkeys(found))


def _quoted_words(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _safe(texts: Iterable[str]) -> tuple[SafeText, ...]:
    return tuple(safe_text(text, limit=200) for text, _ in zip(texts, range(MOST_COMPLETIONS), strict=False))
