"""The command line. Each subcommand is imported when it is asked for: `lanes` never pays for the screen."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tui import __version__
from tui.cli import arguments
from tui.cli.help_text import HELP

if TYPE_CHECKING:
    from tui.control.verbs.base import VerbSpec

_COLLECT_AT = 50_000, 20, 100
"""Objects made before the collector looks for cycles. What is read makes few, and is many times the usual 700."""


class _Parser(argparse.ArgumentParser):
    """Wrong usage is one clear line and exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"lanewatch: {message}; see `{self.prog} --help`\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns the exit code: 0 done, 1 refused or failed, 2 wrong usage, 3 findings."""
    args = list(sys.argv[1:] if argv is None else argv)
    run, rest = _command(args)
    gc.set_threshold(*_COLLECT_AT)
    _keep_compiled()
    try:
        return run(rest)
    except BrokenPipeError:
        # The reader of our output has gone (`lanewatch lanes | head`): nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except _failures() as error:
        from tui.text.safe_text import safe_text

        sys.stderr.write(f"lanewatch: {safe_text(str(error), limit=2000)}\n")
        return 1


def _keep_compiled() -> None:
    """Says where the search for secrets is kept, compiled, so that the next command starts sooner."""
    from tui.config.paths import Paths
    from tui.io.cache import Cache
    from tui.text.secrets.compiled import keep_compiled_in

    with contextlib.suppress(RuntimeError):  # no home is known
        keep_compiled_in(Cache(Paths.of(os.environ, Path.home()).cache))


def commands() -> tuple[str, ...]:
    """The names of all commands."""
    from tui.control.verbs.registry import all_verbs

    return (*_RUN, *(spec.verb.value for spec in all_verbs()))


def _runner(command: str) -> Callable[[list[str]], int] | None:
    """What runs a command; None if the word names none. The verbs are loaded only for a word that could be one."""
    if command in _RUN:
        return _RUN[command]
    if not command.isidentifier():
        return None
    from tui.control.verbs.registry import named

    spec = named(command)
    return partial(_verb, spec) if spec is not None else None


def _failures() -> tuple[type[Exception], ...]:
    from tui.cli.session import CommandError
    from tui.config.load import ConfigError

    return CommandError, ConfigError


def _command(args: list[str]) -> tuple[Callable[[list[str]], int], list[str]]:
    """The first word is a command if it is one; a path of that name is written ./demo."""
    runner = _runner(args[0]) if args else None
    return (runner, args[1:]) if runner is not None else (_watch, args)


def _common(parser: argparse.ArgumentParser, *, paths: bool = True) -> None:
    if paths:
        parser.add_argument("paths", nargs="*", metavar="PATH", help="transcripts or folders of them")
    parser.add_argument("--since", metavar="TIME", help="only transcripts changed within TIME: 90m, 24h, 7d, all")
    parser.add_argument("--config", metavar="FILE", help="another configuration file")


def _screen_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--theme", metavar="NAME", help="one of the themes")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    parser.add_argument("--ascii", action="store_true", help="glyphs of plain ASCII only")
    parser.add_argument("--poll", action="store_true", help="do not rely on change notices")
    parser.add_argument("--read-only", action="store_true", help="look only: no verb can be given")


