"""What the client itself writes: errors, limits, compaction, states, and lines that say nothing."""

from __future__ import annotations

import pytest

from tests.agents.builders import (
    SESSION,
    claude_api_error,
    claude_attachment,
    claude_line,
    claude_system,
    encode,
    one,
    only,
    read_all,
)
from tui.agents.claude.reader import ClaudeReader
from tui.io.lines import BadLine
from tui.model.event import ApiError, AssistantText, Compact, Event, LaneInfo, Limit, Mark, State, Unknown


def said(*records: object) -> list[Event]:
    """The events but for the lane's own facts."""
    return [event for event in read_all(ClaudeReader(), *records) if not isinstance(event, LaneInfo)]


# -- limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "minutes", "resets"),
    [
        ("Claude AI usage limit reached|1757894400", None, None, 1757894400.0),
        ("Claude AI usage limit reached|1757894400000", None, None, 1757894400.0),
        ("5-hour limit reached \u2219 resets 3pm", "5-hour", 300, None),
        ("You've hit your weekly limit \u00b7 resets Mon", "weekly", 10080, None),
        ("You've hit your limit \u00b7 resets 3pm (Europe/Berlin)", None, None, 1785762000.0),
        ("You've hit your limit \u00b7 resets 13pm (UTC)", None, None, None),
        ("You've hit your limit \u00b7 resets 3pm (No/Where)", None, None, None),
        ("You've hit your limit \u00b7 resets Aug 4, 3pm (UTC)", None, None, 1785855600.0),
        ("You've hit your limit \u00b7 resets Aug 2, 3pm (UTC)", None, None, 1785682800.0),
        ("You've hit your limit \u00b7 resets Jul 2, 3pm (UTC)", None, None, 1814540400.0),
        ("You've hit your limit \u00b7 resets Xyz 4, 3pm (UTC)", None, None, None),
        ("You've hit your limit \u00b7 resets Feb 30, 3pm (UTC)", None, None, None),
        ("Opus weekly limit reached", "opus weekly", 10080, None),
        ("You've hit your session limit \u00b7 resets 3pm (UTC)", "5-hour", 300, 1785769200.0),
        ("You've hit your Opus limit \u00b7 resets Aug 4, 3pm (UTC)", "opus weekly", 10080, 1785855600.0),
        (
            "You've hit your individual spend limit \u00b7 ask your admin \u00b7 your 5-hour limit resets 3pm (UTC)",
            "spend",
            None,
            None,
        ),
        ("You've hit your org's monthly spend limit", "monthly spend", None, None),
        ("You\u2019ve hit your team\u2019s pooled group budget", "budget", None, None),
        ("You're out of usage credits", "usage credits", None, None),
        ("Usage is paused for your organization", None, None, None),
        ("Your org is out of usage", None, None, None),
    ],
)
def test_a_reached_limit_is_a_limit_not_a_fault(
    text: str, name: str | None, minutes: int | None, resets: float | None
) -> None:
    limit = one(said(claude_api_error(text)), Limit)
    assert (limit.name, limit.window_minutes, limit.resets_at, limit.reached) == (name, minutes, resets, True)
    assert limit.used_percent is None


def refused(**stated: object) -> dict[str, object]:
    """The fields of a newer client's line. `stated` are those of the limit."""
    return {"error": "rate_limit", "apiErrorStatus": 429, "apiError": "usage_limit_reached", "quotaLimits": stated}


@pytest.mark.parametrize(
    ("kind", "text", "name", "minutes"),
    [
        ("five_hour", "You've hit your 5-hour limit \u00b7 resets 11:57pm (UTC)", "5-hour", 300),
        ("seven_day", "You've hit your weekly limit \u00b7 resets Dec 3, 9:17am (UTC)", "weekly", 10080),
        ("seven_day_opus", "You've hit your Opus limit", "opus weekly", 10080),
        ("seven_day_overage_included", "You've hit your Fable limit", "fable weekly", 10080),
        ("a_new_one", "Please wait.", None, None),
        (
            "five_hour",
            "You've hit your individual spend limit \u00b7 your 5-hour limit resets 3pm (UTC)",
            "5-hour",
            300,
        ),
    ],
)
def test_what_a_line_states_in_fields_is_taken_before_its_sentence(
    kind: str, text: str, name: str | None, minutes: int | None
) -> None:
    line = claude_api_error(text, **refused(status="rejected", resetsAt=1785800000, rateLimitType=kind))
    limit = one(said(line), Limit)
    assert (limit.name, limit.window_minutes, limit.resets_at, limit.reached) == (name, minutes, 1785800000.0, True)


def test_the_older_place_of_the_fields_is_read_too() -> None:
    info = {"rate_limit_info": {"status": "rejected", "resetsAt": 1785800000, "rateLimitType": "seven_day"}}
    limit = one(said(claude_api_error("Please wait.", apiErrorParams=info)), Limit)
    assert (limit.name, limit.resets_at) == ("weekly", 1785800000.0)


def test_a_busy_service_is_no_reached_limit() -> None:
    text = "API Error: Server is temporarily limiting requests (not your usage limit) \u00b7 try again"
    events = said(claude_api_error(text, error="rate_limit", apiErrorStatus=429))
    assert only(events, Limit) == []
    assert one(events, ApiError).status == 429


