"""The built wheel, installed into a clean environment and started from another folder: nothing comes from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    pytest.importorskip("hatchling", reason="the build backend is not here")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        text=True,
    )
    (made,) = folder.glob("lanewatch-*.whl")
    return made


@pytest.fixture(scope="session")
def installed(wheel: Path) -> Path:
    """The bin folder of an environment that holds the wheel; its dependencies are those of the tests."""
    place = wheel.parent / "env"
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    # The pip of the tests' environment installs into the other one, which saves installing pip there.
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index",
         "--no-compile", "--disable-pip-version-check", str(wheel)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    # The dependencies are lent by the environment of the tests; the package itself is not among them.
    ask = "import textual, pathlib; print(pathlib.Path(textual.__file__).parents[1])"
    lent = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    (site,) = (place / "lib").glob("python*/site-packages")
    links = [
        path
        for path in Path(lent).iterdir()
        if not path.name.startswith(("lanewatch", "_lanewatch", "__editable__", "_editable"))
    ]
    for path in links:
        target = site / path.name
        if not target.exists() and path.suffix != ".pth":
            target.symlink_to(path)
    return place / "bin"


def run(installed: Path, where: Path, *args: str) -> str:
    done = subprocess.run(
        [str(installed / args[0]), *args[1:]], cwd=where, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={"HOME": str(where), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "COLUMNS": "140"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_the_installed_package(installed, tmp_path):
    place = run(installed, tmp_path, "python", "-c", "import tui; print(tui.__file__)")
    assert str(installed.parent) in place
    assert "lanewatch" in run(installed, tmp_path, "lanewatch", "--version")


def test_sample_logs_ship_and_are_found(installed, tmp_path):
    code = "from tui.config.resources import sample_logs_dir; print(sample_logs_dir())"
    place = run(installed, tmp_path, "python", "-c", code).strip()
    assert str(installed.parent) in place
    assert "Port the fare engine to Go" in run(installed, tmp_path, "lanewatch", "lanes", place)


def test_the_demo_runs_without_a_checkout(installed, tmp_path):
    assert "Expire unpaid seat holds" in run(installed, tmp_path, "lanewatch", "demo")


def test_the_report_finds_its_templates(installed, tmp_path):
    log = str(min(installed.parent.rglob("tui/_data/sample_logs/**/*.jsonl"), key=lambda path: path.stat().st_size))
    assert "# Postmortem: " in run(installed, tmp_path, "lanewatch", "report", log)
    assert "<!doctype html>" in run(installed, tmp_path, "lanewatch", "report", log, "--format", "html")
    assert '"kind":"report"' in run(installed, tmp_path, "lanewatch", "report", log, "--format", "json")
    assert "# Two runs side by side" in run(installed, tmp_path, "lanewatch", "report", "--compare", log, log)


def test_themes_prices_and_defaults_ship(installed, tmp_path):
    themes = run(installed, tmp_path, "lanewatch", "config", "--themes")
    for name in (
        "lanewatch-dark",
        "lanewatch-light",
        "high-contrast",
        "deuteranopia",
        "protanopia",
        "tritanopia",
        "terminal",
        "mono",
    ):
        assert name in themes
    assert "[screen]" in run(installed, tmp_path, "lanewatch", "config", "--defaults")
    assert "prices" in run(installed, tmp_path, "lanewatch", "doctor")


def test_the_wheel_is_typed_and_holds_the_package_the_themes_and_the_demos_transcripts_alone(wheel):
    with zipfile.ZipFile(wheel) as packed:
        held = {name for name in packed.namelist() if ".dist-info/" not in name}
    data = {name.removeprefix("tui/_data/") for name in held if name.startswith("tui/_data/")}
    assert "tui/py.typed" in held
    assert {name for name in held if not name.startswith("tui/")} == set()
    samples = [path for name in ("morning", "loop") for path in (ROOT / "sample_logs" / name).glob("c*/**/*.*")]
    shipped = [*(ROOT / "themes").glob("*.toml"), *samples]
    assert data == {str(path.relative_to(ROOT)) for path in shipped if path.is_file()}
