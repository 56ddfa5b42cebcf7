"""Numbers and ids that look thrown and are the same on every machine and Python version."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b

DAY = datetime(2026, 5, 9, 9, 0, tzinfo=UTC).timestamp()
"""Seconds UTC at which the samples begin."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def at(clock: str) -> float:
    """Seconds UTC of a time of the samples' day, written as 09:02 or 09:02:10."""
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return DAY + (hours - 9) * 3600 + minutes * 60 + (seconds[0] if seconds else 0)


def iso(seconds: float) -> str:
    """A time as both agents write it: UTC with milliseconds."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{millis(seconds) % 1000:03d}Z"


def millis(seconds: float) -> int:
    """Milliseconds since the epoch, rounded down."""
    return int(seconds * 1000 + 1e-6)


class Dice:
    """A stream of bytes that depends on its name alone."""

    def __init__(self, name: str) -> None:
        self._name = name.encode()
        self._throws = 0

    def _bytes(self, count: int) -> bytes:
        self._throws += 1
        return blake2b(self._name + self._throws.to_bytes(4, "big"), digest_size=count).digest()

    def between(self, low: float, high: float) -> float:
        """A number from low up to high."""
        return low + (high - low) * int.from_bytes(self._bytes(6), "big") / 2**48

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int.from_bytes(self._bytes(6), "big") % (high - low + 1)

    def hex(self, count: int) -> str:
        """Hexadecimal digits."""
        return self._bytes(32).hex()[:count]

    def word(self, prefix: str, count: int) -> str:
        """An id such as `msg_01Ab...`: a prefix and letters without those that look alike."""
        return prefix + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in self._bytes(count))

    def uuid(self) -> str:
        """A random (version 4) UUID."""
        digits = self.hex(32)
        return _dashed(f"{digits[:12]}4{digits[13:16]}{'89ab'[int(digits[16], 16) % 4]}{digits[17:]}")

    def timed_uuid(self, seconds: float) -> str:
        """A version 7 UUID: it begins with the time in milliseconds."""
        digits = self.hex(32)
        return _dashed(f"{millis(seconds):012x}7{digits[13:16]}{'89ab'[int(digits[16], 16) % 4]}{digits[17:]}")


def _dashed(digits: str) -> str:
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
