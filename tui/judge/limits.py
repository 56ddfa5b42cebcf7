"""Every threshold of the judge in one table. Each can be set in the configuration, section `[judge]`."""

from __future__ import annotations

from tui.model.frozen import frozen


@frozen
class Limits:
    """Counts, shares (0 to 1), tokens, tokens per hour and seconds, as each name says."""

    # repetition of one lane
    same_call_repeats: int = 4
    """The same call with the same result, this often in a row."""
    cycle_rounds: int = 3
    """A longer cycle, this many rounds."""
    longest_cycle: int = 16
    monologue_repeats: int = 4
    """The same words without a call, this often."""
    warn_score: float = 0.5
    stop_score: float = 0.75
    clear_score: float = 0.3
    """A flag that is up comes down below this."""
    # families
    family_similarity: float = 0.85
    family_length: int = 5
    """More adjacent actions of one shape than this are too many."""
    proven_members: int = 3
    """Family members that ended well before its envelope counts as proven."""
    label_novelty: float = 0.1
    """An action of a known family with less novelty than this differs by label alone."""
    # burn and novelty over time
    hourly_burn_tokens: int = 0
    """Tokens per hour that one lane may burn; 0: no budget."""
    tree_burn_tokens: int = 0
    """The same for a lane with all below it."""
    novelty_fall: float = 0.1
    """Novelty per 1k tokens below this share of the lane's own early rate."""
    novelty_floor: float = 0.12
    """And the mean novelty of a step at or below this."""
    novelty_window_s: float = 900
    # planning
    plan_share: float = 0.3
    plan_tokens: int = 20_000
    plan_overlap: float = 0.4
    # collisions
    collision_window_s: float = 1800
    # tools that do not exist
    missing_tool_calls: int = 2
    # cache
    cache_cost_ratio: float = 3.0
    """Cost of a turn now against at the lane's start."""
    cache_share: float = 0.8
    """Cache reads' share of the cost of the last turns."""
    cache_turns: int = 40
    """Turns before anything is said."""
    # tiers
    tier_simple_share: float = 0.7
    tier_tokens: int = 200_000
    """Fresh tokens and output spent before anything is said."""
    # documentation and tests against code
    doc_ratio: float = 2.0
    test_ratio: float = 3.0
    overdone_lines: int = 300
    """Lines added before anything is said."""
    # subagents
    spiral_depth: int = 5
    spiral_children: int = 3
    """Subagents spawned for one and the same prompt."""
