"""A picture depends on the moment alone: not on the way to it, on how often one looked, or on the order of reading.

Fleets are compared whole, but for `version` and `scan`: how much changed and was read is no matter of the moment.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.replay.playing import FOLDERS, SAMPLES, loaded, often, plain, player, read_at_once, recorded
from tests.replay.written import scripts, write
from tui.view.json_out import dumps, findings_json
from tui.view.lanes_json import lanes_json

RANDOM_TIMES = examples(60)


class NoMutes:
    def muted(self, finding):
        return None


def documents(fleet):
    findings = (*fleet.findings, *fleet.past_findings)
    return dumps(lanes_json(fleet, NoMutes())), dumps(findings_json(findings, fleet.families, NoMutes()))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_end_is_what_reading_everything_gives(folder):
    recording = recorded(folder)
    played = player(recording)
    played.seek(recording.end)
    whole = read_at_once(folder, played.at)
    assert documents(plain(played.snapshot())) == documents(plain(whole))
    assert plain(played.snapshot()) == plain(whole)


@pytest.mark.parametrize("name", ["morning", "loop", "findings/collision/raised", "findings/spiral/raised"])
def test_a_moment_is_the_same_from_wherever_one_comes(name):
    recording = recorded(SAMPLES / name)
    rng = random.Random(5)
    times = [rng.uniform(recording.start, recording.end) for _ in range(RANDOM_TIMES)]
    forward = player(recording)
    played = {}
    for at in sorted(times):
        forward.seek(at)
        played[at] = plain(forward.snapshot())
    with often(spacing=40):
        jumping = loaded(recording)
        assert jumping.marks().findings
        for at in times:
            jumping.seek(at)
            assert plain(jumping.snapshot()) == played[at]


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(scripts(), st.lists(st.floats(0, 1), min_size=3, max_size=8))
def test_stepping_jumping_and_beginning_anew_agree(script, shares):
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), script)
        recording = recorded(Path(name))
        start, end = recording.start, recording.end
        if start is None or end is None:
            return
        times = [start + share * (end - start) for share in shares]
        jumped = {}
        with often():
            jumping = loaded(recording)
            for at in times:
                jumping.seek(at)
                jumped[at] = plain(jumping.snapshot())
        stepping = player(recording)
        for at in sorted(jumped):
            while (following := stepping.next_event()) is not None and following <= at:
                stepping.seek(following)
                stepping.snapshot()
            stepping.seek(at)
            assert plain(stepping.snapshot()) == jumped[at]
            fresh = player(recording)
            fresh.seek(at)
            assert plain(fresh.snapshot()) == jumped[at]


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(scripts())
def test_the_end_does_not_depend_on_the_order_of_reading(script):
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), script)
        recording = recorded(Path(name))
        if recording.end is None:
            return
        played = player(recording)
        played.seek(recording.end)
        assert plain(played.snapshot()) == plain(read_at_once(Path(name), played.at))
