"""A bundle of an enemy: nothing is written outside a private folder, nothing fills the disk, each refusal is one line."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tui.io.files import Refused
from tui.io.tar import BrokenTar, entries
from tui.sources import unpack as unpacking
from tui.sources.bundle import BundleError, BundleWriter
from tui.sources.discover import find, places
from tui.sources.unpack import Caps, unpack

ROOT = Path(__file__).resolve().parents[2]
LINE = b'{"type":"user"}\n'
GOOD = "transcripts/claude/projects/-home-x/s.jsonl"


@pytest.fixture(autouse=True)
def _own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))


def info(name: str, size: int = 0, **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size = size
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def manifest(files: Sequence[tuple[str, bytes]], **more: object) -> bytes:
    listed = [
        {"name": name, "size": len(data), "sha256": sha256(data).hexdigest(), "last": 5.0} for name, data in files
    ]
    return json.dumps(
        {"schema": 1, "files": listed, "homes": [{"folder": "claude", "agent": "claude"}], **more}
    ).encode()


def bundle(
    path: Path, *infos: tuple[tarfile.TarInfo, bytes], good: bool = True, stated: bytes | None = None,
    form: int = tarfile.PAX_FORMAT,
) -> Path:  # fmt: skip
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as tar:
        for one, data in infos:
            tar.addfile(one, io.BytesIO(data))
        if good:
            tar.addfile(info(GOOD, len(LINE)), io.BytesIO(LINE))
        listed = stated if stated is not None else manifest([(GOOD, LINE)] if good else [])
        tar.addfile(info("manifest.json", len(listed)), io.BytesIO(listed))
    path.write_bytes(zstandard.ZstdCompressor().compress(raw.getvalue()))
    return path


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def file(name: str, data: bytes = LINE, **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    return info(name, len(data), **fields), data


LINKED = {"linkname": "/etc/passwd"}
HOSTILE: dict[str, tuple[tuple[tarfile.TarInfo, bytes], str]] = {
    "absolute": (file("/transcripts/claude/evil.jsonl"), "an absolute name"),
    "up": (file("transcripts/../../evil.jsonl"), "a name that leads elsewhere"),
    "up at once": (file("../evil.jsonl"), "a name that leads elsewhere"),
    "here": (file("transcripts/./claude/evil.jsonl"), "a name that leads elsewhere"),
    "empty part": (file("transcripts//claude/evil.jsonl"), "a name that leads elsewhere"),
    "backslash": (file("transcripts/claude/..\\evil.jsonl"), "a name with characters that have no place in one"),
    "escape": (file("transcripts/claude/\x1b[31mevil.jsonl"), "a name with characters that have no place in one"),
    "long part": (file(f"transcripts/claude/{'x' * 260}.jsonl"), "a name with characters that have no place in one"),
    "long": (file(f"transcripts/{'/'.join(['y' * 200] * 6)}/evil.jsonl"), "a name that is too long or too deep"),
    "deep": (file(f"transcripts/{'d/' * 40}evil.jsonl"), "a name that is too long or too deep"),
    "symbolic link": (
        (info("transcripts/claude/evil.jsonl", type=tarfile.SYMTYPE, **LINKED), b""),
        "a symbolic link, not a file",
    ),
    "hard link": (
        (info("transcripts/claude/evil.jsonl", type=tarfile.LNKTYPE, **LINKED), b""),
        "a hard link, not a file",
    ),
    "device": ((info("transcripts/claude/evil.jsonl", type=tarfile.CHRTYPE), b""), "a device, not a file"),
    "block device": ((info("transcripts/claude/evil.jsonl", type=tarfile.BLKTYPE), b""), "a device, not a file"),
    "pipe": ((info("transcripts/claude/evil.jsonl", type=tarfile.FIFOTYPE), b""), "a named pipe, not a file"),
    "program": (file("transcripts/claude/evil.sh"), "not what a bundle holds"),
    "packed": (file("transcripts/claude/evil.jsonl.zst"), "not what a bundle holds"),
    "elsewhere": (file("evil.jsonl"), "not what a bundle holds"),
    "not listed": (file("transcripts/claude/evil.jsonl"), "the manifest does not know it"),
}


@pytest.mark.parametrize(("entry", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_entry_is_refused_alone_in_one_line(tmp_path, entry, why):
    before = everything(tmp_path)
    path = bundle(tmp_path / "evil.tar.zst", entry)
    found = unpack(str(path))
    assert [skip.why for skip in found.refused] == [why]
    assert found.refused[0].path == f"{path}/{entry[0].name}"
    (home,) = found.homes
    assert everything(Path(home.path)) == {"projects/-home-x/s.jsonl"}
    new = everything(tmp_path) - before - {"evil.tar.zst"}
    assert {name.split("/", 2)[2] for name in new} == {GOOD, "manifest.json"}
    assert not any(part.is_symlink() for part in tmp_path.rglob("*"))


def test_what_came_is_private_and_newest_first(tmp_path):
    (home,) = unpack(str(bundle(tmp_path / "a.tar.zst"))).homes
    made = Path(home.path) / "projects/-home-x/s.jsonl"
    assert home.agent == "claude"
    assert made.stat().st_mode & 0o777 == 0o600
    assert made.stat().st_mtime == 5.0
    assert Path(home.path).parents[1].stat().st_mode & 0o777 == 0o700


def test_gnu_names_and_sparse_files_are_refused_and_folders_are_passed_over(tmp_path):
    folder = info("transcripts/claude", type=tarfile.DIRTYPE)
    long = file(f"transcripts/claude/{'n' * 120}.jsonl")
    found = unpack(str(bundle(tmp_path / "a.tar.zst", (folder, b""), long, form=tarfile.GNU_FORMAT)))
    assert found.refused[0].why == "a name in GNU's form, not a file"


def test_bytes_that_are_not_those_of_the_manifest_are_refused(tmp_path):
    other = manifest([(GOOD, b"other"), ("transcripts/claude/gone.jsonl", b"")])
    found = unpack(str(bundle(tmp_path / "a.tar.zst", stated=other)))
    assert [skip.why for skip in found.refused] == [
        "other bytes than the manifest says",
        "the manifest knows it, and it is not there",
    ]
    assert everything(Path(found.homes[0].path)) == set()


def test_two_entries_of_one_name_and_a_file_where_a_folder_is(tmp_path):
    twice = (file("transcripts/claude/a.jsonl"), file("transcripts/claude/a.jsonl", b"{}\n"))
    within = file("transcripts/claude/a.jsonl/b.jsonl")
    stated = manifest([(GOOD, LINE), ("transcripts/claude/a.jsonl", LINE)])
    found = unpack(str(bundle(tmp_path / "a.tar.zst", *twice, within, stated=stated)))
    assert [skip.why for skip in found.refused] == ["a name that was there already", "a file and a folder of one name"]


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        (b"{", "a bundle whose manifest cannot be read"),
        (b"[1]", "a bundle whose manifest cannot be read"),
        (b'{"schema":2}', "a bundle of another schema: a newer lanewatch may read it"),
        (b'{"schema":true}', "a bundle of another schema: a newer lanewatch may read it"),
    ],
)
def test_a_manifest_that_is_none(tmp_path, stated, why):
    with pytest.raises(Refused, match=why):
        unpack(str(bundle(tmp_path / "a.tar.zst", stated=stated)))


def test_a_manifest_of_odd_types_is_read_as_far_as_it_goes(tmp_path):
    stated = (
        b'{"schema":1,"files":[1,{"name":7},{"name":"x","sha256":[]}],"homes":[{"folder":"claude","agent":"../x"},5]}'
    )
    found = unpack(str(bundle(tmp_path / "a.tar.zst", stated=stated)))
    assert [home.agent for home in found.homes] == [None]
    assert len(found.refused) == 2


def test_a_bundle_that_was_cut_off_is_refused_as_a_whole(tmp_path):
    data = bundle(tmp_path / "a.tar.zst").read_bytes()
    cut = tmp_path / "cut.tar.zst"
    cut.write_bytes(data[: len(data) // 2])
    roots, refused = places([str(cut)])
    assert roots == []
    assert len(refused) == 1 and refused[0].why.startswith("no bundle, or one that was cut off")


@pytest.mark.parametrize("data", [b"", b"hello", b"\x28\xb5\x2f\xfd" + b"\xff" * 50, zstandard.compress(b"x" * 2000)])
def test_what_is_no_bundle_is_refused(tmp_path, data):
    path = tmp_path / "a.tar.zst"
    path.write_bytes(data)
    assert places([str(path)])[0] == []


def test_a_bomb_is_noticed_by_its_ratio_and_by_its_size(tmp_path):
    path = tmp_path / "a.tar.zst"
    bundle(path, file("transcripts/claude/a.jsonl", bytes(40 << 20)))
    with pytest.raises(Refused, match="expands past the cap"):
        unpack(str(path))
    assert everything(tmp_path) == {"a.tar.zst"}  # nothing of it is left
    bundle(path, file("transcripts/claude/a.jsonl", os.urandom(2 << 20)))
    with pytest.raises(Refused, match="expands past the cap"):
        unpack(str(path), Caps(size=1 << 20))


def test_the_number_of_files_is_capped_and_so_is_what_is_told(tmp_path):
    many = [file(f"evil{number}") for number in range(300)]
    found = unpack(str(bundle(tmp_path / "a.tar.zst", *many)))
    assert len(found.refused) == 101
    assert found.refused[-1].why == "200 more refused"
    with pytest.raises(Refused, match="holds more than 10 files"):
        unpack(str(bundle(tmp_path / "b.tar.zst", *many)), Caps(files=10))


def test_a_bundle_that_is_a_pipe_or_a_link_to_one_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "a.tar.zst")
    assert places([str(tmp_path / "a.tar.zst")])[1][0].why == "a named pipe, not a file"


@given(data=st.binary(max_size=3000), at=st.integers(0, 4000), flip=st.integers(1, 255))
@settings(max_examples=examples(150))
def test_a_broken_archive_raises_nothing_but_what_it_says(data, at, flip):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(info("ä" * 120, len(data)), io.BytesIO(data))
    whole = bytearray(raw.getvalue())
    whole[at % len(whole)] ^= flip
    for source in (io.BytesIO(bytes(whole)), io.BytesIO(data)):
        try:
            assert all(sum(map(len, entry.pieces)) == entry.size for entry in entries(source.read))
        except BrokenTar as broken:
            assert str(broken)


def test_the_same_bundle_is_unpacked_once_and_removed_at_the_end(tmp_path):
    path = bundle(tmp_path / "a.tar.zst")
    code = (
        "import sys, tempfile; tempfile.tempdir = sys.argv[2]\n"
        "from tui.sources.unpack import unpack\n"
        "one = unpack(sys.argv[1]); assert unpack(sys.argv[1]) is one\n"
        "import os; assert len(os.listdir(sys.argv[2])) == 1\n"
    )
    temp = tmp_path / "own"
    temp.mkdir()
    subprocess.run([sys.executable, "-c", code, str(path), str(temp)], check=True, cwd=ROOT)
    assert list(temp.iterdir()) == []


def test_what_a_killed_lanewatch_left_is_swept_and_what_a_living_one_holds_is_not(tmp_path):
    (held,) = unpack(str(bundle(tmp_path / "a.tar.zst"))).homes
    left = tmp_path / "temp" / "lanewatch-bundle-dead"
    (left / "transcripts").mkdir(parents=True)
    unpack(str(bundle(tmp_path / "b.tar.zst")))
    assert not left.exists()
    assert Path(held.path).is_dir()


def test_links_in_the_temporary_folder_are_not_followed_when_sweeping(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "x").touch()
    (tmp_path / "temp" / "lanewatch-bundle-link").symlink_to(precious)
    unpacking._sweep()
    assert (precious / "x").exists()


# -- writing ----------------------------------------------------------------------------------------


def written(path: Path, files: dict[str, bytes], **options: bool) -> bytes:
    with BundleWriter(path, **options) as writer:
        for name, data in files.items():
            writer.add(name, [data[:3], data[3:]])
        writer.finish({"schema": 1, "files": [{"name": one.name, "sha256": one.sha256} for one in writer.files]})
    return path.read_bytes()


def test_what_was_written_is_read_back_also_under_long_names(tmp_path):
    names = {GOOD: LINE, f"transcripts/claude/projects/{'ä' * 120}/{'x' * 200}.jsonl": LINE * 20_000}
    written(tmp_path / "a.tar.zst", names)
    found = unpack(str(tmp_path / "a.tar.zst"))
    assert found.refused == ()
    files = find(places([str(tmp_path / "a.tar.zst")])[0])
    assert sorted(file.size for file in files) == [len(LINE), len(LINE) * 20_000]


def test_the_same_files_give_the_same_bytes(tmp_path):
    assert written(tmp_path / "a.tar.zst", {GOOD: LINE}) == written(tmp_path / "b.tar.zst", {GOOD: LINE})


def test_nothing_is_written_over_unless_asked(tmp_path):
    path = tmp_path / "a.tar.zst"
    path.write_bytes(b"mine")
    with pytest.raises(BundleError, match="--force"):
        written(path, {GOOD: LINE})
    assert path.read_bytes() == b"mine"
    assert written(path, {GOOD: LINE}, overwrite=True) != b"mine"
    path.unlink()
    path.symlink_to(tmp_path / "target")
    with pytest.raises(BundleError, match="--force"):
        written(path, {GOOD: LINE})


def test_a_place_that_is_taken_meanwhile_is_left_alone(tmp_path):
    path = tmp_path / "a.tar.zst"
    with pytest.raises(BundleError, match="--force"), BundleWriter(path) as writer:
        path.write_bytes(b"mine")
        writer.finish({"schema": 1})
    assert path.read_bytes() == b"mine"
    assert {one.name for one in tmp_path.iterdir()} == {"a.tar.zst", "temp"}


def test_a_failure_leaves_nothing(tmp_path):
    def broken():
        yield LINE
        raise RuntimeError

    with pytest.raises(RuntimeError), BundleWriter(tmp_path / "a.tar.zst") as writer:
        writer.add(GOOD, broken())
    assert {one.name for one in tmp_path.iterdir()} == {"temp"}
    with pytest.raises(BundleError, match="cannot be written"), BundleWriter(tmp_path / "none" / "a.tar.zst"):
        pass
