"""Finds secrets in text and masks them, so that a screenshot, a report or a shared screen gives none away.

Clean text costs a few substring searches: a pattern runs only where its marker stands in the text.
What is kept is the prefix that names the kind (`ghp_…‹masked›`), so that a reader knows what was there.
Prefixes are the vendors' documented ones. Git hashes, UUIDs, message and call ids and paths match none.

Two properties matter to `tui.view.safe_text`: a cut never makes a secret out of text that was none (each pattern that
fails on a text fails on every beginning of it followed by `…`), and masked text holds nothing to mask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MASK = "…‹masked›"

Span = tuple[int, int]
"""Start and end of what is to be masked, in characters."""

_START = r"(?<![A-Za-z0-9])"
_WRAP = r"(?:\r?\n[ \t]*)?"  # a token may be wrapped at the terminal's edge
_DIGIT = r"(?=[A-Za-z_+/=.-]*[0-9])"  # a token has a digit somewhere; words joined by dashes have none
_NEXT_LINE = rf"(?:\r?\n[ \t]*{_DIGIT}[A-Za-z0-9_-]{{16,}})*"


class _Kind(NamedTuple):
    """One family: markers of which one must stand in the text, and the pattern whose group `x` is the secret."""

    markers: tuple[str, ...]
    pattern: re.Pattern[str]


def _fixed(prefix: str, chars: str, count: int) -> str:
    """A token of at least `count` characters after its prefix, possibly wrapped over lines."""
    return rf"{prefix}(?P<x>(?:[{chars}]{_WRAP}){{{count - 1}}}[{chars}]+)"


class _Family(NamedTuple):
    """Kinds that share a gate: where it is not in the text, none of their markers is."""

    gate: str
    kinds: tuple[_Kind, ...]
    markers: tuple[str, ...]


def _family(gate: str, *kinds: _Kind) -> _Family:
    markers = dict.fromkeys(marker for kind in kinds for marker in kind.markers)
    return _Family(gate, kinds, tuple(markers))


def _kind(markers: tuple[str, ...], pattern: str) -> _Kind:
    return _Kind(markers, re.compile(pattern))


_UNDERSCORED = _family(
    "_",
    _kind(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), _START + _fixed("gh[pousr]_", "A-Za-z0-9", 36)),
    _kind(("github_pat_",), _START + _fixed("github_pat_", "A-Za-z0-9_", 40)),
    _kind(("npm_",), _START + _fixed("npm_", "A-Za-z0-9", 36)),
    _kind(("hf_",), _START + _fixed("hf_", "A-Za-z0-9", 30)),
    _kind(("k_live_", "k_test_"), _START + _fixed("[sr]k_(?:live|test)_", "A-Za-z0-9", 16)),
    _kind(
        ("whsec_", "gsk_", "dop_v1_", "doo_v1_", "lin_api_", "shpat_", "shpss_", "sbp_", "figd_", "glsa_", "dckr_pat_"),
        _START
        + rf"(?:whsec|gsk|do[op]_v1|lin_api|shpat|shpss|sbp|figd|glsa|dckr_pat)_(?P<x>{_DIGIT}[A-Za-z0-9_+/=-]{{20,}})",
    ),
)
_DASHED = _family(
    "-",
    _kind(("sk-ant-",), _START + rf"sk-ant-(?P<x>{_DIGIT}[A-Za-z0-9_-]{{20,}}{_NEXT_LINE})"),
    _kind(
        ("sk-",),
        _START
        + r"sk-(?:(?:proj|svcacct|admin|None|or-v1)-"
        + rf"(?P<x>{_DIGIT}[A-Za-z0-9_-]{{20,}}{_NEXT_LINE})|(?P<y>{_DIGIT}[A-Za-z0-9]{{20,}}))",
    ),
    _kind(("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "gloas-"),
          _START + r"gl(?:pat|dt|rt|cbt|ptt|ft|oas)-(?P<x>[A-Za-z0-9_-]{20,})"),
    _kind(("xox", "xapp-"), _START + rf"(?:xox[a-z]|xapp)-(?P<x>{_DIGIT}[A-Za-z0-9-]{{10,}})"),
    _kind(("pypi-", "xai-", "nvapi-", "pplx-", "tskey-", "GOCSPX-", "tvly-"),
          _START + rf"(?:pypi|xai|nvapi|pplx|tskey|GOCSPX|tvly)-(?P<x>{_DIGIT}[A-Za-z0-9_-]{{20,}})"),
    _kind(("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1(?P<x>[A-Z0-9]{20,})"),
    # All to the end marker, or to the end of the text if there is none.
    _kind(("PRIVATE KEY-----",),
          r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?P<x>(?!…)[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z))"),
)  # fmt: skip
_PLAIN = _family(
    "",
    _kind(("AKIA", "ASIA"), _START + _fixed("A[KS]IA", "A-Z0-9", 16)),
    _kind(("AIza",), _START + _fixed("AIza", "A-Za-z0-9_-", 35)),
    _kind(
        ("eyJ",),
        _START + rf"eyJ(?P<x>[A-Za-z0-9_-]{{8,}}\.eyJ[A-Za-z0-9_-]{{8,}}(?:\.[A-Za-z0-9_-]*)?{_NEXT_LINE})",
    ),
    _kind(("SG.", "ya29.", "hvs."), _START + rf"(?:SG|ya29|hvs)\.(?P<x>{_DIGIT}[A-Za-z0-9_.-]{{20,}})"),
)
_URLS = _family(
    "/",
    _kind(("://",), r"""://[^\s/:@"'<>…]{0,64}:(?P<x>(?![$%{<])[^\s/@"'<>…]{1,256})@"""),
    _kind(("hooks.slack.com/services/",), r"hooks\.slack\.com/services/(?P<x>[A-Za-z0-9/]{20,})"),
)

