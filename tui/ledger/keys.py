"""The numbers that stand for keys of calls."""

from __future__ import annotations

from hashlib import blake2b


def key_of(text: str) -> int:
    """64 bits (signed) that stand for a key."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)
