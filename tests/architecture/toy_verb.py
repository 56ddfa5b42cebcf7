"""Registers a verb and a route that are declared outside the package, and prints what the program then knows of them.

Run in a process of its own with a folder for files: what is declared is read once, when the program starts.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

FOLDER = Path(sys.argv[1])
ROOT = Path(__file__).resolve().parents[2]

VERB = '''
"""Nudge: a bell for the operator of a lane."""

from tui.control.verbs.base import HeldState, KeyBinding, Option, Outcome, VerbSpec
from tui.model.control import Held, RouteKind, Stage
from tui.model.finding import Verb
from tui.text.styled_text import own


class Nudge(VerbSpec):
    verb = Verb.declare("nudge")
    place = 50
    title = own("nudge")
    summary = "Ring a bell"
    description = "Ring a bell beside a lane."
    counterfactual = own("rung a bell")
    key = KeyBinding("ctrl+n", "Nudge: ring a bell", "nudge")
    effects = {RouteKind.declare("post"): "rings once"}
    options = (Option("--softly", "not so loud", "nothing"),)
    deadline_s = 5.0
    wait_s = 1.0
    under_way = Held.declare("nudging")
    held_states = (HeldState(under_way, own("△"), own("^"), own("nudged"), own("a bell rings beside it")),)

    def begin(self, order, context, tools):
        loud = "a soft ding" if order.option("softly") else "ding"
        words = tools.routes[order.route].tell(context.main, loud)
        return order.stepped(context.now, Stage.ACKNOWLEDGED, words).in_phase("rung", context.now)

    def peek(self, order, context, tools):
        if tools.routes[order.route].heard:
            return order.stepped(context.now, Stage.EFFECTIVE, "the bell was heard").ended()
        return order

    def undo(self, order, context, fleet, tools):
        new = order.stepped(context.now, Stage.WITHDRAWN, "the bell is silent").ended()
        return Outcome(new, new)

    def standing(self, order, clock):
        return "may still be heard"


SPEC = Nudge()
'''


def register() -> None:
    """The verb as one more file of `tui/control/verbs`, the route as one more line of its registry."""
    from tui.control import verbs

    (FOLDER / "verbs").mkdir()
    (FOLDER / "verbs" / "nudge.py").write_text(VERB)
    verbs.__path__.append(str(FOLDER / "verbs"))
    from tui.control.routes import registry
    from tui.control.routes.base import RouteDriver, Surroundings
    from tui.model.control import Route, RouteKind
    from tui.model.snapshot import Lane

    class PostRoute(RouteDriver):
        """Says that it reaches every lane; the lane hears when the test says so."""

        kind = RouteKind.declare("post")
        place = 50
        reaches_subagents = True
        heard = False

        def probe(self, lane: Lane, main: Lane, around: Surroundings) -> Route:
            return self.open("a letter box")

        def tell(self, main: Lane, text: str) -> str:
            return f"{text} posted"

    registry.DRIVERS.append(PostRoute)


def docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def output(run: Callable[[], object]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        run()
    return out.getvalue()


def ordered() -> dict[str, object]:
    """What becomes of orders: one that takes effect, one that is taken back."""
    from tests.fleets import lane
    from tui.control.folder import ControlFolder
    from tui.control.routes.registry import Routes
    from tui.control.service import ControlService
    from tui.control.verbs.registry import named
    from tui.model.snapshot import Fleet
    from tui.view.order_lines import orders_json, plan_line, plans_json, standing_line

    spec = named("nudge")
    assert spec is not None
    folder = ControlFolder(FOLDER / "state")
    routes = Routes(folder, list)
    service = ControlService(folder, by="ann", routes=routes)
    one = lane("a", busy=True)

    def fleet() -> Fleet:
        return Fleet(at=time.time(), lanes=(one,))

    plans = service.plans(spec.verb, [one.id], fleet())
    (first,) = service.give(plans, fleet())
    service.look(fleet())
    stages = [service.orders()[0].stage.value]
    held = service.look(fleet())[one.id].held
    undone = service.undo(first.id, fleet())
    assert undone is not None
    (second,) = service.give(service.plans(spec.verb, [one.id], fleet()), fleet())
    routes[second.route].heard = True  # type: ignore[attr-defined]
    service.look(fleet())
    done = next(order for order in service.orders() if order.id == second.id)
    return {
        "plans": plans_json(plans), "plan": plan_line(plans[0]), "stages": [*stages, undone.stage.value, done.stage.value],
        "held": held, "orders": orders_json(service.orders()), "standing": standing_line(first),
        "log": [(entry.verb, entry.stage, entry.route) for entry in service.log()],
    }  # fmt: skip


def state() -> dict[str, object]:
    """How a lane looks of which the verb has made something."""
    from tests.fleets import lane
    from tui.config.themes import load_themes
    from tui.fleet.state import Verdict, under_control
    from tui.model.control import Held, LaneControl
    from tui.model.snapshot import Fleet, LaneState
    from tui.text.safe_text import safe_text
    from tui.view.header import HeaderFacts, header_lines
    from tui.view.help import help_lines
    from tui.view.states import LOOKS, glyph_of, word_of

    verdict = under_control(Verdict(LaneState.WORKING, 1.0, ()), LaneControl(held=Held("nudging")))
    fleet = Fleet(1.0, (lane("a", state=verdict.state),))
    header = header_lines(fleet, HeaderFacts(safe_text(""), safe_text("")), 140)[0]
    return {
        "state": verdict.state,
        "glyphs": [glyph_of(verdict.state), glyph_of(verdict.state, ascii=True), word_of(verdict.state)],
        "order": list(LOOKS),
        "header": "".join(span.text for span in header),
        "states help": ["".join(span.text for span in line) for line in help_lines({}, 80)],
        "looks": [
            spec.look(f"state.{verdict.state}") == spec.look("accent").also("bold") for spec in load_themes(None).specs
        ],
    }


def commanded() -> dict[str, str]:
    """What the command prints with the verb's own option and without."""
    from tests.fleets import lane
    from tui.cli import verbs
    from tui.cli.main import main as program
    from tui.control.folder import ControlFolder
    from tui.model.snapshot import Fleet

    class OneLane:
        """Stands for the fleet of this machine."""

        def __init__(self, *_: object) -> None:
            pass

        def look(self) -> Fleet:
            return Fleet(at=time.time(), lanes=(lane("a", busy=True),))

        def hear(self, *_: object) -> None:
            pass

        close = hear

    verbs.Watcher = OneLane  # type: ignore[assignment,misc]
    verbs.control_folder = lambda _demo=None: ControlFolder(FOLDER / "command")  # type: ignore[assignment]
    config = FOLDER / "config.toml"
    config.write_text("")
    given = ["nudge", "claude:a", "--json", "--config", str(config)]
    return {"softly": output(lambda: program([*given, "--softly"])), "loudly": output(lambda: program(given))}


def main() -> None:
    register()
    from tui.cli.commands.completion import SHELLS, completion_script
    from tui.cli.help_page import help_page
    from tui.cli.main import main as program
    from tui.screen.bindings import FLEET, hints, specs
    from tui.text.styled_text import own

    generated = docs()
    found = {
        "help": help_page(),
        "own help": output(lambda: program(["nudge", "--help"])),
        "completion": [completion_script(shell) for shell in SHELLS],
        "keys": [[*key] for key in FLEET if key.id == "verb.nudge"],
        "binding ids": [spec.id for spec in specs()],
        "footer": [str(hint.label) for hint in hints("table", lambda _: own("x"))],
        "docs": generated.command_table() + generated.command_pages(),
        **ordered(),
        **state(),
        **commanded(),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
