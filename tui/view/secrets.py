"""Finds secrets in text and masks them, so that a screenshot, a report or a shared screen gives none away.

Clean text costs a few substring searches: a pattern runs only where its marker stands in the text. What is kept is the
prefix that names the kind (`ghp_` and the mask), so that a reader knows what was there. Prefixes are the vendors'
documented ones. Git hashes, UUIDs, message and call ids and paths match none.

Two properties matter to `tui.view.safe_text`: a cut makes no secret out of text that was none (a pattern that fails on
a text fails on each beginning of it followed by `…`), and masked text holds nothing more to mask.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

MASK = "…\u2039masked\u203a"

Span = tuple[int, int]
"""Start and end of what is to be masked, in characters."""

_NAMES = {
    "://": "password in a URL", "hooks.slack.com/services/": "webhook", "eyJ": "web token", "SG.": "service token",
    "pypi-": "service token", "whsec_": "service token", "k_live_": "payment key", "PRIVATE KEY-----": "private key",
    "AGE-SECRET-KEY-1": "private key", "AKIA": "AWS key", "AIza": "Google key", "xox": "Slack token",
    "ghp_": "GitHub token", "github_pat_": "GitHub token", "glpat-": "GitLab token", "passw": "password",
    "secret": "key or token", "authorization": "authorization", "bearer": "authorization",
}  # fmt: skip
"""Kinds by their first marker; the others are called by it."""
_ROUNDS = 4  # a mask can lay bare the beginning of another secret; more than two rounds were never seen


class Secret(NamedTuple):
    """Where a secret stands, in characters, and of which kind it is."""

    start: int
    end: int
    kind: str


class _Kind(NamedTuple):
    """One kind: markers of which one must stand in the text, and the pattern whose one group is the secret."""

    markers: tuple[str, ...]
    pattern: str

    @property
    def name(self) -> str:
        """What it is counted as: the prefix that names it, or what it is called where no prefix does."""
        return _NAMES.get(self.markers[0]) or self.markers[0].strip("-_.")


class _Family(NamedTuple):
    """Kinds that share a gate: a cheap search that finds something wherever one of their markers may matter."""

    gate: Callable[[str], object]
    kinds: tuple[_Kind, ...]
    markers: tuple[str, ...]


def _family(gate: Callable[[str], object], *kinds: _Kind) -> _Family:
    markers = dict.fromkeys(marker for kind in kinds for marker in kind.markers)
    return _Family(gate, kinds, tuple(markers))


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when its marker is first met: most sessions meet few of them, and all take some milliseconds."""
    return re.compile(pattern)


# -- tokens with a prefix ---------------------------------------------------------------------------

_START = r"(?<![A-Za-z0-9])"
_WRAP = r"(?:\r?\n[ \t]*)?"  # a token may be wrapped at the terminal's edge
_DIGIT = r"(?=[A-Za-z_+/=.-]*[0-9])"  # a token has a digit somewhere; words joined by dashes have none
_NEXT_LINE = rf"(?:\r?\n[ \t]*{_DIGIT}[A-Za-z0-9_-]{{16,}})*"
_LONG = rf"{_DIGIT}[A-Za-z0-9_-]{{20,}}"


def _fixed(prefix: str, chars: str, count: int) -> str:
    """A token of at least `count` characters after its prefix, possibly wrapped over lines."""
    return rf"{_START}{prefix}((?:[{chars}]{_WRAP}){{{count - 1}}}[{chars}]+)"