def _watch(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch", add_help=False)
    _common(parser)
    _screen_options(parser)
    parser.add_argument("-V", "--version", action="store_true")
    parser.add_argument("-h", "--help", action="store_true")
    given = parser.parse_intermixed_args(args)
    if given.help:
        sys.stdout.write(HELP)
        return 0
    if given.version:
        sys.stdout.write(f"lanewatch {__version__}\n")
        return 0
    from tui.cli.commands.live import ScreenArgs, run
    from tui.cli.session import Common

    common = Common(tuple(given.paths), given.since, given.config)
    return run(common, ScreenArgs(given.theme, not given.no_mouse, given.ascii, given.poll, given.read_only))


def _demo(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch demo", description="The live screen over sample logs, as if they happened now.")
    parser.add_argument("--speed", type=float, default=20.0, metavar="N", help="times faster than life [default: 20]")
    parser.add_argument("--config", metavar="FILE", help="another configuration file")
    _screen_options(parser)
    given = parser.parse_intermixed_args(args)
    if not 0.1 <= given.speed <= 1000:
        parser.error("--speed takes a number from 0.1 to 1000")
    from tui.cli.commands.demo import run
    from tui.cli.commands.live import ScreenArgs

    return run(
        given.speed, given.config, ScreenArgs(given.theme, not given.no_mouse, given.ascii, given.poll, given.read_only)
    )


def _replay(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch replay", description="The live screen on recorded time: play, step, jump.")
    _common(parser)
    parser.add_argument(
        "--speed", type=arguments.speed, metavar="N", help="times faster than life, or max [default: 60]"
    )
    parser.add_argument("--at", type=arguments.at, metavar="TIME", help="begin there, and hold still")
    parser.add_argument("--from", dest="first", type=arguments.at, metavar="TIME", help="nothing before this time")
    parser.add_argument("--to", dest="last", type=arguments.at, metavar="TIME", help="nothing after this time")
    parser.add_argument("--policy", metavar="FILE", help="the [policy] that `w` asks about [default: yours]")
    parser.add_argument("--screenshot", metavar="FILE", help="write the screen at --at as SVG, and go")
    parser.add_argument("--cast", metavar="FILE", help="write the replay as an asciicast, and go [speed: 600]")
    parser.add_argument(
        "--size", type=arguments.size, default=(120, 40), metavar="WxH", help="of these [default: 120x40]"
    )
    parser.add_argument("--theme", metavar="NAME", help="one of the themes")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    parser.add_argument("--ascii", action="store_true", help="glyphs of plain ASCII only")
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.live import ScreenArgs
    from tui.cli.commands.replay import ReplayArgs, run
    from tui.cli.session import Common

    return run(
        Common(tuple(given.paths), given.since, given.config),
        ReplayArgs(
            given.speed, given.at, given.first, given.last, given.policy, given.screenshot, given.cast, given.size
        ),
        ScreenArgs(given.theme, not given.no_mouse, given.ascii),
    )


def _what_if(args: list[str]) -> int:
    parser = _Parser(
        prog="lanewatch what-if",
        description="Where a policy would have acted in recorded transcripts, and what was spent after it.",
    )
    _common(parser)
    parser.add_argument("--policy", metavar="FILE", help="a file with a [policy] [default: yours, else pause on stop]")
    parser.add_argument("--json", action="store_true", help="the stable JSON, schema 1, on stdout alone")
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.what_if import run
    from tui.cli.session import Common

    return run(Common(tuple(given.paths), given.since, given.config), given.policy, as_json=given.json)


def _lanes(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch lanes", description="One picture of all lanes, like ps.")
    _common(parser)
    parser.add_argument("--json", action="store_true", help="the stable JSON, schema 1, on stdout alone")
    parser.add_argument(
        "--at", type=arguments.at, metavar="TIME", help="the picture at this time instead of now (states, burn)"
    )
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.lanes import run
    from tui.cli.session import Common

    return run(Common(tuple(given.paths), given.since, given.config), as_json=given.json, at=given.at)


def _findings(args: list[str]) -> int:
    from tui.model.finding import FindingKind, Severity

    parser = _Parser(
        prog="lanewatch findings",
        description="What holds now and an operator should know, with evidence. Exit code 3 if there is anything.",
    )
    _common(parser)
    parser.add_argument("--json", action="store_true", help="the stable JSON, schema 1, on stdout alone")
    parser.add_argument("--at", type=arguments.at, metavar="TIME", help="the picture at this time instead of now")
    parser.add_argument("--all", action="store_true", help="muted ones and those that have passed, too")
    parser.add_argument(
        "--kind", action="append", choices=[kind.value for kind in FindingKind], metavar="KIND",
        help="this kind alone; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--severity", choices=[severity.value for severity in Severity], default=Severity.INFO.value,
        metavar="SEVERITY", help="nothing milder than info, warn or stop",
    )  # fmt: skip
    parser.add_argument("--lane", metavar="LANE", help="of this lane alone: its id, or a part that only one lane has")
    parser.add_argument("--mute", metavar="KEY", help="hear no more of the finding with this key")
    parser.add_argument("--unmute", metavar="KEY", help="hear of it again")
    parser.add_argument("--reason", default="", metavar="TEXT", help="why it is muted")
    given = parser.parse_intermixed_args(args)
    if given.mute is not None and given.unmute is not None:
        parser.error("--mute and --unmute exclude each other")
    from tui.cli.commands import findings
    from tui.cli.session import Common

    common = Common(tuple(given.paths), given.since, given.config)
    if given.mute is not None:
        return findings.mute(common, given.mute, given.lane, given.reason, given.at)
    if given.unmute is not None:
        return findings.unmute(given.unmute, given.lane)
    kinds = tuple(map(FindingKind, given.kind or ()))
    wanted = findings.Wanted(kinds, Severity(given.severity), given.lane, given.all)
    return findings.run(common, wanted, as_json=given.json, at=given.at)


def _explain(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch explain", description="Why a lane has its state, where each number comes from.")
    parser.add_argument("lane", metavar="LANE", help="a lane's id, or a part that only one lane has")
    _common(parser)
    parser.add_argument("--at", type=arguments.at, metavar="TIME", help="as of this time instead of now")
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.explain import run
    from tui.cli.session import Common

    return run(given.lane, Common(tuple(given.paths), given.since, given.config), given.at)


def _report(args: list[str]) -> int:
    parser = _Parser(
        prog="lanewatch report",
        description="The postmortem of what was recorded: figures, phases, findings, what would have stopped it.",
    )
    _common(parser)
    parser.add_argument("--format", choices=("md", "html", "json"), help="[default: by the ending of -o, else md]")
    parser.add_argument("-o", "--output", metavar="FILE", help="instead of standard output (-)")
    parser.add_argument(
        "--from", dest="from_", type=arguments.at, metavar="TIME", help="leave out what happened before TIME"
    )
    parser.add_argument("--to", type=arguments.at, metavar="TIME", help="leave out what was after TIME")
    parser.add_argument("--title", default="", metavar="TEXT", help="[default: the project]")
    parser.add_argument("--open", action="store_true", help="show it in a browser: HTML, in a private file without -o")
    parser.add_argument(
        "--compare", nargs=2, type=arguments.side, metavar=("A", "B"),
        help="two runs side by side: PATH, PATH@FROM..TO, or @FROM..TO for the agents' homes",
    )  # fmt: skip
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of --format json, and nothing else"
    )
    given = parser.parse_intermixed_args(args)
    if given.from_ is not None and given.to is not None and given.from_ >= given.to:
        parser.error("--from must lie before --to")
    if given.compare and (given.paths or given.from_ is not None or given.to is not None):
        parser.error("--compare takes its paths and windows itself: --compare PATH@FROM..TO PATH@FROM..TO")
    from tui.cli.commands import report
    from tui.cli.session import Common

    if given.schema:
        return report.print_schema()
    asked = report.ReportArgs(given.format, given.output, given.from_, given.to, given.title, given.open)
    common = Common(tuple(given.paths), given.since, given.config)
    if given.compare:
        return report.run_compare(common, asked, (given.compare[0], given.compare[1]))
    return report.run(common, asked)


def _events(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch events", description="What the readers made of transcripts, in their order.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="transcripts or folders of them")
    parser.add_argument("--json", action="store_true", help="JSON lines")
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.events import run

    return run(tuple(given.paths), as_json=given.json)


def _export(args: list[str]) -> int:
    parser = _Parser(
        prog="lanewatch export",
        description="Transcripts, redacted, in one file that every command reads elsewhere as it reads them here.",
    )
    _common(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="the bundle: NAME.tar.zst")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.add_argument(
        "--from", dest="start", type=arguments.at, metavar="TIME", help="only transcripts changed after TIME"
    )
    parser.add_argument("--to", dest="end", type=arguments.at, metavar="TIME", help="each transcript as it was at TIME")
    parser.add_argument("--json", action="store_true", help="the bundle's manifest, on stdout alone")
    given = parser.parse_intermixed_args(args)
    if not given.output.endswith(".tar.zst"):
        parser.error("-o takes a name that ends in .tar.zst: by that a bundle is known")
    if given.since is not None and given.start is not None:
        parser.error("--since and --from exclude each other")
    from pathlib import Path

    from tui.cli.commands.export import ExportArgs, run
    from tui.cli.session import Common

    wanted = ExportArgs(Path(given.output), given.force, given.start, given.end, given.json)
    return run(Common(tuple(given.paths), given.since, given.config), wanted)


_VERB_CODES = (
    "Exit codes: 0 it took effect (without --wait: it was asked for), 1 refused, lapsed or taken back, 2 wrong usage,"
    " 4 not seen to take effect in time"
)


def _verb(spec: VerbSpec, args: list[str]) -> int:
    from tui.model.control import RouteKind

    codes = "".join(f", {code} {meaning}" for code, meaning in spec.exit_codes)
    epilog = (
        f"{_VERB_CODES}{codes}. While it waits, each step is a line on stderr; the result, or the JSON, is on stdout"
        " alone."
    )
    parser = _Parser(prog=f"lanewatch {spec.verb}", description=spec.description, epilog=epilog)
    parser.add_argument("lanes", nargs="*", metavar="LANE", help="a lane's id, or a part that only one lane has")
    parser.add_argument("--in", dest="paths", action="append", default=[], metavar="PATH",
                        help="look for lanes in these transcripts or folders instead of the agents' homes")  # fmt: skip
    parser.add_argument("--tree", action="store_true", help="and all lanes below them")
    parser.add_argument("--family", metavar="ID", help="the lanes of a family of repeated actions")
    parser.add_argument(
        "--route", choices=[kind.value for kind in RouteKind], help="another than the strongest safe one"
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the audit log")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done; nothing is written")
    parser.add_argument("--wait", nargs="?", type=arguments.length, const=-1.0, metavar="TIME",
                        help="until it was seen to take effect, at most so long: 30s, 10m (close waits)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="the stable JSON, schema 1, on stdout alone")
    parser.add_argument("--since", metavar="TIME", help="only lanes whose transcripts changed within TIME")
    parser.add_argument("--config", metavar="FILE", help="another configuration file")
    parser.add_argument("--read-only", action="store_true", help="look only: every verb is refused")
    arguments.add_options(parser, spec.options)
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.verbs import VerbArgs, run
    from tui.cli.session import Common

    wait = given.wait if given.wait is None or given.wait >= 0 else None
    return run(
        spec.verb,
        Common(tuple(given.paths), given.since, given.config),
        VerbArgs(
            tuple(given.lanes), getattr(given, "text", None), getattr(given, "file", None),
            getattr(given, "template", None), given.route, given.reason, getattr(given, "now", False), given.tree,
            given.family, getattr(given, "lasts", None), getattr(given, "within", None),
            getattr(given, "calls", None), given.wait is not None, wait,
            given.dry_run, given.json, given.read_only,
        ),
    )  # fmt: skip


def _audit(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch audit", description="Who asked what of which lane, why, and what came of it.")
    parser.add_argument("--since", type=arguments.length, metavar="TIME", help="the last 90m, 24h, 7d")
    parser.add_argument("--lane", metavar="LANE", help="of lanes whose id holds this")
    parser.add_argument("--verify", action="store_true", help="check that nothing was changed, taken out or cut off")
    parser.add_argument("--json", action="store_true", help="the stable JSON, schema 1, on stdout alone")
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.verbs import print_audit

    return print_audit(since_s=given.since, lane=given.lane, verify=given.verify, as_json=given.json)


def _install(what: str, args: list[str]) -> int:
    aim = "Put the gate into" if what == "install" else "Take the gate out of"
    parser = _Parser(prog=f"lanewatch {what}", description=f"{aim} an agent's settings; all else stays as it is.")
    parser.add_argument("agent", choices=("claude", "codex"))
    parser.add_argument("--project", action="store_true", help="the settings of the project in this folder alone")
    parser.add_argument("--dry-run", action="store_true", help="show the exact change, and make none")
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.install import run

    return run(what, given.agent, project=given.project, dry_run=given.dry_run)


def _doctor(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch doctor", description="What was found, what was skipped, and why.")
    _common(parser)
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.doctor import run
    from tui.cli.session import Common

    return run(Common(tuple(given.paths), given.since, given.config))


def _config(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch config", description="Check the configuration, or print it.")
    parser.add_argument("--defaults", action="store_true", help="print every key with its default and what it does")
    parser.add_argument("--themes", action="store_true", help="list the themes")
    parser.add_argument("--keys", action="store_true", help="list the binding ids with their keys")
    parser.add_argument("--path", action="store_true", help="print where the configuration file is looked for")
    parser.add_argument("--config", metavar="FILE", help="another configuration file")
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.config import run

    wanted = next((name for name in ("defaults", "themes", "keys", "path") if getattr(given, name)), "check")
    return run(wanted, given.config)


def _completion(args: list[str]) -> int:
    parser = _Parser(prog="lanewatch completion", description="Completion for a shell, on stdout.")
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))
    given = parser.parse_intermixed_args(args)
    from tui.cli.commands.completion import script

    sys.stdout.write(script(given.shell))
    return 0


_RUN: dict[str, Callable[[list[str]], int]] = {
    "watch": _watch,
    "demo": _demo,
    "replay": _replay,
    "what-if": _what_if,
    "lanes": _lanes,
    "findings": _findings,
    "explain": _explain,
    "report": _report,
    "events": _events,
    "export": _export,
    "audit": _audit,
    "install": partial(_install, "install"),
    "uninstall": partial(_install, "uninstall"),
    "doctor": _doctor,
    "config": _config,
    "completion": _completion,
}
