"""The commands of verbs without real clients: usage, refusals, dry runs, output."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fleets import lane as lane_of
from tui.agents.registry import HOMES
from tui.cli.common import CommandError
from tui.cli.control import control_folder
from tui.cli.install import settings_file
from tui.cli.lanes import lane_called
from tui.cli.main import main
from tui.control.order_store import OrderStore
from tui.model.control import Order, OrderStep, Route, RouteKind, Stage
from tui.model.evidence import LaneId
from tui.model.finding import Verb
from tui.model.snapshot import Fleet
from tui.view.order_lines import orders_json, standing_line


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (*(one for homes in HOMES for one in homes.variables), "XDG_STATE_HOME", "XDG_CONFIG_HOME", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TMUX_TMPDIR", str(tmp_path))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def lane(home: Path) -> str:
    folder = home / ".claude" / "projects" / "-work"
    folder.mkdir(parents=True)
    session = "5f0c21aa-0000-4000-8000-000000000000"
    line = {
        "type": "user", "sessionId": session, "uuid": "u1", "timestamp": "2026-05-09T10:00:00.000Z", "cwd": "/work",
        "message": {"role": "user", "content": "look around"}, "isSidechain": False, "version": "2.1.329",
    }  # fmt: skip
    (folder / f"{session}.jsonl").write_text(json.dumps(line) + "\n")
    return session


def test_a_missing_lane_is_refused(home, capsys):
    assert main(["pause", "nobody"]) == 1
    assert 'no lane is called "nobody"' in capsys.readouterr().err


def test_an_ambiguous_name_lists_some_lanes_and_counts_the_others(home, lane, capsys):
    folder = home / ".claude" / "projects" / "-work"
    line = (folder / f"{lane}.jsonl").read_text()
    for number in range(7):
        other = f"5f0c21a{number}-0000-4000-8000-000000000000"
        (folder / f"{other}.jsonl").write_text(line.replace(lane, other).replace("u1", f"v{number}"))
    assert main(["pause", "5f0c", "--since", "all"]) == 1
    said = capsys.readouterr().err
    assert "could be 8 lanes: " in said
    assert said.rstrip().endswith("; and 3 more: name an id, or more of it")


@pytest.mark.parametrize(
    ("name", "lanes", "found"),
    [
        ("api", {"5f0c21aa": "Fix the api bug", "9e11add0": "api"}, None),  # an agent chooses its title
        ("5f0c21", {"5f0c21aa": "Fix the bug", "9e11add0": "5f0c21"}, None),
        ("add", {"5f0c21aa": "add a test", "9e11add0": "another"}, "5f0c21aa"),  # not by digits within an id
        ("claude:5f0c21aa", {"5f0c21aa": "one", "5f0c21aa-0001": "two"}, None),
        ("claude:5f0c21aa", {"5f0c21aa": "one", "9e11add0": "claude:5f0c21aa"}, "5f0c21aa"),
        ("", {"5f0c21aa": "one"}, None),
        (" ", {"5f0c21aa": "one more"}, None),
    ],
)
def test_a_name_that_fits_two_lanes_stands_for_neither(name, lanes, found):
    made = (lane_of(short, title=title, session=f"{short}-0000") for short, title in lanes.items())
    fleet = Fleet(0.0, tuple(made))
    if found is None:
        with pytest.raises(CommandError):
            lane_called(fleet, name)
    else:
        assert lane_called(fleet, name).id == f"claude:{found}"


def test_a_lane_that_was_paused_long_ago_is_found(home, lane, capsys):
    """It has written nothing since, and is older than what is read."""
    path = home / ".claude" / "projects" / "-work" / f"{lane}.jsonl"
    os.utime(path, (time.time() - 9 * 86_400,) * 2)
    assert main(["resume", lane]) == 1
    assert "no lane is called" in capsys.readouterr().err
    folder = control_folder()
    folder.prepare()
    step = OrderStep(1.0, Stage.REQUESTED, RouteKind.GATE, "holds")
    order = Order(
        "a-1", Verb.PAUSE, LaneId(f"claude:{lane}"), "claude", lane, None, RouteKind.GATE, "ann", 1.0, "", "", 9.0,
        (step,), path=str(path), phase="holding",
    )  # fmt: skip
    OrderStore(folder).keep(order)
    main(["resume", lane])
    assert "no lane is called" not in capsys.readouterr().err
    main(["lanes", "--json"])
    assert [one["session"] for one in json.loads(capsys.readouterr().out)["lanes"]] == [lane]


def test_a_command_without_a_lane_is_refused(home, capsys):
    assert main(["pause"]) == 1
    assert "name a lane" in capsys.readouterr().err


def test_a_redirect_without_a_text_is_refused(lane, capsys):
    assert main(["redirect", lane]) == 1
    assert "--text TEXT" in capsys.readouterr().err


def test_an_unknown_template_is_refused(lane, capsys):
    assert main(["close", lane, "--template", "nonsense"]) == 1
    assert "there are closeout, coverage matrix" in capsys.readouterr().err


def test_a_dry_run_prints_the_plan_and_does_nothing(lane, home, capsys):
    assert main(["pause", lane, "--dry-run", "--json", "--since", "all"]) == 1
    (plan,) = json.loads(capsys.readouterr().out)["plans"]
    assert plan["refused"]
    assert not (home / ".local" / "state" / "lanewatch").exists()


def test_a_dry_run_takes_no_step_of_another_order(lane, home, capsys, monkeypatch):
    """Only the look is used: no order is taken over, driven or written."""
    from tui.control.service import ControlService

    def never(*_: object) -> None:
        raise AssertionError("a dry run acts")

    for name in ("look", "give", "release_orders"):
        monkeypatch.setattr(ControlService, name, never)
    assert main(["pause", lane, "--dry-run", "--since", "all"]) == 1


def lives_with(monkeypatch, kind: RouteKind) -> None:
    """Lets the lane appear to be running, with one open route."""
    monkeypatch.setattr("tui.control.context.is_over", lambda _: False)
    monkeypatch.setattr("tui.control.routes.registry.Routes.to", lambda *_: (Route(kind, True, "for a test"),))


@pytest.mark.parametrize(("text", "why"), [("", "there is no text to give"), ("a\x1b[2Jb", "a control character")])
def test_a_dry_run_refuses_the_text_that_would_be_refused(lane, capsys, monkeypatch, text, why):
    lives_with(monkeypatch, RouteKind.GATE)
    asked = ["redirect", lane, "--text", text, "--since", "all"]
    assert main([*asked, "--dry-run"]) == 1
    assert why in capsys.readouterr().out
    assert main(asked) == 1
    assert why in capsys.readouterr().out


def test_a_refusal_names_the_route_that_was_asked_for(lane, capsys):
    assert main(["pause", lane, "--route", "tmux", "--json", "--since", "all"]) == 1
    (order,) = json.loads(capsys.readouterr().out)["orders"]
    assert (order["route"], order["stage"]) == ("tmux", "refused")
    main(["pause", lane, "--route", "tmux", "--since", "all"])
    main(["pause", lane, "--since", "all"])
    by_tmux, by_none = capsys.readouterr().out.splitlines()
    assert by_tmux.startswith("pause claude:5f0c21aa by tmux: refused: ")
    assert by_none.startswith("pause claude:5f0c21aa: refused: ")


@pytest.mark.parametrize(("stage", "code"), [("withdrawn", 1), ("expired", 1), ("took effect", 0), ("requested", 4)])
def test_the_exit_code_shows_the_result(stage, code):
    from tui.cli.verbs import _code

    steps = (OrderStep(1.0, Stage(stage), RouteKind.GATE, "so"),)
    order = Order(
        "o1", Verb.PAUSE, LaneId("claude:a"), "claude", "a", None, RouteKind.GATE, "ann", 1.0, "", "", 2.0, steps
    )
    assert _code([order], waited=True) == code


@pytest.mark.parametrize(("output", "code"), [(True, 0), (None, 0), (False, 5)])
def test_a_close_without_closing_output_has_its_own_exit_code(output, code):
    from tui.cli.verbs import _code

    order = replace(closed("took effect"), closing_output=output)
    assert _code([order], waited=True) == code
    (told,) = orders_json([order])["orders"]
    assert told["closing_output"] is output


def closed(*stages: str) -> Order:
    """A close with steps of these stages, each with its own words."""
    steps = tuple(OrderStep(at, Stage(stage), RouteKind.GATE, f"so {at}") for at, stage in enumerate(stages))
    return Order(
        "o1", Verb.CLOSE, LaneId("claude:a"), "claude", "a", None, RouteKind.GATE, "ann", 1.0, "", "", 2.0, steps
    )


class Stepping:
    """A ControlService of which each look adds one step; after the last, Ctrl-C is simulated."""

    def __init__(self, *stages: str) -> None:
        self.stages = stages
        self.seen = 1
        self.left = False

    def look(self, fleet: object) -> dict[str, object]:
        self.seen += 1
        if self.seen > len(self.stages):
            raise KeyboardInterrupt
        return {}

    def hear(self, controls: object) -> None: ...

    def orders(self) -> list[Order]:
        return [closed(*self.stages[: self.seen])]

    def release_orders(self) -> None:
        self.left = True


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.cli.verbs.LOOK_S", 0.0)


def waiting(service: Stepping):
    from tui.cli.verbs import _Wait

    class Watcher:
        look, hear = staticmethod(lambda: None), staticmethod(service.hear)

    return _Wait(Watcher(), service, [closed(service.stages[0])])  # type: ignore[arg-type]


def test_each_step_is_printed_once_to_standard_error(quick, capsys):
    service = Stepping("requested", "acknowledged", "acknowledged", "took effect")
    (order,) = waiting(service).settled(60.0)
    assert order.stage is Stage.EFFECTIVE
    said = capsys.readouterr()
    assert said.out == ""
    assert [line[9:] for line in said.err.splitlines()] == [
        f"close claude:a: {stage}: so {at}" for at, stage in enumerate(service.stages)
    ]


def test_an_interrupted_wait_prints_what_still_stands(quick, capsys):
    service = Stepping("requested", "acknowledged")
    with pytest.raises(KeyboardInterrupt):
        waiting(service).settled(60.0)
    assert service.left, "another lanewatch may go on with it"
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("claude:a stays told to close: the gate refuses its tools from ")
    assert "`lanewatch resume claude:a` undoes it" in last


def test_a_wait_that_is_over_prints_what_still_stands(quick, capsys):
    (order,) = waiting(Stepping("requested", "acknowledged")).settled(0.0)
    assert order.stage is Stage.REQUESTED
    assert capsys.readouterr().err.splitlines()[-1].startswith("claude:a stays told to close: ")


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("stage", ["requested", "acknowledged", "overdue"])
def test_every_verb_describes_what_still_stands_in_one_line(verb, stage):
    line = standing_line(replace(closed(stage), verb=verb))
    assert line.startswith("claude:a ")
    assert "\n" not in line


def test_a_refusal_is_printed_and_logged(lane, capsys):
    assert main(["pause", lane, "--json", "--since", "all"]) == 1
    (order,) = json.loads(capsys.readouterr().out)["orders"]
    assert order["stage"] == "refused"
    assert main(["audit", "--verify"]) == 0
    story = capsys.readouterr().out
    assert "asked to pause claude:5f0c21aa" in story
    assert "refused: " in story


@pytest.mark.parametrize("verb", ["pause", "resume", "redirect", "close"])
def test_read_only_in_the_configuration_forbids_every_verb(lane, home, capsys, verb):
    (home / ".config" / "lanewatch").mkdir(parents=True)
    (home / ".config" / "lanewatch" / "config.toml").write_text("[control]\nread_only = true\n")
    assert main([verb, lane, "--since", "all", *(["--text", "x"] if verb == "redirect" else [])]) == 1
    assert "read only" in capsys.readouterr().out


def test_own_closing_templates_come_first(home):
    from tui.config.closings import closings

    folder = home / "closings"
    folder.mkdir()
    (folder / "mine.md").write_text("Write it down.")
    (folder / "closeout.txt").write_text("Ours.")
    (folder / "empty.md").write_text(" \n")
    (folder / "other.toml").write_text("x")
    (folder / "big.md").write_text("x" * 70_000)
    found = closings(folder)
    assert found[:2] == (("closeout", "Ours."), ("mine", "Write it down."))
    assert [name for name, _ in found].count("closeout") == 1
    assert len(found) == 5


def test_uninstall_after_install_leaves_nothing_behind(home, capsys):
    file = settings_file("claude", project=False)
    file.parent.mkdir()
    file.write_bytes(b'{\r\n  "model": "x"\r\n}')
    assert main(["install", "claude", "--dry-run"]) == 0
    assert "dry run" in capsys.readouterr().out
    assert file.read_bytes() == b'{\r\n  "model": "x"\r\n}'
    assert main(["install", "claude"]) == 0
    assert main(["install", "claude"]) == 0
    assert b"gate.sh" in file.read_bytes()
    waiting = home / ".local" / "state" / "lanewatch" / "requests" / "claude-abc"
    waiting.mkdir()
    assert main(["uninstall", "claude"]) == 0
    assert "requests to 1 session(s) are still open" in capsys.readouterr().out
    assert file.read_bytes() == b'{\r\n  "model": "x"\r\n}'


def test_install_refuses_a_file_that_is_not_settings(home, capsys):
    file = settings_file("claude", project=False)
    file.parent.mkdir()
    file.write_text('{"hooks": [1]}')
    assert main(["install", "claude"]) == 1
    assert "settings.json:1" in capsys.readouterr().err
    assert file.read_text() == '{"hooks": [1]}'


def test_install_prints_how_to_trust_the_hooks_in_codex(home, capsys):
    (home / ".codex").mkdir()
    assert main(["install", "codex"]) == 0
    assert "trust" in capsys.readouterr().out
    assert main(["doctor"]) == 0
    assert "not trusted yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "settings", [b'{\n  // mine\n  "model": "x"\n}', b'{"env": {"A": "x",}}', b'{"disableAllHooks": true}']
)
def test_install_fails_if_no_agent_runs_the_gate(home, capsys, settings):
    file = settings_file("claude", project=False)
    file.parent.mkdir()
    file.write_bytes(settings)
    assert main(["install", "claude", "--dry-run"]) == 1
    assert main(["install", "claude"]) == 1
    said = capsys.readouterr().out
    assert "has no effect" in said
    assert "ask the gate at once" not in said
    assert main(["uninstall", "claude"]) == 0
    assert file.read_bytes() == settings


def test_a_dry_run_of_install_prints_what_install_would_do(home, capsys):
    file = settings_file("claude", project=False)
    file.parent.mkdir()
    file.write_bytes(b"{}")
    file.chmod(0o444)
    for asked in (["install", "claude", "--dry-run"], ["install", "claude"]):
        assert main(asked) == 1
        assert "it is read-only; nothing was changed" in capsys.readouterr().err
    file.unlink()
    file.parent.rmdir()
    file.parent.write_text("no folder")
    for asked in (["install", "claude", "--dry-run"], ["install", "claude"]):
        assert main(asked) == 1
        assert capsys.readouterr().err


@pytest.mark.parametrize("name", ["gate.sh", "gate.py", "ask.py"])
def test_doctor_reports_missing_gate_files(home, capsys, name):
    (home / ".claude").mkdir()
    assert main(["install", "claude"]) == 0
    main(["doctor"])
    assert "gate claude installed" in " ".join(capsys.readouterr().out.split())
    gone = home / ".local" / "state" / "lanewatch" / "gate" / name
    gone.unlink()
    main(["doctor"])
    told = " ".join(capsys.readouterr().out.split())
    assert f"gate claude not in effect, {gone} is gone: `lanewatch install claude` puts it back" in told


def test_doctor_names_other_hooks_that_answer(home, capsys):
    settings = home / ".claude" / "settings.json"
    main(["install", "claude"])
    capsys.readouterr()
    main(["doctor"])
    assert "may answer its requests first" not in capsys.readouterr().out
    fields = json.loads(settings.read_text())
    fields["hooks"]["PermissionRequest"].append({"hooks": [{"type": "command", "command": "/opt/yes-to-all"}]})
    settings.write_text(json.dumps(fields))
    main(["doctor"])
    told = " ".join(capsys.readouterr().out.split())
    assert "other hooks may answer its requests first: /opt/yes-to-all" in told
