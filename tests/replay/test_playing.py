"""Recorded time through the one Supervisor: it ends where reading everything at once does."""

from __future__ import annotations

from tests.replay.playing import SAMPLES, player, recorded


def test_a_moment_has_what_was_said_by_then():
    played = player(recorded(SAMPLES / "morning"))
    played.seek(played.at + 600)
    early = played.snapshot()
    played.seek(played.last)
    assert len(early.lanes) < len(played.snapshot().lanes)
    played.seek(early.at)
    assert played.snapshot().totals == early.totals
    assert all(lane.last_event <= early.at for lane in early.lanes)


def test_it_stays_between_the_start_and_the_horizon():
    recording = recorded(SAMPLES / "morning")
    played = player(recording)
    played.seek(0)
    assert played.at == recording.start
    played.seek(1e12)
    assert played.at == recording.end


def test_stepping_from_event_to_event_meets_every_moment():
    recording = recorded(SAMPLES / "morning")
    played = player(recording)
    met = [played.at]
    while (at := played.next_event()) is not None:
        played.seek(at)
        met.append(at)
    assert met == sorted({at for log in recording.logs for at in log.times})
    back = [played.at]
    while (at := played.previous_event()) is not None:
        played.seek(at)
        back.append(at)
    assert back == met[::-1]


def test_it_can_be_played_before_all_is_read():
    whole = recorded(SAMPLES / "morning")
    from tests.replay.playing import plain, roots
    from tui.replay.recording import Recording

    recording = Recording(roots(SAMPLES / "morning"))
    recording.open()
    reference, played = player(whole), player(recording)
    seen = [recording.horizon]
    while recording.step(1):
        seen.append(recording.horizon)
        played.seek(recording.horizon)
        reference.seek(played.at)
        assert plain(played.snapshot()).totals == plain(reference.snapshot()).totals
    assert seen == sorted(seen)
    assert recording.scan.complete
    assert recording.horizon == whole.end
    recording.close()
