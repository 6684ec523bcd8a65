"""The one setting of this machine that the containers need raised.

Every systemd watches files through about six inotify instances, and the kernel allows one user
128 of them: nine nodes fit, three copies of the lab do not, and their nodes would hang as they
boot. What was set before is kept until the last lab of the machine is destroyed.
"""

from __future__ import annotations

from pathlib import Path

_INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
_ENOUGH = 4096
_BEFORE = Path("/run/ninefold-inotify-instances-before")


def raise_limits() -> None:
    """Idempotent; a limit that is high enough is left as it is."""
    current = _INSTANCES.read_text()
    if int(current) < _ENOUGH:
        _BEFORE.write_text(current)
        _INSTANCES.write_text(str(_ENOUGH))


def restore_limits() -> None:
    """To be called when no lab is left on this machine."""
    if _BEFORE.exists():
        _INSTANCES.write_text(_BEFORE.read_text())
        _BEFORE.unlink()
