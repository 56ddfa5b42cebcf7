"""Where text enters: what comes out of here holds no secret and no escape sequence, in any string at any depth.

Every reader takes its lines through `tui.io.json_fields.parse`, which calls this. Whatever is cut, joined, quoted
or shown afterwards is safe by that. Clean lines cost one search over their bytes.
"""

from __future__ import annotations

from typing import Any

import orjson

from tui.text.secrets.find import may_hold_secret
from tui.text.secrets.invisible import closed
from tui.text.secrets.masking import Masker


class _Entry(Masker):
    """Masks with one mask for all, which depends on nothing that was read before; takes escape sequences out."""

    def prepared(self, raw: str) -> str:
        """A text in which nothing begins an escape sequence."""
        return closed(raw)


_ENTRY = _Entry()


def clean_line(data: bytes, record: Any) -> Any:
    """The parsed line, masked. `data` is the line as it stands in the file: it tells at once that most are clean."""
    return _ENTRY.value(record) if may_hold_secret(data) else record


def clean_text(text: str) -> str:
    """A text from elsewhere, masked."""
    return _ENTRY.text(text)


def clean_value(value: Any) -> Any:
    """Parsed JSON from elsewhere, masked. Written as a line once more: one search for all of it."""
    try:
        line = orjson.dumps(value)
    except orjson.JSONEncodeError:
        return _ENTRY.value(value)
    return clean_line(line, value)
