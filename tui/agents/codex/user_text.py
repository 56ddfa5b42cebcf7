"""Classifies a message with the user's role in a Codex rollout. Most are context that the client added."""

from __future__ import annotations

from tui.agents.tools import joined_text
from tui.io.json_fields import Record, array, obj

_INJECTED = (
    "<environment_context>", "<user_instructions>", "# AGENTS.md instructions", "<skill>", "<turn_aborted>",
    "<subagent_notification>", "<codex_internal_context", "<user_shell_command>", "<INSTRUCTIONS>",
    "<permissions instructions>", "<collaboration_mode>", "<skills_instructions>", "<apps_instructions>",
    "<plugins_instructions>", "<multi_agent", "<hook_", "<recommended_plugins>",
)  # fmt: skip

_EDITOR_MARK = "## My request for Codex:"
"""The text that the editor's client writes between its context and a person's text."""


def human_text(message: Record) -> str:
    """The text of a message that a person or a parent wrote, without what the client added; "" if there is none.

    Newer lines state the kind of each part; in older ones only the part's beginning tells.
    """
    kinds = array(obj(message.get("internal_chat_message_metadata_passthrough")).get("content_item_kinds"))
    said: list[str] = []
    has_image = False
    for index, part in enumerate(map(obj, array(message.get("content")))):
        kind = kinds[index] if index < len(kinds) else None
        words = part.get("text")
        if isinstance(kind, str) and not kind.startswith(("user.", "unknown")):
            continue
        if isinstance(words, str) and not words.lstrip().startswith(_INJECTED):
            said.append(words)
        has_image = has_image or part.get("type") == "input_image"
    content = message.get("content")
    if isinstance(content, str) and not content.lstrip().startswith(_INJECTED):
        said.append(content)
    whole = "\n".join(said)
    _, mark, request = whole.partition(_EDITOR_MARK)
    words = (request if mark else whole).strip()
    return words or ("[image]" if has_image and not said else "")


def is_for_agent(message: Record, own_path: str | None) -> bool:
    """True if a message between agents gives this thread work; False if it reports to the thread."""
    words = agent_task(message)
    is_task = "Message Type: NEW_TASK" in words or "Message Type: FOLLOWUP_TASK" in words
    return is_task and (own_path is None or message.get("recipient") in (own_path, None))


def agent_task(message: Record) -> str:
    """The readable part of a message between agents; its body may be encrypted."""
    return joined_text(message.get("content")).strip()