def test_a_limit_that_credits_pay_for_is_not_reached() -> None:
    line = claude_api_error("x", **refused(status="rejected", rateLimitType="five_hour", isUsingOverage=True))
    assert only(said(line), Limit) == []


def test_other_api_errors_are_final_faults_with_their_status() -> None:
    fault = one(said(claude_api_error('API Error: 529 {"type":"overloaded"}')), ApiError)
    assert (fault.status, fault.final) == (529, True)
    assert one(said(claude_api_error("No such model", apiErrorStatus=404)), ApiError).status == 404


def test_the_text_of_an_error_is_not_said_by_the_model() -> None:
    assert only(said(claude_api_error("API Error: 529")), AssistantText) == []


def test_retries_are_faults_that_the_client_handles_itself() -> None:
    error = {"status": 529, "error": {"type": "error", "error": {"message": "Overloaded"}}}
    line = claude_system("api_error", error=error, retryAttempt=2, maxRetries=10, retryInMs=1500)
    fault = one(said(line), ApiError)
    assert (fault.text, fault.status, fault.retry_in_s, fault.final) == ("Overloaded", 529, 1.5, False)


def test_a_failed_connection_names_its_cause() -> None:
    line = claude_system("api_error", error={"cause": {"code": "ECONNRESET"}}, retryAttempt=1, maxRetries=10)
    fault = one(said(line), ApiError)
    assert (fault.text, fault.status, fault.retry_in_s) == ("ECONNRESET", None, None)


# -- states -------------------------------------------------------------------------------------------


def test_the_end_of_a_turn() -> None:
    assert one(said(claude_system("turn_duration", durationMs=48575)), State).mark is Mark.TURN_ENDED


def test_a_request_in_flight_is_seen() -> None:
    line = {
        "type": "api-request", "sessionId": SESSION, "id": "d227", "timestamp": "2026-08-03T12:00:00.000Z",
        "params": {"model": "claude-opus-5-5"}, "tail": [],
    }  # fmt: skip
    state = one(said(line), State)
    assert (state.mark, state.detail) == (Mark.REQUEST_STARTED, "claude-opus-5-5")


def test_a_hook_that_stops_the_lane() -> None:
    stopped = claude_attachment("hook_stopped_continuation", {"message": "budget used up"})
    state = one(said(stopped), State)
    assert (state.mark, state.detail) == (Mark.HOOK_STOPPED, "budget used up")
    summary = claude_system("stop_hook_summary", preventedContinuation=True, stopReason="enough")
    assert one(said(summary), State).detail == "enough"
    assert said(claude_system("stop_hook_summary", preventedContinuation=False)) == []


def test_compaction_states_the_context_before_and_after() -> None:
    metadata = {"trigger": "auto", "preTokens": 168_483, "postTokens": 1_873}
    compact = one(said(claude_system("compact_boundary", compactMetadata=metadata)), Compact)
    assert (compact.trigger, compact.before_tokens, compact.after_tokens) == ("auto", 168_483, 1_873)


def test_older_compaction_leaves_the_context_after_it_unknown() -> None:
    metadata = {"trigger": "manual", "preTokens": 168_483}
    assert one(said(claude_system("compact_boundary", compactMetadata=metadata)), Compact).after_tokens is None


def test_a_small_compaction_states_what_it_saved() -> None:
    metadata = {"preTokens": 100_000, "tokensSaved": 30_000}
    compact = one(said(claude_system("microcompact_boundary", microcompactMetadata=metadata)), Compact)
    assert (compact.before_tokens, compact.after_tokens) == (100_000, 70_000)


# -- lines that say nothing, and lines that nobody knows ------------------------------------------------


@pytest.mark.parametrize(
    "kind",
    ["file-history-snapshot", "last-prompt", "mode", "permission-mode", "pr-link", "tools-used", "cost-state",
     "api-request-shape", "api-request-blob", "atis-latch"],
)  # fmt: skip
def test_mute_lines_say_nothing_however_their_keys_are_ordered(kind: str) -> None:
    assert said({"type": kind, "sessionId": SESSION}) == []
    assert said({"sessionId": SESSION, "type": kind}) == []


def test_a_mute_line_is_skipped_unread_only_if_it_is_whole() -> None:
    line = encode({"type": "api-request-blob", "sessionId": SESSION, "message": {"content": "x" * 50}})
    assert read_all(ClaudeReader(), line) == []
    with pytest.raises(BadLine):
        read_all(ClaudeReader(), line[:40])


def test_the_text_of_a_line_cannot_make_it_mute() -> None:
    text = '{"type":"api-request-blob","sessionId":"x"}'
    assert one(said(claude_line("user", message={"role": "user", "content": text})), Event).kind == "prompt"


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"type": "brand-new", "sessionId": SESSION}, "brand-new"),
        ({"no": "type"}, "?"),
        ({"type": ["user"]}, "?"),
        (claude_system("quite_new"), "system/quite_new"),
        (claude_attachment("quite_new"), "attachment/quite_new"),
    ],
)
def test_unknown_lines_are_counted_by_type(record: object, kind: str) -> None:
    assert one(said(record), Unknown).type == kind


@pytest.mark.parametrize("kind", ["hook_success", "skill_listing", "deferred_tools_delta", "prompt_snapshot"])
def test_known_attachments_without_meaning_are_not_unknown(kind: str) -> None:
    assert said(claude_attachment(kind)) == []