# Gates of patterns begin with one literal character each: that is what `re` searches for fastest.
_UNDERSCORED = _family(
    re.compile(r"_(?:[A-Za-z0-9_+/=-]{16}|[A-Za-z0-9_]{0,15}\r?\n)").search,
    _Kind(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), _fixed("gh[pousr]_", "A-Za-z0-9", 36)),
    _Kind(("github_pat_",), _fixed("github_pat_", "A-Za-z0-9_", 40)),
    _Kind(("npm_",), _fixed("npm_", "A-Za-z0-9", 36)),
    _Kind(("hf_",), _fixed("hf_", "A-Za-z0-9", 30)),
    _Kind(("k_live_", "k_test_"), _fixed("[sr]k_(?:live|test)_", "A-Za-z0-9", 16)),
    _Kind(
        ("whsec_", "gsk_", "dop_v1_", "doo_v1_", "lin_api_", "shpat_", "shpss_", "sbp_", "figd_", "glsa_", "dckr_pat_"),
        rf"{_START}(?:whsec|gsk|do[op]_v1|lin_api|shpat|shpss|sbp|figd|glsa|dckr_pat)_"
        rf"({_DIGIT}[A-Za-z0-9_+/=-]{{20,}})",
    ),
)
_DASHED = _family(
    re.compile(r"-[A-Za-z0-9_-]{9}").search,
    _Kind(("sk-ant-",), rf"{_START}sk-ant-({_LONG}{_NEXT_LINE})"),
    _Kind(("sk-",), rf"{_START}sk-(?:proj|svcacct|admin|None|or-v1)-({_LONG}{_NEXT_LINE})"),
    _Kind(("sk-",), rf"{_START}sk-({_DIGIT}[A-Za-z0-9]{{20,}})"),
    _Kind(
        ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "gloas-"),
        rf"{_START}gl(?:pat|dt|rt|cbt|ptt|ft|oas)-([A-Za-z0-9_-]{{20,}})",
    ),
    _Kind(("xox", "xapp-"), rf"{_START}(?:xox[a-z]|xapp)-({_DIGIT}[A-Za-z0-9-]{{10,}})"),
    _Kind(
        ("pypi-", "xai-", "nvapi-", "pplx-", "tskey-", "GOCSPX-", "tvly-"),
        rf"{_START}(?:pypi|xai|nvapi|pplx|tskey|GOCSPX|tvly)-({_LONG})",
    ),
    _Kind(("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1([A-Z0-9]{20,})"),
    # Up to the end marker, or to the end of the text if there is none.
    _Kind(
        ("PRIVATE KEY-----",),
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----"
        r"((?!…)[\s\S]+?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|\Z))",
    ),
)
_CAPITAL = _family(
    re.compile(r"A(?:[KS]IA|Iza)").search,
    _Kind(("AKIA", "ASIA"), _fixed("A[KS]IA", "A-Z0-9", 16)),
    _Kind(("AIza",), _fixed("AIza", "A-Za-z0-9_-", 35)),
)
_DOTTED = _family(
    re.compile(r"\.[A-Za-z0-9_-]{11}").search,
    _Kind(
        ("eyJ",),  # a JSON Web Token: two or three parts, the first two begin with `{"`
        rf"{_START}eyJ([A-Za-z0-9_-]{{8,}}\.eyJ[A-Za-z0-9_-]{{8,}}(?:\.[A-Za-z0-9_-]*)?{_NEXT_LINE})",
    ),
    _Kind(("SG.", "ya29.", "hvs."), rf"{_START}(?:SG|ya29|hvs)\.({_DIGIT}[A-Za-z0-9_-][A-Za-z0-9_.-]{{20,}})"),
)
_URLS = _family(
    re.compile("://").search,
    _Kind(("://",), r"""://[^\s/:@"'<>…]{0,64}:((?![$%{<])[^\s/@"'<>…]{1,256})@"""),
    _Kind(("hooks.slack.com/services/",), r"hooks\.slack\.com/services/([A-Za-z0-9/]{20,})"),
)

# -- values that something names a secret -----------------------------------------------------------

