"""What real clients report of their own tokens, and what lanewatch counts: equal to the token, while they run and after."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from tui.fleet.live import LiveFleet
from tui.fleet.supervisor import Supervisor
from tui.ledger.prices import PriceTable
from tui.model.snapshot import Fleet
from tui.sources.discover import Root, RootKind

pytestmark = pytest.mark.clients

TIMEOUT_S = 90


class Watch:
    """Reads a home as the screen does: again and again while the client runs."""

    def __init__(self, *folders: Path) -> None:
        self._live = LiveFleet(
            [Root(str(folder), None, RootKind.FOLDER) for folder in folders], Supervisor(PriceTable.shipped())
        )
        self.totals: list[int] = []

    def look(self) -> Fleet:
        found, _ = self._live.find(None)
        self._live.changed([file.path for file in found])
        while self._live.reading:
            self._live.step()
        fleet = self._live.snapshot(time.time(), 0)
        self.totals.append(fleet.totals.total)
        return fleet

    def until_exit(self, process: subprocess.Popen[str]) -> Fleet:
        end = time.monotonic() + TIMEOUT_S
        while process.poll() is None and time.monotonic() < end:
            self.look()
            time.sleep(0.05)  # a person's eye: the test is about the figures, not about when they came
        assert process.poll() is not None, "the client did not end"
        return self.look()


def at_once(*folders: Path) -> Fleet:
    live = LiveFleet([Root(str(folder), None, RootKind.FOLDER) for folder in folders], Supervisor(PriceTable.shipped()))
    live.add(*live.find(None))
    live.read_all()
    return live.snapshot(time.time(), 0)


def start(args: list[str], home: Path, **env: str) -> subprocess.Popen[str]:
    clean = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", **env}
    return subprocess.Popen(
        args,
        cwd=home / "work",
        env=clean,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_claude(claude: Path, home: Path, port: int, *args: str) -> tuple[dict, Watch, Fleet]:
    process = start(
        [str(claude), "-p", *args, "--output-format", "json", "--allowedTools", "Bash", "Agent", "Task", "--model", "claude-sonnet-4-5"],
        home, ANTHROPIC_API_KEY="dummy", ANTHROPIC_BASE_URL=f"http://127.0.0.1:{port}", DISABLE_AUTOUPDATER="1",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1", DISABLE_TELEMETRY="1",
    )  # fmt: skip
    watch = Watch(home / ".claude" / "projects")
    fleet = watch.until_exit(process)
    out, err = process.communicate()
    assert process.returncode == 0, err[-2000:]
    return json.loads(out), watch, fleet


def test_claude_with_a_subagent(claude, home, model):
    report, watch, fleet = run_claude(claude, home, model, "go {{calls=4 agent=2}}")
    main = next(lane for lane in fleet.lanes if lane.depth == 0)
    (child,) = [lane for lane in fleet.lanes if lane.depth == 1]

    said = report["usage"]
    assert main.usage.input == said["input_tokens"]
    assert main.usage.cache_read == said["cache_read_input_tokens"]
    assert main.usage.cache_write == said["cache_creation_input_tokens"]
    assert main.usage.output == said["output_tokens"]

    (whole,) = report["modelUsage"].values()
    assert fleet.totals.input == whole["inputTokens"]
    assert fleet.totals.cache_read == whole["cacheReadInputTokens"]
    assert fleet.totals.cache_write == whole["cacheCreationInputTokens"]
    assert fleet.totals.output == whole["outputTokens"]
    assert fleet.cost.exact_usd == pytest.approx(whole["costUSD"], abs=1e-9)

    assert child.usage.total > 0
    assert child.parent == main.id
    assert child.agent_type == "general-purpose"
    assert main.calls + child.calls == 8  # four calls and an answer; two calls and an answer

    assert watch.totals == sorted(watch.totals), "a live total fell"
    assert len(set(watch.totals)) > 2, "nothing was seen while it ran"
    assert at_once(home / ".claude" / "projects").totals == fleet.totals


def test_claude_resumed_and_forked(claude, home, model):
    first, _, _ = run_claude(claude, home, model, "go {{calls=2}}")
    second, _, _ = run_claude(claude, home, model, "--resume", first["session_id"], "on {{calls=1}}")
    forked, _, fleet = run_claude(
        claude, home, model, "--resume", first["session_id"], "--fork-session", "aside {{calls=1}}"
    )
    # `usage` is what a run spent itself (modelUsage goes on from the run before): together they are what the home holds.
    spent = [report["usage"] for report in (first, second, forked)]
    assert fleet.totals.input == sum(each["input_tokens"] for each in spent)
    assert fleet.totals.cache_read == sum(each["cache_read_input_tokens"] for each in spent)
    assert fleet.totals.cache_write == sum(each["cache_creation_input_tokens"] for each in spent)
    assert fleet.totals.output == sum(each["output_tokens"] for each in spent)
    assert len(fleet.lanes) == 2


def run_codex(codex: Path, home: Path, port: int, *args: str) -> tuple[str, Watch, Fleet]:
    settings = home / ".codex"
    settings.mkdir(exist_ok=True)
    (settings / "config.toml").write_text(
        f'model = "gpt-5.3-codex"\nmodel_provider = "local"\n[model_providers.local]\nname = "local"\n'
        f'base_url = "http://127.0.0.1:{port}/v1"\nwire_api = "responses"\nenv_key = "LOCAL_KEY"\n'
    )
    process = start(
        [str(codex), "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", *args],
        home,
        CODEX_HOME=str(settings),
        LOCAL_KEY="dummy",
    )
    watch = Watch(settings / "sessions")
    fleet = watch.until_exit(process)
    out, err = process.communicate()
    assert process.returncode == 0, err[-2000:]
    return out + err, watch, fleet


def last_count(home: Path) -> dict[str, int]:
    """The client's own cumulative counter, as it wrote it last."""
    found: dict[str, int] = {}
    for path in sorted((home / ".codex" / "sessions").rglob("*.jsonl")):
        for line in path.read_text().splitlines():
            payload = json.loads(line).get("payload", {})
            if payload.get("type") == "token_count" and payload.get("info"):
                found = payload["info"]["total_token_usage"]
    return found


def test_codex(codex, home, model):
    said, watch, fleet = run_codex(codex, home, model, "go {{calls=4}}")
    (lane,) = fleet.lanes
    count = last_count(home)
    assert lane.usage.input + lane.usage.cache_read == count["input_tokens"]
    assert lane.usage.cache_read == count["cached_input_tokens"]
    assert lane.usage.output == count["output_tokens"]
    assert lane.usage.reasoning == count["reasoning_output_tokens"]
    assert lane.usage.total == count["total_tokens"]
    assert lane.calls == 5

    printed = re.search(r"tokens used\s*:?\s*([\d,]+)", said)
    assert printed, said[-500:]
    # The client prints its total less what came from the cache.
    assert lane.usage.total - lane.usage.cache_read == int(printed[1].replace(",", ""))

    assert watch.totals == sorted(watch.totals), "a live total fell"
    assert len(set(watch.totals)) > 2, "nothing was seen while it ran"
    assert at_once(home / ".codex" / "sessions").totals == fleet.totals


def test_codex_resumed(codex, home, model):
    run_codex(codex, home, model, "go {{calls=2}}")
    _, _, fleet = run_codex(codex, home, model, "resume", "--last", "on {{calls=1}}")
    (lane,) = fleet.lanes
    assert lane.usage.total == last_count(home)["total_tokens"]
    assert lane.calls == 5
