"""`lanewatch search WORDS`: finds words in all conversations."""

from __future__ import annotations

import argparse

from tui.cli import arguments
from tui.cli.command import Command, Given


def _roles() -> tuple[str, ...]:
    from tui.history.search_words import ROLES

    return ROLES


def _agent_names() -> tuple[str, ...]:
    from tui.agents.registry import AGENTS

    return tuple(agent.name for agent in AGENTS)


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="WORDS",
        help="all must be in one text; in quotes also a phrase ('\"a phrase\"'), begin* and -not ('timeout -retry')",
    )  # fmt: skip
    parser.add_argument("--project", metavar="NAME", help="only lanes whose working folder contains NAME")
    parser.add_argument(
        "--agent", action=arguments.NameOption, load=_agent_names, metavar="AGENT", help="only lanes of this agent"
    )
    parser.add_argument(
        "--since", metavar="TIME", help=f"only texts since TIME: {arguments.SINCE}, 07:12 [default: all]"
    )
    parser.add_argument(
        "--role", action=arguments.NameOption, load=_roles, metavar="ROLE",
        help="only texts of a user (or of a parent lane), an assistant, a tool (calls and results) or an error (also"
        " failed calls)",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=arguments.count, default=50, metavar="NUMBER", help="the most hits; 0: all [default: 50]"
    )
    parser.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="PATH",
        help="only these transcripts or folders of them; may also be the last of the words",
    )
    parser.add_argument("--build", action="store_true", help="bring the search index up to date first")
    arguments.json(parser)
    arguments.config(parser)
    arguments.demo(parser)


def _run(given: Given) -> int:
    from tui.cli import search
    from tui.cli.common import Common

    words, paths = given.words, given.path
    if not paths and not given.demo and search.names_transcripts(words):
        words, paths = words[:-1], words[-1:]
        search.say_taken_as_path(paths[0])
    common = Common.of(argparse.Namespace(paths=paths, since=None, config=given.config, demo=given.demo))
    asked = search.Asked(
        " ".join(words), given.project, given.agent, given.since, given.role, given.limit or None,
        builds=given.build,
    )  # fmt: skip
    return search.run(common, asked, as_json=given.json)


COMMANDS = (
    Command(
        name="search", order=55, arguments="WORDS", options="--role --since --json",
        summary="Find words in all conversations",
        description="Finds texts in all conversations, newest first, each with a part of it. What the search index does"
        " not hold yet is read. Exit code 1 if there are no hits.",
        examples=(
            ("booking overlap", "texts with both words"),
            ("'\"night ferry\" tarif*' --role assistant", "a phrase and the beginning of a word"),
            ("--since 7d --project shop --role error timeout", "errors of a week in one project"),
            ("--build", "only bring the index up to date"),
        ),
        declare=_declare, run=_run,
    ),
)  # fmt: skip
