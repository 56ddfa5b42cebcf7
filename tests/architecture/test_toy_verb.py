"""A verb with a route of its own, registered in a test alone, is found wherever verbs are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_verb_is_one_file(tmp_path):
    command = [sys.executable, "-m", "tests.architecture.toy_verb", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "Ring a bell" in found["help"]
    assert "not so loud" in found["own help"]
    assert "Ring a bell beside a lane." in found["own help"]
    assert all("nudge" in script and "softly" in script for script in found["completion"])
    assert found["keys"] == [["verb.nudge", "ctrl+n", "nudge", "Nudge: ring a bell", "nudge"]]
    assert "verb.nudge" in found["binding ids"]
    assert "nudge" in found["footer"]
    assert "lanewatch nudge" in found["docs"]
    assert "--softly" in found["docs"]
    (plan,) = found["plans"]["plans"]
    assert (plan["verb"], plan["route"], plan["effect"]) == ("nudge", "post", "rings once")
    assert "by post: rings once" in found["plan"]
    assert found["stages"] == ["acknowledged", "withdrawn", "took effect"]
    assert (found["held"], found["state"]) == ("nudging", "nudging")
    assert found["glyphs"] == ["△", "^", "nudged"]
    assert found["order"].index("nudging") == found["order"].index("working") - 1, "beside those of the other verbs"
    assert "△ 1 nudged" in found["header"]
    assert any("a bell rings beside it" in line for line in found["states help"])
    assert found["looks"]
    assert all(found["looks"])
    assert "a soft ding posted" in found["softly"]
    assert '"ding posted"' in found["loudly"]
    assert {order["verb"] for order in found["orders"]["orders"]} == {"nudge"}
    assert found["standing"].endswith("may still be heard")
    assert ["nudge", "took effect", "post"] in found["log"]
    sys.stdout.write("\na new verb needs 1 production file, a new route 1 and a line in routes/registry.py\n")
