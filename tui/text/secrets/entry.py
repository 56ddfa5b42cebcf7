"""The entry for text from outside. Results contain no secret and no escape sequence, at any depth.

Every reader takes its lines through `tui.io.json_fields.parse`, which calls this. So everything that is later cut,
joined, quoted or shown is safe. A clean line costs one search over its bytes.
"""

from __future__ import annotations

from typing import Any

import orjson

from tui.text.secrets.find import may_hold_secret
from tui.text.secrets.invisible import closed
from tui.text.secrets.masking import Masker


class _Entry(Masker):
    """Replaces every secret by the same mask, independent of earlier text, and removes escape sequences."""

    def prepared(self, raw: str) -> str:
        """The text without anything that begins an escape sequence."""
        return closed(raw)


_ENTRY = _Entry()


def clean_line(data: bytes, record: Any) -> Any:
    """The masked record. `data` is the same line as bytes: one search over it shows that most lines are clean."""
    return _ENTRY.value(record) if may_hold_secret(data) else record


def clean_text(text: str) -> str:
    """Masks a text that comes from elsewhere."""
    return _ENTRY.text(text)


def clean_value(value: Any) -> Any:
    """Masks parsed JSON that comes from elsewhere.

    It is written as one line first, so that one search covers all of it.
    """
    try:
        line = orjson.dumps(value)
    except orjson.JSONEncodeError:
        return _ENTRY.value(value)
    return clean_line(line, value)
