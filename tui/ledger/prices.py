"""Prices of tokens and sizes of context windows, read from tables; one table is shipped.

Dollars are floats and are not rounded: the sum of a million calls is exact to far less than a cent. Round when
showing. The comment at the top of the shipped table says what the prices leave out.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias, cast

from tui.agents.registry import MODELS
from tui.model.frozen import frozen
from tui.model.usage import Usage

MILLION = 1_000_000
LONG_WINDOW = 1_000_000
"""The window of a model with Claude Code's suffix `[1m]`, in tokens."""
DEAREST = 1_000_000.0
"""The highest price that is accepted, in dollars per million tokens. A larger number is a mistake in the file."""
REMEMBERED_NAMES = 1000
"""How many names are cached: transcripts may hold any number of names."""

_RATES = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other")
_MODEL_KEYS = frozenset({*_RATES, "window", "long_prompt"})
_GROUP_KEYS = frozenset({"source", "as_of", "models", "aliases"})

_Table: TypeAlias = dict[str, Any]


class PriceError(ValueError):
    """A price file that cannot be used. The message names the file and the key."""


@frozen
class Rates:
    """US dollars per million tokens of each class; None if unknown."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write_5m: float | None = None
    cache_write_1h: float | None = None
    cache_write_other: float | None = None

    def cost(self, usage: Usage) -> float | None:
        """US dollars; None if tokens of a class without a price were used."""
        total = 0.0
        for name in _RATES:
            tokens: int = getattr(usage, name)
            if not tokens:
                continue
            rate: float | None = getattr(self, name)
            if rate is None:
                return None
            total += tokens * rate
        return total / MILLION


UNPRICED = Rates()


@frozen
class LongPrompt:
    """The rates of a whole call whose prompt has more than `above` tokens."""

    above: int
    rates: Rates


@frozen
class ModelPrice:
    """The known facts about one model, and their source."""

    rates: Rates
    long_prompt: LongPrompt | None = None
    window: int | None = None
    source: str = ""
    as_of: str = ""
    """The ISO date for which the source states the prices; "" if the file does not say."""


class PriceTable:
    """Prices by model. Immutable; lookups are cached.

    A model's name is looked up unchanged, then by the documented ways of writing the same model: a provider in front
    (`anthropic/`, `us.anthropic.`), a dated snapshot (`-20250929`, `-2026-04-23`, `@20250929`), Bedrock's version
    (`-v1:0`), OpenRouter's dot (`claude-opus-4.6`), Claude Code's `[1m]`, and the file's own aliases. `-fast` names the
    fast tier: it has an entry of its own or no price, never the price of the name without `-fast`.
    """

    def __init__(self, models: Mapping[str, ModelPrice], aliases: Mapping[str, str]) -> None:
        self._models = dict(models)
        self._aliases = dict(aliases)
        self._found: dict[str, ModelPrice | None] = {}

    @classmethod
    def shipped(cls) -> PriceTable:
        """The table that comes with lanewatch."""
        return _shipped()

    @classmethod
    def load(cls, text: str, name: str) -> PriceTable:
        """Parses a price file: TOML, or JSON if it begins with `{`. Errors call the file `name`.

        Shape: any number of groups `{source?, as_of?, models?: {ID: MODEL}, aliases?: {ID: ID}}`, where MODEL is
        `{input, output, cache_read, cache_write_5m, cache_write_1h, cache_write_other, window, long_prompt}`, each
        optional. `long_prompt` is a table with `above` and the same rates. Rates are US dollars per million tokens.

        Raises:
            PriceError: the file is wrong; the message names file and key.
        """
        return _Parser(name).table(text)

    def merged(self, over: PriceTable) -> PriceTable:
        """This table, with the entries of `over` in place of its own. All prices of a model are replaced together."""
        models = dict(self._models)
        for name, price in over._models.items():
            models[name] = _over(models.get(name), price)
        return PriceTable(models, {**self._aliases, **over._aliases})

    @property
    def mark(self) -> str:
        """Equal for equal tables, and for no others."""
        return repr((sorted(self._models.items()), sorted(self._aliases.items())))

    def cost(self, model: str, usage: Usage, *, prompt: int | None = None) -> float | None:
        """US dollars of a call, or of a sum of calls, at list price. None if unknown.

        Args:
            model: as the transcript names it.
            usage: of one call, or of several.
            prompt: the size of the call's prompt in tokens; it decides whether the rates for long prompts apply. For
                a sum: the prompt of any one of its calls, if the same rates apply to all of them. None: not known.
                Then the result is None for a model with such rates, unless the whole sum is too small for a long
                prompt.
        """
        price = self.find(model)
        if price is None:
            return None
        if price.long_prompt is None:
            return price.rates.cost(usage)
        if (prompt_tokens(usage) if prompt is None else prompt) <= price.long_prompt.above:
            return price.rates.cost(usage)
        return price.long_prompt.rates.cost(usage) if prompt is not None else None

    def long_prompt_above(self, model: str) -> int | None:
        """Tokens of prompt above which a call of this model has another price. None: it has one price only."""
        price = self.find(model)
        return price.long_prompt.above if price is not None and price.long_prompt is not None else None

    def window(self, model: str) -> int | None:
        """Tokens that fit into the model's context. None if unknown, or if the name alone does not decide it."""
        price = self.find(model)
        if price is not None and "[1m]" in model.lower():
            return LONG_WINDOW
        return price.window if price is not None else None

    def find(self, model: str) -> ModelPrice | None:
        """The entry of a model, under any of its documented names; None if there is none."""
        if model in self._found:
            return self._found[model]
        if len(self._found) >= REMEMBERED_NAMES:
            self._found.clear()
        price = next((price for name in _names(model) if (price := self._at(name)) is not None), None)
        self._found[model] = price
        return price

    def models(self) -> Mapping[str, ModelPrice]:
        """All entries by id."""
        return dict(self._models)

    def _at(self, name: str) -> ModelPrice | None:
        return self._models.get(name) or self._models.get(self._aliases.get(name, ""))


