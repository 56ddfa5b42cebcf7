"""Compiles Hyperscan searches and parses the table of kinds, and keeps both in a cache if the program named one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import hyperscan  # a command that reads no transcript never loads it


class Cache(Protocol):
    """Keeps data from one run to the next."""

    def read(self, name: str) -> bytes | None:
        """The stored data of that name; None if there is none or it is doubtful."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Stores the data, if possible."""
        ...

    def machine(self) -> str:
        """What a compiled search depends on, besides the version of Hyperscan."""
        ...


def _no_cache() -> Cache | None:
    return None


_find_cache: Callable[[], Cache | None] = _no_cache


def keep_compiled_in(find: Callable[[], Cache | None] | None) -> None:
    """Sets the function that gives the cache. Without it everything is made in every run."""
    global _find_cache  # noqa: PLW0603 (one for the process, said before the first search)
    _find_cache = find or _no_cache


def compiled(expressions: list[bytes], flags: list[int]) -> hyperscan.Database:
    """One search for all expressions: from the cache, or compiled, which takes a thousand times as long."""
    import hashlib  # noqa: PLC0415 (as hyperscan)

    import hyperscan  # noqa: PLC0415 (a command that reads no transcript never loads it)

    cache = _find_cache()
    if cache is None:
        return _compiled_anew(expressions, flags)
    version = str(getattr(hyperscan, "__version__", ""))
    asked = repr((expressions, flags, version, cache.machine()))
    name = "search-" + hashlib.sha256(asked.encode()).hexdigest()
    kept = cache.read(name)
    if kept is not None:
        # Hyperscan refuses data that is damaged or was compiled by another version or for another processor.
        with contextlib.suppress(hyperscan.error):
            return hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
    database = _compiled_anew(expressions, flags)
    cache.write(name, hyperscan.dumpb(database))
    return database


def parsed(toml: bytes) -> dict[str, Any]:
    """A table in TOML: from the cache, or parsed, which takes fifty times as long."""
    import hashlib  # noqa: PLC0415 (as hyperscan)

    import orjson  # noqa: PLC0415 (as hyperscan)

    cache = _find_cache()
    name = "table-" + hashlib.sha256(toml).hexdigest()
    kept = cache.read(name) if cache is not None else None
    if kept is not None:
        with contextlib.suppress(orjson.JSONDecodeError):
            return orjson.loads(kept)
    import tomllib  # noqa: PLC0415 (mostly the table is in the cache)

    table = tomllib.loads(toml.decode())
    if cache is not None:
        cache.write(name, orjson.dumps(table))
    return table


def _compiled_anew(expressions: list[bytes], flags: list[int]) -> hyperscan.Database:
    import hyperscan  # noqa: PLC0415 (a command that reads no transcript never loads it)

    database = hyperscan.Database()
    database.compile(expressions=expressions, ids=range(len(expressions)), elements=len(expressions), flags=flags)
    return database
