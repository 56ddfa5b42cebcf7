"""The configuration file: wrong keys and values are refused, with file, line and key."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.config.defaults import annotated_defaults
from tui.config.keys import BindingSpec, KeyOverride
from tui.config.load import ConfigError, load_settings, parse_settings, read_settings
from tui.config.paths import Paths
from tui.config.schema import SECTIONS, Judge, JudgeSection, Settings
from tui.control.verbs.registry import all_verbs
from tui.judge.findings.registry import limit_groups
from tui.judge.limits import Limits
from tui.model.finding import FindingKind
from tui.settings.declare import settings_in
from tui.settings.kinds import Choice, WebAddress, Words, parse_since
from tui.view.columns.registry import all_columns, all_sorts

SORTS = ", ".join(f'"{sort.name}"' for sort in all_sorts())


def only_problem(text: str) -> str:
    problems = parse_settings(text).problems
    assert len(problems) == 1, [str(problem) for problem in problems]
    return str(problems[0])


def test_values_of_every_kind() -> None:
    loaded = parse_settings(
        """
        [screen]
        theme = "nord"
        mouse = false
        refresh_ms = 100
        since = "7d"
        columns = ["name", "burn"]
        [burn]
        window_s = "1h"
        hourly_budget_tokens = "1.5B"
        [state]
        stalled_after_s = "5m"
        idle_after_s = 90.5
        ended_after_s = "1h30m"
        [keys]
        "lane.open" = "x"
        lane.next = "n, ctrl+n"
        app.help = []
        """
    )
    assert not loaded.problems
    made = loaded.settings
    assert (made.screen.theme, made.screen.mouse, made.screen.refresh_ms, made.screen.since) == (
        "nord",
        False,
        100,
        "7d",
    )
    assert made.screen.columns == ("name", "burn")
    assert (made.burn.window_s, made.burn.hourly_budget_tokens) == (3600, 1_500_000_000)
    assert (made.state.stalled_after_s, made.state.idle_after_s, made.state.ended_after_s) == (300, 90.5, 5400)
    assert made.keys == {
        "lane.open": KeyOverride(("x",), "config.toml", 16),
        "lane.next": KeyOverride(("n", "ctrl+n"), "config.toml", 17),
        "app.help": KeyOverride((), "config.toml", 18),
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[screen]\nthem = 'x'", 'config.toml:2: screen.them: unknown key; did you mean "theme"?'),
        ("[scren]\n", 'config.toml:1: scren: unknown section; did you mean "screen"?'),
        (
            "[zzz]\n",
            "config.toml:1: zzz: unknown section; known: screen, watch, burn, prices, state, judge, notify, control, policy, search, history, keys",
        ),
        (
            "theme = 1",
            "config.toml:1: theme: unknown section; known: screen, watch, burn, prices, state, judge, notify, control, policy, search, history, keys",
        ),
        ("screen = 1", "config.toml:1: screen: expected a section, written [screen]"),
        ("\n\n[screen]\n\nmouse = 1", "config.toml:5: screen.mouse: expected true or false, found 1"),
        ("[screen]\nmouse = 'yes'", 'config.toml:2: screen.mouse: expected true or false, found "yes"'),
        ("screen = { mouse = [] }", "config.toml:1: screen.mouse: expected true or false, found an empty list"),
        (
            "[screen]\nrefresh_ms = true",
            "config.toml:2: screen.refresh_ms: expected a whole number from 10 to 10000, found true",
        ),
        (
            "[screen]\nrefresh_ms = 1",
            "config.toml:2: screen.refresh_ms: expected a whole number from 10 to 10000, found 1",
        ),
        (
            "[screen]\nsort = 'bur'",
            f'config.toml:2: screen.sort: expected one of {SORTS}, found "bur"; did you mean "burn"?',
        ),
        (
            "[screen]\nsince = '1 day'",
            'config.toml:2: screen.since: expected a time such as "90s", "15m", "24h", "7d", or "all", found "1 day"',
        ),
        ("[screen]\ncolumns = ['burn', 'burn']", 'config.toml:2: screen.columns: "burn" is listed twice'),
        (
            "[screen]\ntheme = ''' a\nb'''",
            'config.toml:2: screen.theme: expected a theme\'s name in quotes, found " a\\nb"',
        ),
        ("[watch]\npaths = '/a'", 'config.toml:2: watch.paths: expected a list of paths in quotes, found "/a"'),
        (
            "[burn]\nwindow_s = 10",
            'config.toml:2: burn.window_s: expected one of 60 ("1m"), 300 ("5m"), 3600 ("1h"), found 10',
        ),
        ("[state]\nidle_after_s = nan", "config.toml:2: state.idle_after_s: expected a time from 5s to 30d, found nan"),
        (
            "[state]\nidle_after_s = '2h'\n",
            "config.toml:1: state.ended_after_s: must not be shorter than state.idle_after_s",
        ),
        (
            "[judge]\nfamily_lenght = 3",
            'config.toml:2: judge.family_lenght: unknown key; did you mean "family_length"?',
        ),
        ("[judge]\nwarn_score = 2", "config.toml:2: judge.warn_score: expected a number from 0 to 1, found 2"),
        ("[judge]\nplan_share = true", "config.toml:2: judge.plan_share: expected a number from 0 to 1, found true"),
        ("[judge]\nwarn_score = 0.9", "config.toml:1: judge.stop_score: must not be lower than judge.warn_score"),
        ("[judge]\nclear_score = 0.6", "config.toml:2: judge.clear_score: must not be higher than judge.warn_score"),
        ("[judge]\noff = ['stops']", 'config.toml:2: judge.off: expected one of "stop", "repetition", '),
        ("[notify]\nosc = 9", 'config.toml:2: notify.osc: expected one of "off", "9", "777", found 9'),
        ("[notify]\ncommand = 'ring'", "config.toml:2: notify.command: expected a list of a program and its arguments"),
        ("[notify]\ncommand = ['']", "config.toml:2: notify.command: expected a list of a program and its arguments"),
        (
            "[notify]\ncommand = ['a', 1]",
            "config.toml:2: notify.command: expected a word of the command in quotes, found 1",
        ),
        (
            "[notify]\nwebhook = 'file:///etc/token'",
            "config.toml:2: notify.webhook: expected an address beginning with https:// or http://, found another text",
        ),
        (
            "[keys]\nlane.open = 1",
            'config.toml:2: keys.lane.open: expected a key such as "x", or "x, ctrl+x", found 1',
        ),
        ("[keys]\n'lane.open' = 'a,,b'", 'config.toml:2: keys."lane.open": expected a key such as'),
        ("[screen]\nmouse = \n", "config.toml:2: not TOML: Invalid value, column 9"),
    ],
)
def test_a_mistake_names_file_line_and_key(text: str, problem: str) -> None:
    assert only_problem(text).startswith(problem)


def test_all_mistakes_are_listed_in_order_and_other_keys_are_used() -> None:
    loaded = parse_settings("[watch]\npol = true\npoll = true\n[screen]\nmouse = 3\nbell = false\n[x]\n")
    assert [problem.line for problem in loaded.problems] == [2, 5, 7]
    assert loaded.settings.watch.poll
    assert not loaded.settings.screen.bell
    assert loaded.settings.screen.mouse


def test_the_origin_of_a_value() -> None:
    loaded = parse_settings("[screen]\n\nmouse = false\n")
    assert loaded.origin("screen.mouse") == "config.toml:3"
    assert loaded.origin("screen.theme") == "default"


def test_without_a_file_defaults_are_used_but_a_named_file_must_exist(tmp_path: Path) -> None:
    paths = Paths.of({}, tmp_path)
    assert load_settings(None, paths) == Settings()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path / "mine.toml", paths)


def test_the_usual_file_is_read_and_a_mistake_in_it_is_raised(tmp_path: Path) -> None:
    paths = Paths.of({}, tmp_path)
    paths.config.parent.mkdir(parents=True)
    paths.config.write_text("[screen]\nbell = false\n", encoding="utf-8")
    assert not load_settings(None, paths).screen.bell
    paths.config.write_text("[screen]\nbel = false\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r'config\.toml:2: screen\.bel: unknown key; did you mean "bell"\?'):
        load_settings(None, paths)
    assert len(read_settings(None, paths).problems) == 1


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="[]=\"'{}.\n screnkystamou109", max_size=200))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    loaded = parse_settings(text)
    for problem in loaded.problems:
        assert str(problem).isprintable()
    assert isinstance(loaded.settings, Settings)


KEYS = [(name, key) for name, section in SECTIONS.items() for key in settings_in(section)]
odd = st.sampled_from(
    [
        "1",
        "-1",
        "1e9",
        "nan",
        "inf",
        "true",
        '""',
        '"x"',
        "[]",
        "[1]",
        '["a"]',
        "{}",
        "{a=1}",
        "1979-05-27",
        "9" * 40,
        '"24h"',
    ]
)


@given(key=st.sampled_from(KEYS), value=odd)
def test_a_problem_with_any_value_names_its_line_and_key(key: tuple[str, str], value: str) -> None:
    loaded = parse_settings(f"[{key[0]}]\n{key[1]} = {value}")
    for problem in loaded.problems:
        assert problem.line in (1, 2)
        assert (problem.key or "").startswith(key[0])


# -- defaults and reference -------------------------------------------------------------------------


def test_the_annotated_defaults_change_nothing_and_name_every_key() -> None:
    text = annotated_defaults()
    loaded = parse_settings(text)
    assert not loaded.problems
    assert loaded.settings == Settings()
    assert {f"{name}.{key}" for name, key in KEYS} <= set(loaded.origins or {})
    assert max(map(len, text.splitlines())) <= 100


def test_the_listed_bindings_are_valid_examples() -> None:
    text = annotated_defaults([BindingSpec("lane.open", ("enter", "o"), "The lane in full", "the fleet")])
    assert parse_settings(text).settings == Settings()
    taken = parse_settings(text.replace('# "lane.open"', '"lane.open"')).settings
    assert taken.keys["lane.open"].keys == ("enter", "o")


def test_every_key_is_explained() -> None:
    for name, key in KEYS:
        setting = settings_in(SECTIONS[name])[key]
        default = setting.default
        assert setting.doc.endswith(".")
        assert setting.kind.expects
        assert setting.kind.read(list(default) if isinstance(default, tuple) else default) == default


def test_every_section_is_listed_once() -> None:
    made = Settings()
    assert [*SECTIONS, "keys", "commands", "budgets"] == [field.name for field in fields(Settings)]
    for name, section in SECTIONS.items():
        assert type(getattr(made, name)) is section
        assert section.__doc__


def test_the_judge_section_contains_the_limits_of_all_findings() -> None:
    assert Judge().limits() == Limits()
    own = list(settings_in(JudgeSection))
    assert list(settings_in(Judge)) == [*own, *(name for group in limit_groups() for name in settings_in(group))]
    for group in limit_groups():
        for name, found in settings_in(group).items():
            assert settings_in(Judge)[name] == found


@pytest.mark.parametrize(("group", "name"), [(group, name) for group in limit_groups() for name in settings_in(group)])
def test_every_threshold_of_the_judge_can_be_set(group: type, name: str) -> None:
    found = settings_in(Judge)[name]
    assert isinstance(found.default, int | float)
    other = found.kind.read(found.default + 1 if isinstance(found.default, int) else found.default * 0.9)
    loaded = parse_settings(f"[judge]\n{name} = {other}")
    limits = loaded.settings.judge.limits()
    assert getattr(limits.of(group), name) == other
    assert limits == Limits(group(**{name: other}))


def test_kinds_of_findings_are_turned_off_by_name() -> None:
    assert Settings().judge.kinds_off() == frozenset()
    made = parse_settings("[judge]\noff = ['low_novelty', 'overdone']").settings
    assert made.judge.kinds_off() == {FindingKind.declare("low_novelty"), FindingKind.declare("overdone")}


def test_notices_outside_the_terminal_are_off_by_default() -> None:
    notify = Settings().notify
    assert (notify.bell, notify.osc, notify.command, notify.webhook) == (True, "off", (), "")


def test_a_command_may_repeat_words_and_is_not_read_by_a_shell() -> None:
    made = parse_settings("[notify]\ncommand = ['tell', '-v', '-v', '$HOME; rm']").settings
    assert made.notify.command == ("tell", "-v", "-v", "$HOME; rm")


@pytest.mark.parametrize("address", ["", "https://example.org", "http://127.0.0.1:8080/hook?x=1", "https://[::1]/x"])
def test_a_webhook_is_a_web_address(address: str) -> None:
    assert WebAddress().read(address) == address


@pytest.mark.parametrize(
    "address",
    ["ftp://a", "example.org", "https://", "https:///x", "http://a b", "http://a:port", "http://[::1", "http://a\n", 1],
)
def test_other_text_is_not_a_web_address(address: object) -> None:
    with pytest.raises(ValueError, match="expected an address"):
        WebAddress().read(address)


def test_the_error_for_a_wrong_address_does_not_contain_it() -> None:
    assert "hunter2" not in only_problem("[notify]\nwebhook = 'htps://example.org/hunter2'")


def test_allowed_names_come_from_the_registries() -> None:
    for name, known in (
        ("screen.sort", {sort.name for sort in all_sorts()}),
        ("screen.columns", {column.name for column in all_columns()}),
        ("control.forbid", {spec.verb.value for spec in all_verbs()}),
        ("judge.off", {kind.value for kind in FindingKind}),
    ):
        section, key = name.split(".")
        kind = settings_in(SECTIONS[section])[key].kind
        assert isinstance(kind, Choice | Words)
        assert set(kind.names) == known


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("all", None),
        ("24h", 86400),
        ("90m", 5400),
        ("7d", 604800),
        ("2w", 1209600),
        ("1h30m", 5400),
        ("90", 90),
        (" 5s ", 5),
    ],
)
def test_since(text: str, seconds: float | None) -> None:
    assert parse_since(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "-1h", "1.h", "tomorrow", "0", "0s", "9" * 40, "1h " * 9, "1h1", "²h"])
def test_since_refuses_a_text_that_is_not_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time"):
        parse_since(text)
