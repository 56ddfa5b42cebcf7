"""Makes a planned change of a settings file, completely or not at all, and stores what is needed to undo it."""

from __future__ import annotations

import contextlib
import itertools
import os
from datetime import UTC, datetime
from pathlib import Path

from tui.control.install.files import (
    InstallError,
    Record,
    check_unchanged,
    check_writable,
    digest,
    drop_record,
    load_record,
    locked,
    make_folder,
    make_private,
    printable_path,
    remove,
    replace,
    save_record,
    write_private,
)
from tui.control.install.hook_entries import holds_gate, without_gate
from tui.control.install.plan import Change, load_refusals, original_text


def apply(change: Change, record: Path, backups: Path, at: float) -> str:
    """Makes the change if the file is still as it was when the change was planned. Returns what was done, in words.

    Args:
        change: from `plan_install` or `plan_uninstall`.
        record: the folder that the plan was made with.
        backups: a folder for the text before, 0600, one file per change; none is made where there was no file.
        at: now, in seconds UTC, for the backup's name.

    Raises:
        InstallError: the file has changed since, or something cannot be written. The settings are untouched then.
    """
    with locked(record):
        check_unchanged(change.target, change.before)
        is_install = change.after is not None and holds_gate(change.after.decode())
        if change.before == change.after:
            if not is_install:
                drop_record(record, change.target)
            return f"{printable_path(change.path)}: nothing to change"
        backup = _back_up(change, backups, at)
        saved = "" if backup is None else f"; the text before is kept in {printable_path(backup)}"
        if is_install and change.after is not None:
            return _install(change, change.after, record) + saved
        return _uninstall(change, record) + saved


def rehearse(change: Change) -> None:
    """Checks that the change could be made, without making it.

    Raises:
        InstallError: it could not.
    """
    check_unchanged(change.target, change.before)
    if change.before != change.after:
        check_writable(change.target, change.before)


def _install(change: Change, after: bytes, folder: Path) -> str:
    target = change.target
    old = load_record(folder, target)
    made = change.before is None and make_folder(target.parent)
    try:
        # The record is written first: an interrupted install must not leave a file that cannot be undone.
        save_record(folder, target, _record(change, after, folder, made_folder=made))
        replace(target, change.before, after)
    except InstallError:
        _restore(folder, target, old)
        if made:
            with contextlib.suppress(OSError):
                target.parent.rmdir()
        raise
    new = " (the file is new)" if change.before is None else ""
    but = "".join(f", but {why}" for why in load_refusals(change.agent, after.decode()))
    return f"{printable_path(change.path)}: the gate is in{new}{but}"


def _record(change: Change, after: bytes, folder: Path, *, made_folder: bool) -> Record:
    """The record that uninstall needs: the file as it was before lanewatch's first entry."""
    kept = load_record(folder, change.target)
    before = change.before
    if before is None or not holds_gate(before.decode()):
        return Record(before, digest(after), made_folder)
    if kept is not None and kept.is_written(before):
        return Record(kept.original, digest(after), kept.made_folder)
    text = without_gate(before.decode(), original_text(folder, change.target, before.decode()))
    is_made = kept is not None and kept.original is None and not text.strip()
    return Record(None if is_made else text.encode(), digest(after), kept is not None and kept.made_folder)


def _restore(folder: Path, target: Path, old: Record | None) -> None:
    if old is None:
        drop_record(folder, target)
        return
    with contextlib.suppress(InstallError):
        save_record(folder, target, old)


def _uninstall(change: Change, folder: Path) -> str:
    target, before = change.target, change.before
    kept = load_record(folder, target)
    if change.after is not None:
        replace(target, before, change.after)
        drop_record(folder, target)
        return f"{printable_path(change.path)}: the gate is out; {_how(kept, before)}"
    if before is not None:
        remove(target, before)
    drop_record(folder, target)
    gone = kept is not None and kept.made_folder and _removed_if_empty(target.parent)
    return f"{printable_path(change.path)}: the gate is out; the file that install had made is removed" + (
        ", its folder too" if gone else ""
    )


def _how(kept: Record | None, before: bytes | None) -> str:
    if kept is None:
        return "there was no record of the install: lanewatch's entries were cut out"
    if kept.is_written(before):
        return "the file is what it was before, to the byte"
    return "the file was edited since: only lanewatch's entries were cut out"


def _removed_if_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def _back_up(change: Change, backups: Path, at: float) -> Path | None:
    if change.before is None:
        return None
    make_private(backups)
    stamp = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    which = digest(os.fsencode(change.target))[:8]  # two projects have files of the same name
    for count in itertools.count(1):
        number = "" if count == 1 else f"-{count}"
        backup = backups / f"{stamp}-{change.agent}-{which}{number}-{change.target.name[:100]}"
        if not backup.exists():
            write_private(backup, change.before)
            return backup
    raise AssertionError
