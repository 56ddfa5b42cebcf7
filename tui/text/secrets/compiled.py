"""Searches by Hyperscan, compiled: kept from one run to the next, if somebody says where."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import hyperscan  # a command that reads no transcript never loads it


class Cache(Protocol):
    """Where compiled searches are kept from one run to the next."""

    def read(self, name: str) -> bytes | None:
        """What was kept by that name; None if there is nothing, or any doubt about it."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Keeps it, if that is possible."""
        ...

    def machine(self) -> str:
        """What a compiled search depends on beside the version of Hyperscan."""
        ...


_cache: Cache | None = None


def keep_compiled_in(cache: Cache | None) -> None:
    """Says where compiled searches are kept. Unless somebody does, they are kept nowhere."""
    global _cache  # noqa: PLW0603 (one for the process, said before the first search)
    _cache = cache


def compiled(expressions: list[bytes], flags: list[int]) -> hyperscan.Database:
    """A search for all of these: from the cache, or compiled, which takes a thousand times as long."""
    import hyperscan  # noqa: PLC0415 (a command that reads no transcript never loads it)

    if _cache is None:
        return _compiled_anew(expressions, flags)
    version = str(getattr(hyperscan, "__version__", ""))
    asked = repr((expressions, flags, version, _cache.machine()))
    name = "search-" + hashlib.sha256(asked.encode()).hexdigest()
    kept = _cache.read(name)
    if kept is not None:
        # Hyperscan refuses what is damaged, and what another version or another processor compiled.
        with contextlib.suppress(hyperscan.error):
            return hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
    database = _compiled_anew(expressions, flags)
    _cache.write(name, hyperscan.dumpb(database))
    return database


def _compiled_anew(expressions: list[bytes], flags: list[int]) -> hyperscan.Database:
    import hyperscan  # noqa: PLC0415 (a command that reads no transcript never loads it)

    database = hyperscan.Database()
    database.compile(expressions=expressions, ids=range(len(expressions)), elements=len(expressions), flags=flags)
    return database