# Values of assignments. What starts like a path, a variable, a call or a placeholder is none.
_VALUE_START = r"""(?![/~.$%{(<\[*…‹⏎-])"""
_END = r"""(?=[\s&;"'`\\=]|\Z)"""
_QUOTE = r"""\\{0,3}["'`]"""
_PASS = r"(?:passw(?:or)?d|passphrase)"
_KEY = r"(?:secret|token|(?:api|access|auth|private|secret|account|signing|encryption)[_-]?key)"
_SET = rf"(?:{_QUOTE})?[ \t]{{0,3}}(?::=|=>|[:=])[ \t]{{0,3}}"
_BARE = r"""[^\s"'`,;&|<>(){}\[\]\\=…⏎]"""  # no `=`: a chain of them would be read anew from each
_MIXED = rf"(?={_BARE}*[0-9])(?={_BARE}*[A-Za-z])"
_ASSIGNED = _family(
    "",
    _kind(("passw", "passphrase"), rf"(?i){_PASS}{_SET}{_QUOTE}(?P<x>{_VALUE_START}[^\s\"'`\\…⏎]{{3,}})"),
    _kind(("passw", "passphrase"), rf"(?i){_PASS}=(?P<x>(?!{_PASS}|none\b|null\b|true\b|false\b){_VALUE_START}{_BARE}{{4,}}){_END}"),
    _kind(("secret", "token", "key"), rf"(?i){_KEY}{_SET}{_QUOTE}(?P<x>{_VALUE_START}[^\s\"'`\\…⏎]{{8,}})"),
    _kind(("passw", "passphrase", "secret", "token", "key"),
          rf"(?i)(?:{_PASS}|{_KEY}){_SET}(?P<x>{_VALUE_START}{_MIXED}{_BARE}{{6,}}){_END}"),
    # The environment's style: capitals, no spaces.
    _kind(("passw", "secret", "token", "key"),
          rf"(?<![a-z])(?:PASSW(?:OR)?D|SECRET|TOKEN|(?:API|ACCESS|AUTH|PRIVATE|SECRET)_?KEY)=(?P<x>{_VALUE_START}{_BARE}{{4,}}){_END}"),
    _kind(("passw", "secret", "token", "key"),
          rf"(?i)--[a-z-]{{0,20}}(?:password|passwd|token|secret|api-?key)[ \t]+(?P<x>{_VALUE_START}{_MIXED}{_BARE}{{6,}}){_END}"),
    _kind(("authorization",),
          rf"(?i)authorization{_SET}(?:{_QUOTE})?(?:basic|token|bearer)[ \t]+(?P<x>{_VALUE_START}[A-Za-z0-9._~+/=-]{{8,}})"),
    _kind(("bearer",), rf"(?i){_START}bearer[ \t]+(?P<x>{_VALUE_START}{_DIGIT}[A-Za-z0-9._~+/=-]{{12,}})"),
)  # fmt: skip
_FAMILIES = (_PLAIN, _UNDERSCORED, _DASHED, _URLS)

_ROUNDS = 4  # one mask can lay bare the beginning of another secret; more than two rounds were never seen


def mask_secrets(text: str) -> str:
    """The text with each secret replaced by `…‹masked›` behind its telling prefix."""
    for _ in range(_ROUNDS):
        spans = secret_spans(text)
        if not spans:
            return text
        text = replace_spans(text, spans)
    return text


def secret_spans(text: str) -> list[Span]:
    """Where secrets stand in the text: ordered, not touching each other."""
    found: list[Span] = []
    for kind in _candidates(text):
        found += [match.span(match.lastgroup or 0) for match in kind.pattern.finditer(text)]
    return _merged(found) if found else found


def replace_spans(text: str, spans: list[Span]) -> str:
    """The text with these spans masked."""
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], MASK)
        at = end
    parts.append(text[at:])
    return "".join(parts)


def _candidates(text: str) -> Iterator[_Kind]:
    """Kinds whose marker stands in the text."""
    for family in _FAMILIES:
        if family.gate in text and any(map(text.__contains__, family.markers)):
            yield from _marked(family.kinds, text)
    folded = text.lower()
    if any(map(folded.__contains__, _ASSIGNED.markers)):
        yield from _marked(_ASSIGNED.kinds, folded)


def _marked(kinds: tuple[_Kind, ...], text: str) -> Iterator[_Kind]:
    return (kind for kind in kinds if any(map(text.__contains__, kind.markers)))


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