def prompt_tokens(usage: Usage) -> int:
    """Tokens of the prompt of one call: uncached, read from the cache and written to it."""
    return usage.input + usage.cache_read + usage.cache_write


# -- names ------------------------------------------------------------------------------------------

_FAST = "-fast"
_PROVIDER = re.compile(
    r"\A(?:(?:openrouter|vertex_ai|bedrock|anthropic|openai)/)*"
    r"(?:(?:us|us-gov|eu|apac|au|jp|global)\.(?=anthropic\.))?(?:anthropic\.)?"
)
_SNAPSHOT = re.compile(r"-20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\Z")


def _names(model: str) -> Iterator[str]:
    """The name unchanged, then without prefixes and suffixes that do not change the model."""
    name = model.strip().lower()
    yield name
    base = name.removesuffix(_FAST)
    tier = _FAST if base != name else ""
    base = _PROVIDER.sub("", base)
    known = next((names for models in MODELS if (names := models.price_names(base))), None)
    for plain in known or (base, _SNAPSHOT.sub("", base)):
        yield plain + tier


# -- tables -----------------------------------------------------------------------------------------


@cache
def _shipped() -> PriceTable:
    path = Path(__file__).parent / "data/prices.toml"
    return PriceTable.load(path.read_text(encoding="utf-8"), path.name)


def _over(under: ModelPrice | None, over: ModelPrice) -> ModelPrice:
    if under is None:
        return over
    if over.rates == UNPRICED and over.long_prompt is None:  # an entry that only states the window
        return replace(under, window=over.window if over.window is not None else under.window)
    return over if over.window is not None else replace(over, window=under.window)


def _once(pairs: list[tuple[str, object]]) -> _Table:
    """A JSON object as a dict. A key that is there twice is an error, as in TOML."""
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{next(key for key in keys if keys.count(key) > 1)} is there twice")
    return table


