"""Raises the one setting of this machine that is too low for several containers labs.

Each systemd uses about six inotify instances, and the kernel allows 128 per user. That is enough
for nine nodes, but not for three labs, whose nodes would hang as they boot. The previous value is
saved, and restored when the last lab of the machine is destroyed.
"""

from __future__ import annotations

from pathlib import Path

_INSTANCES = Path("/proc/sys/fs/inotify/max_user_instances")
_ENOUGH = 4096
_BEFORE = Path("/run/ninefold-inotify-instances-before")


def raise_limits() -> None:
    """Raises the limit unless it is high enough."""
    current = _INSTANCES.read_text()
    if int(current) < _ENOUGH:
        _BEFORE.write_text(current)
        _INSTANCES.write_text(str(_ENOUGH))


def restore_limits() -> None:
    """Restores the previous limit. Call it only when no lab is left on this machine."""
    if _BEFORE.exists():
        _INSTANCES.write_text(_BEFORE.read_text())
        _BEFORE.unlink()
