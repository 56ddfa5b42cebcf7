"""Tells on which file systems there are no notices of changes that other machines make."""

from __future__ import annotations

import os

_REMOTE = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "afs", "webdav", "davfs", "ncpfs"),
        *("ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2"),
        *("9p", "drvfs", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "fakeowner", "grpcfuse"),
        *("osxfuse", "macfuse", "sshfs"),
    }
)
"""File systems to which other machines, or the host of a virtual machine, may write."""


class Mounts:
    """Tells remote file systems from local ones. The system is asked once for each device."""

    def __init__(self) -> None:
        self._remote: dict[int, bool] = {}

    def is_remote(self, path: str) -> bool:
        """Whether a path, which need not exist, lies on a file system without notices of changes by other machines."""
        try:
            device = os.stat(path).st_dev  # noqa: PTH116
        except OSError:
            return False
        if device not in self._remote:
            self._remote[device] = is_remote_type(_type_at(os.path.realpath(path)))
        return self._remote[device]


def is_remote_type(name: str) -> bool:
    """Whether a file system of this type is remote. `fuse.*` may be anything and counts as remote."""
    return name in _REMOTE or name.startswith("fuse.")


def _type_at(real: str) -> str:
    """The type of the file system at a real path; "" if unknown."""
    import psutil  # noqa: PLC0415 (20 ms that only the watching thread should wait for)

    best, kind = "", ""
    for mount in psutil.disk_partitions(all=True):
        point = mount.mountpoint
        if (real == point or real.startswith(point.rstrip(os.sep) + os.sep)) and len(point) >= len(best):
            best, kind = point, mount.fstype
    return kind
