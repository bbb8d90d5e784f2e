"""Whether a folder lies on a disk of this machine. SQLite's WAL needs memory that all its readers share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

_MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "davfs", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4"}
    | {"ocfs2", "orangefs", "panfs", "prl_fs", "smb", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs"}
)
_REMOTE_DRIVE: Final = 4  # GetDriveTypeW


def network_share(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """The kind of network share that `folder` is on, for instance `nfs4`; None for a disk of this machine.

    File systems in user space (sshfs and the like) count as shares. Where the system does not tell (macOS),
    the answer is None.
    """
    folder = folder.resolve()
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - Windows alone

        remote = ctypes.windll.kernel32.GetDriveTypeW(folder.drive + "\\") == _REMOTE_DRIVE
        return "network drive" if remote or folder.drive.startswith("\\\\") else None
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    kinds = {}
    for line in lines:  # 36 35 98:0 /root /mount/point options - kind device options
        before, _, after = line.partition(" - ")
        point = before.split()[4].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        kinds[Path(point)] = after.split()[0]  # of two at the same place the later one lies on top
    kind = next((kinds[place] for place in (folder, *folder.parents) if place in kinds), "")
    return kind if kind in _NETWORK or kind.startswith("fuse.") else None
