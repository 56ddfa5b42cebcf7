"""Invented projects in four languages: their names, words and pieces of code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Project:
    """What an invented project is called, and the words that its code is made of."""

    name: str
    language: str
    person: str
    directories: tuple[str, ...]
    things: tuple[str, ...]
    verbs: tuple[str, ...]


PROJECTS = (
    Project(
        "tidepool",
        "py",
        "mara",
        ("tidepool/ingest", "tidepool/store", "tidepool/api", "tests"),
        ("tide", "gauge", "station", "reading", "batch", "feed", "harbour", "window"),
        ("parse", "merge", "load", "resample", "publish", "validate", "expire"),
    ),
    Project(
        "ledgerbird",
        "py",
        "jonas",
        ("ledgerbird/core", "ledgerbird/imports", "ledgerbird/web", "tests"),
        ("invoice", "account", "posting", "currency", "statement", "rule", "payee", "balance"),
        ("post", "reconcile", "import", "convert", "match", "close", "round"),
    ),
    Project(
        "kestrel-ui",
        "ts",
        "priya",
        ("src/components", "src/hooks", "src/lib", "src/routes"),
        ("Timeline", "Panel", "Session", "Filter", "Toast", "Sidebar", "Grid", "Avatar"),
        ("render", "use", "format", "fetch", "toggle", "sort", "debounce"),
    ),
    Project(
        "postroom",
        "ts",
        "leo",
        ("packages/server/src", "packages/queue/src", "packages/mail/src", "packages/shared/src"),
        ("Envelope", "Queue", "Template", "Bounce", "Sender", "Tenant", "Webhook", "Digest"),
        ("enqueue", "deliver", "render", "retry", "throttle", "sign", "dispatch"),
    ),
    Project(
        "gravel",
        "go",
        "sven",
        ("internal/router", "internal/tile", "internal/cache", "cmd/gravel"),
        ("Tile", "Segment", "Route", "Node", "Bucket", "Profile", "Cache", "Layer"),
        ("Build", "Decode", "Snap", "Evict", "Weigh", "Walk", "Open"),
    ),
    Project(
        "fennel",
        "go",
        "aiko",
        ("pkg/agent", "pkg/wire", "pkg/probe", "cmd/fennelctl"),
        ("Probe", "Frame", "Lease", "Target", "Report", "Peer", "Session", "Quota"),
        ("Dial", "Encode", "Renew", "Scrape", "Join", "Flush", "Throttle"),
    ),
    Project(
        "oxbow",
        "rs",
        "nadia",
        ("crates/oxbow-core/src", "crates/oxbow-net/src", "crates/oxbow-cli/src", "crates/oxbow-store/src"),
        ("segment", "cursor", "page", "snapshot", "replica", "frame", "index", "lease"),
        ("read", "append", "compact", "replay", "seal", "verify", "split"),
    ),
    Project(
        "quillon",
        "rs",
        "tom",
        ("src/lexer", "src/parser", "src/eval", "src/fmt"),
        ("token", "span", "scope", "node", "arena", "symbol", "macro_rule", "literal"),
        ("lex", "fold", "resolve", "emit", "bind", "expand", "intern"),
    ),
)
SUFFIX = {"py": ".py", "ts": ".ts", "go": ".go", "rs": ".rs"}
"""The suffix of a source file, by language."""
CODE: dict[str, list[str]] = {
    "py": [
        'def {v}_{n}(self, {m}, *, strict=False):\n    """{V} one {n} against {m}."""\n    if {m} is None:\n        raise ValueError("{n} needs a {m}")\n    rows = [r for r in self._{n}s if r.{m}_id == {m}.id]\n    if strict and len(rows) > {k}:\n        raise {N}Error(f"{{len(rows)}} {n}s for {{{m}.id}}")\n    return sorted(rows, key=lambda r: r.created_at)\n',
        'async def {v}_{m}_{n}(session, {m}_id, limit={k}):\n    stmt = select({N}).where({N}.{m}_id == {m}_id).limit(limit)\n    result = await session.execute(stmt)\n    {n}s = result.scalars().all()\n    log.debug("%s: %d {n}s", {m}_id, len({n}s))\n    return {n}s\n',
        'class {N}{M}:\n    __slots__ = ("_{n}", "_{m}s", "dirty")\n\n    def __init__(self, {n}, {m}s=()):\n        self._{n} = {n}\n        self._{m}s = list({m}s)\n        self.dirty = False\n\n    def {v}(self):\n        for {m} in self._{m}s:\n            if not {m}.settled:\n                {m}.{v}(self._{n}, retries={k})\n                self.dirty = True\n        return self.dirty\n',
    ],
    "ts": [
        "export function {v}{N}({m}: {M}Props, options: {N}Options = {{}}): {N}[] {{\n  const limit = options.limit ?? {k};\n  const items = {m}.items.filter((item) => item.kind !== 'draft');\n  if (items.length > limit) {{\n    logger.warn(`{v}{N}: ${{items.length}} items, cut to ${{limit}}`);\n  }}\n  return items.slice(0, limit).map((item) => to{N}(item, {m}.locale));\n}}\n",
        "const {v}{M}{N} = async (id: string, signal?: AbortSignal) => {{\n  const res = await client.get<{N}Response>(`/{m}s/${{id}}/{n}`, {{ signal, timeout: {k}00 }});\n  if (!res.ok) throw new {N}Error(res.status, await res.text());\n  return res.data.map(normalise{N});\n}};\n",
        "interface {N}{M}State {{\n  {n}Id: string | null;\n  {m}s: Map<string, {M}>;\n  status: 'idle' | 'loading' | 'failed';\n  retries: number; // at most {k}\n}}\n",
    ],
    "go": [
        'func (c *{N}{M}) {V}(ctx context.Context, {m} *{M}) ([]{N}, error) {{\n\tif {m} == nil {{\n\t\treturn nil, fmt.Errorf("{v} {n}: no {m}")\n\t}}\n\tc.mu.Lock()\n\tdefer c.mu.Unlock()\n\tout := make([]{N}, 0, {k})\n\tfor _, it := range c.items {{\n\t\tif it.Owner == {m}.ID && !it.Closed {{\n\t\t\tout = append(out, it)\n\t\t}}\n\t}}\n\treturn out, nil\n}}\n',
        '// {V}{N} keeps at most {k} entries per {m}.\nfunc {V}{N}(r io.Reader, opts ...{M}Option) (*{N}, error) {{\n\tcfg := default{M}Config()\n\tfor _, o := range opts {{\n\t\to(&cfg)\n\t}}\n\tbuf := bufio.NewReaderSize(r, cfg.Size)\n\thdr, err := read{N}Header(buf)\n\tif err != nil {{\n\t\treturn nil, fmt.Errorf("header: %w", err)\n\t}}\n\treturn &{N}{{hdr: hdr, cfg: cfg}}, nil\n}}\n',
    ],
    "rs": [
        "pub fn {v}_{n}(&mut self, {m}: &{M}Id) -> Result<Vec<{N}>, Error> {{\n    let guard = self.{m}s.read();\n    let Some(entry) = guard.get({m}) else {{\n        return Err(Error::Missing{M}({m}.clone()));\n    }};\n    let out: Vec<_> = entry\n        .{n}s\n        .iter()\n        .filter(|x| x.generation <= self.generation)\n        .take({k})\n        .cloned()\n        .collect();\n    Ok(out)\n}}\n",
        "#[derive(Debug, Clone, PartialEq)]\npub struct {N}{M} {{\n    pub {n}: {N}Id,\n    pub {m}s: SmallVec<[{M}; {k}]>,\n    sealed: bool,\n}}\n\nimpl {N}{M} {{\n    pub fn {v}(self, at: u64) -> Self {{\n        debug_assert!(at >= self.{m}s.len() as u64);\n        Self {{ sealed: true, ..self }}\n    }}\n}}\n",
    ],
}
"""Pieces of code by language, templates for str.format: v and V a verb, n and N, m and M two things, k a number."""
HEADS = {
    "py": "from __future__ import annotations\n\nimport logging\nfrom datetime import datetime\n\nlog = logging.getLogger(__name__)\n\n\n",
    "ts": "import { client } from '../lib/client';\nimport { logger } from '../lib/logger';\n\n",
    "go": 'package $package\n\nimport (\n\t"bufio"\n\t"context"\n\t"fmt"\n\t"io"\n)\n\n',
    "rs": "use crate::error::Error;\nuse smallvec::SmallVec;\n\n",
}
"""How a source file begins, by language."""
TESTED = (
    "empty", "twice", "after_close", "with_gap", "unicode", "on_timeout", "out_of_order", "single", "large_input",
    "when_missing", "keeps_order", "rejects_null",
)  # fmt: skip
"""What a test looks at, as the end of its name."""