# What starts like a path, a variable, a call, a placeholder or a mask is no value.
_VALUE = r"""(?![/~.$%{(<\[*…⏎-])"""
_END = r"""(?=[\s&;"'`\\=]|\Z)"""
_END_IN_CODE = r"""(?=[\s&;"'`\\=,|<>)}\]]|\Z)"""
_QUOTE = r"""\\{0,3}["'`]"""  # JSON inside JSON escapes its quotes
_PASS = r"(?:passw(?:or)?d|passphrase)"  # noqa: S105 - a pattern
_KEY = r"(?:secret|token|(?:api|access|auth|private|secret|account|signing|encryption)[_-]?key)"
_SET = rf"(?:{_QUOTE})?[ \t]{{0,3}}(?::=|=>|[:=])[ \t]{{0,3}}"
_QUOTED = r"""[^\s"'`\\…⏎]"""
_BARE = r"""[^\s"'`,;&|<>(){}\[\]\\=…⏎]"""  # no `=`: a chain of them would be read anew from each
_MIXED = rf"(?={_BARE}*[0-9])(?={_BARE}*[A-Za-z])"
_WORD = rf"({_VALUE}{_MIXED}{_BARE}{{6,}}){_END_IN_CODE}"
_NO_WORD = rf"(?!{_PASS}|none\b|null\b|true\b|false\b)"  # `password=password` and the like are code


def _may_assign(text: str) -> bool:
    return ":" in text or "=" in text or "--" in text or "earer" in text or "EARER" in text


_ASSIGNED = _family(
    _may_assign,
    _Kind(("passw", "passphrase"), rf"(?i){_PASS}{_SET}{_QUOTE}({_VALUE}{_QUOTED}{{3,}})"),
    _Kind(("passw", "passphrase"), rf"(?i){_PASS}=({_NO_WORD}{_VALUE}{_BARE}{{4,}}){_END}"),
    _Kind(("secret", "token", "key"), rf"(?i){_KEY}{_SET}{_QUOTE}({_VALUE}{_QUOTED}{{8,}})"),
    _Kind(("passw", "passphrase", "secret", "token", "key"), rf"(?i)(?:{_PASS}|{_KEY}){_SET}{_WORD}"),
    _Kind(  # the environment's style: capitals, no spaces
        ("secret", "token", "key"),
        rf"(?<![a-z])(?:SECRET|TOKEN|(?:API|ACCESS|AUTH|PRIVATE|SECRET)_?KEY)=({_VALUE}{_BARE}{{4,}}){_END_IN_CODE}",
    ),
    _Kind(
        ("passw", "secret", "token", "key"),
        rf"(?i)--[a-z-]{{0,20}}(?:passw(?:or)?d|token|secret|api-?key)[ \t]+{_WORD}",
    ),
    _Kind(
        ("authorization",),
        rf"(?i)authorization{_SET}(?:{_QUOTE})?(?:basic|token|bearer)[ \t]+({_VALUE}[A-Za-z0-9._~+/=-]{{8,}})",
    ),
    _Kind(("bearer",), rf"(?i){_START}bearer[ \t]+({_VALUE}{_DIGIT}[A-Za-z0-9._~+/=-]{{12,}})"),
)
_TOKENS = (_UNDERSCORED, _DASHED, _CAPITAL, _DOTTED, _URLS)


def mask_secrets(text: str) -> str:
    """The text with each secret replaced by `MASK` behind its telling prefix."""
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
        found += [match.span(1) for match in _compiled(kind.pattern).finditer(text)]
    return _merged(found) if found else found


def secrets_in(text: str) -> list[Secret]:
    """As `secret_spans`, and of which kind each is; what several kinds claim is the first one's."""
    found = [
        Secret(*match.span(1), kind.name)
        for kind in _candidates(text)
        for match in _compiled(kind.pattern).finditer(text)
    ]
    merged: list[Secret] = []
    for secret in sorted(found):
        if merged and secret.start <= merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(secret.end, merged[-1].end))
        else:
            merged.append(secret)
    return merged


def replace_spans(text: str, spans: list[Span]) -> str:
    """The text with these spans masked. Spans are ordered and do not overlap."""
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], MASK)
        at = end
    parts.append(text[at:])
    return "".join(parts)


def _candidates(text: str) -> Iterator[_Kind]:
    """Kinds whose marker stands in the text."""
    for family in _TOKENS:
        if family.gate(text):
            yield from _marked(family, text)
    if _ASSIGNED.gate(text):
        yield from _marked(_ASSIGNED, text.lower())


def _marked(family: _Family, text: str) -> Iterator[_Kind]:
    if not any(map(text.__contains__, family.markers)):
        return
    for kind in family.kinds:
        if any(map(text.__contains__, kind.markers)):
            yield kind


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
