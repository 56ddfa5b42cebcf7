"""Transcripts with all that can go wrong in them, drawn by Hypothesis."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

Draw = st.DrawFn

COUNTS = st.one_of(st.integers(0, 900), st.sampled_from([None, -1, "7", 2.0, True, 10**13]))
FEW_BAD_COUNTS = st.one_of(st.integers(0, 900), st.integers(0, 900), st.integers(0, 900), COUNTS)
STAMPS = st.one_of(
    st.integers(0, 3000).map(lambda second: f"2026-05-09T09:{second // 60:02}:{second % 60:02}.{second % 7}00Z"),
    st.sampled_from(["2026-05-09T09:00:01Z", "2026-05-09T11:00:01.5+02:00", "soon", None, 7]),
)
JUNK = [
    b"", b"{", b"[1]", b'{"type":"assistant"}', b'{"type":"user","message":3}', b"\r", b'{"a":"\\ud83d"}', b"caf\xe9", b"x\0y",
    b'{"type":"brand-new","usage":{"input_tokens":5}}', b'{"payload":[]}', b'{"type":"assistant","sessionId":"s1","message":{"id":"msg_1"',
]  # fmt: skip


@st.composite
def usage(draw: Draw) -> Any:
    stated: dict[str, Any] = {"input_tokens": draw(FEW_BAD_COUNTS), "output_tokens": draw(FEW_BAD_COUNTS)}
    if draw(st.booleans()):
        stated["cache_read_input_tokens"] = draw(st.integers(0, 9000))
    if draw(st.booleans()):
        stated["cache_creation_input_tokens"] = draw(st.integers(0, 900))
        stated["cache_creation"] = draw(
            st.sampled_from([None, {}, 3, {"ephemeral_5m_input_tokens": 40}, {"ephemeral_1h_input_tokens": 700}])
        )
    stated |= draw(
        st.sampled_from(
            [{}, {}, {}, {"speed": "fast"}, {"output_tokens_details": {"thinking_tokens": 4}}, {"output_tokens_details": {"thinking_tokens": -4}},
             {"iterations": [{"type": "message", "input_tokens": 3}]}, {"iterations": [{"type": "compaction", "input_tokens": 3}]}]
        )
    )  # fmt: skip
    return draw(st.sampled_from([stated, stated, stated, stated, stated, {}, None]))


@st.composite
def message_line(draw: Draw) -> dict[str, Any]:
    """A line of a conversation by messages."""
    kind = draw(
        st.sampled_from(
            ["assistant"] * 6 + ["user"] * 3 + ["attachment", "system", "queue-operation", "summary", "mode", "new"]
        )
    )
    line: dict[str, Any] = {
        "type": kind, "sessionId": draw(st.sampled_from(["s1", "s1", "s1", "s1", "s2"])), "timestamp": draw(STAMPS),
        "cwd": draw(st.sampled_from(["/w/a", "/w/a", "/w/a", "/w/b", None])), "version": "2.1.0", "gitBranch": "main", "isSidechain": False,
    }  # fmt: skip
    line |= draw(
        st.sampled_from(
            [
                {},
                {},
                {},
                {},
                {"isSidechain": True},
                {"isSidechain": True, "agentId": "a1"},
                {"agentId": "a2"},
                {"agentId": 3},
            ]
        )
    )
    if draw(st.integers(0, 9)):
        line["uuid"] = f"u{draw(st.integers(0, 99))}"
    if kind == "assistant":
        line["requestId"] = draw(st.sampled_from(["req_1", "req_2", None]))
        line["message"] = {
            "id": draw(st.sampled_from(["msg_1", "msg_2", "msg_3", "msg_4", "gen-1", None])), "role": "assistant",
            "model": draw(st.sampled_from(["claude-opus-4-6", "claude-opus-4-6", "claude-sonnet-4-5", "<synthetic>", None])),
            "stop_reason": draw(st.sampled_from([None, "end_turn"])), "content": [{"type": "text", "text": "done"}],
            "usage": draw(usage()),
        }  # fmt: skip
        line |= draw(st.sampled_from([{}, {}, {}, {}, {}, {"isApiErrorMessage": True}]))
    elif kind == "user":
        line["message"] = {
            "role": "user",
            "content": draw(st.sampled_from(["Do it", "<command-name>/fix</command-name>", []])),
        }
    elif kind == "attachment":
        line["attachment"] = {"type": "date"}
    return line


@st.composite
def further(draw: Draw, line: dict[str, Any]) -> dict[str, Any]:
    """A further line of the call of `line`, mostly with another output."""
    message = dict(line["message"], stop_reason=draw(st.sampled_from([None, "end_turn"])))
    if message["usage"] is not None and draw(st.integers(0, 3)):
        message["usage"] = dict(message["usage"], output_tokens=draw(FEW_BAD_COUNTS))
    message |= draw(st.sampled_from([{}, {}, {}, {"model": "claude-opus-4-6"}]))
    return dict(line, message=message, timestamp=draw(STAMPS))


@st.composite
def counter(draw: Draw) -> Any:
    tokens = draw(st.lists(st.integers(0, 3), min_size=4, max_size=4))
    names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")
    stated: dict[str, Any] = {name: 100 * count for name, count in zip(names, tokens, strict=True)}
    stated["total_tokens"] = stated["input_tokens"] + stated["output_tokens"]
    return draw(st.sampled_from([stated] * 8 + [None, {}, {"input_tokens": -1}]))


@st.composite
def payload_line(draw: Draw) -> dict[str, Any]:
    """A line of a conversation by payloads."""
    kind, payload = draw(
        st.sampled_from(
            [("event_msg", {"type": "token_count"})] * 6
            + [("token_usage_record", {"response_id": "r1"}), ("turn_context", {"model": "gpt-5.3-codex", "cwd": "/w/b"}),
               ("response_item", {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Do it"}]}),
               ("response_item", {"type": "message", "role": "assistant", "content": []}), ("response_item", {"type": "new", "usage": {"input_tokens": 4}}),
               ("event_msg", {"type": "task_started"}), ("event_msg", {"type": "new"}), ("session_meta", {"id": "t1"}), ("session_meta", {"id": "t2"}),
               ("event_msg", {"type": "thread_name_updated", "thread_name": "Name"}), ("compacted", {}), ("new", {"info": 3})]
        )
    )  # fmt: skip
    payload = dict(payload)
    if payload.get("type") == "token_count":
        payload["info"] = draw(
            st.one_of(st.none(), st.fixed_dictionaries({"total_token_usage": counter(), "last_token_usage": counter()}))
        )
    elif kind == "token_usage_record":
        payload |= {"usage": draw(counter()), "thread_token_usage": draw(counter())}
    return {"timestamp": draw(STAMPS), "type": kind, "payload": payload}


FIRST_PAYLOADS: list[dict[str, Any]] = [
    {"id": "t1", "cwd": "/w/a"}, {"id": "t1", "cwd": "/w/a"}, {"id": "t1", "forked_from_id": "t0"},
    {"id": "t1", "source": {"subagent": {"thread_spawn": {"parent_thread_id": "t0"}}}},
]  # fmt: skip


@st.composite
def transcripts(draw: Draw) -> bytes:
    """One transcript of either form, with junk between its lines."""
    lines: list[bytes] = []
    by_payloads = draw(st.booleans())
    if by_payloads:
        meta = {
            "timestamp": "2026-05-09T09:00:00.000Z",
            "type": "session_meta",
            "payload": draw(st.sampled_from(FIRST_PAYLOADS)),
        }
        lines.append(json.dumps(meta).encode())
    kinds = payload_line() if by_payloads else message_line()
    for line in draw(st.lists(kinds, max_size=14)):
        lines.append(json.dumps(line, separators=(",", ":") if draw(st.booleans()) else None).encode())
        if not draw(st.integers(0, 7)):
            lines.append(draw(st.sampled_from(JUNK)))
        if not draw(st.integers(0, 7)):
            lines.append(lines[-1])
        if line["type"] == "assistant" and draw(st.booleans()):
            lines.append(json.dumps(draw(further(line)), separators=(",", ":")).encode())
    whole = b"\n".join(lines)
    return whole + draw(st.sampled_from([b"\n", b"\n", b"", b"\r\n"]))