class _Parser:
    """Parses the text of one file. Every error names the file and the key."""

    def __init__(self, name: str) -> None:
        self._name = name

    def table(self, text: str) -> PriceTable:
        models: dict[str, ModelPrice] = {}
        aliases: dict[str, str] = {}
        for key, value in self._groups(text).items():
            group = self._table(value, key, _GROUP_KEYS)
            source = self._text(group.get("source", ""), f"{key}.source")
            as_of = self._date(group.get("as_of"), f"{key}.as_of")
            for model, entry in self._table(group.get("models", {}), f"{key}.models").items():
                where = f"{key}.models.{model}"
                if model.lower() in models:
                    raise self._error(where, "is there twice")
                models[model.lower()] = self._model(entry, where, source, as_of)
            for alias, target in self._table(group.get("aliases", {}), f"{key}.aliases").items():
                aliases[alias.lower()] = self._text(target, f"{key}.aliases.{alias}").lower()
        return PriceTable(models, aliases)

    def _groups(self, text: str) -> _Table:
        try:
            parsed: object = (
                json.loads(text, object_pairs_hook=_once) if text.lstrip().startswith("{") else tomllib.loads(text)
            )
        except (ValueError, RecursionError) as error:
            raise PriceError(f"{self._name}: {error}") from error
        return cast("_Table", parsed)  # TOML, and JSON that begins with `{`, can only give a table

    def _model(self, value: object, where: str, source: str, as_of: str) -> ModelPrice:
        entry = self._table(value, where, _MODEL_KEYS)
        window = entry.get("window")
        rates = self._rates(entry, where)
        long_prompt = entry.get("long_prompt")
        if rates == UNPRICED and (long_prompt is not None or window is None):
            raise self._error(where, "has no price")
        return ModelPrice(
            rates=rates,
            long_prompt=None if long_prompt is None else self._long_prompt(long_prompt, f"{where}.long_prompt"),
            window=None if window is None else self._tokens(window, f"{where}.window"),
            source=source,
            as_of=as_of,
        )

    def _long_prompt(self, value: object, where: str) -> LongPrompt:
        entry = self._table(value, where, frozenset({*_RATES, "above"}))
        return LongPrompt(self._tokens(entry.get("above"), f"{where}.above"), self._rates(entry, where))

    def _rates(self, entry: _Table, where: str) -> Rates:
        return Rates(**{name: self._rate(entry[name], f"{where}.{name}") for name in _RATES if name in entry})

    def _rate(self, value: object, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._error(where, f"must be a number of dollars per million tokens, not {value!r}")
        if not 0 <= value <= DEAREST:  # refuses NaN too
            raise self._error(where, f"must be between 0 and {DEAREST:,.0f}, not {value!r}")
        return float(value)

    def _tokens(self, value: object, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise self._error(where, f"must be a whole number of tokens above 0, not {value!r}")
        return value

    def _text(self, value: object, where: str) -> str:
        if not isinstance(value, str):
            raise self._error(where, f"must be a text, not {value!r}")
        return value

    def _date(self, value: object, where: str) -> str:
        if value is None:
            return ""
        if type(value) is date:  # a TOML date; a date with a time is something else
            return value.isoformat()
        try:
            return date.fromisoformat(self._text(value, where)).isoformat()
        except ValueError as error:
            raise self._error(where, f"must be a date such as 2026-11-20, not {value!r}") from error

    def _table(self, value: object, where: str, allowed: frozenset[str] | None = None) -> _Table:
        if not isinstance(value, dict):
            raise self._error(where, f"must be a table, not {value!r}")
        table = cast("_Table", value)
        for key in table:
            if allowed is not None and key not in allowed:
                raise self._error(f"{where}.{key}", f"is not known; known are {', '.join(sorted(allowed))}")
        return table

    def _error(self, where: str, what: str) -> PriceError:
        return PriceError(f"{self._name}: {where} {what[:300]}")
