"""Labs need root; whoever called them owns what they leave and runs what is not the lab's."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .process import LabError


def become_root(script: str, arguments: Sequence[str]) -> None:
    """Runs the script again under sudo, unless this is root already."""
    if os.geteuid() == 0:
        return
    caller = f"NINEFOLD_LAB_CALLER={os.getuid()}:{os.getgid()}"
    # sudo sets these to its own whatever is preserved.
    own = [f"{name}={os.environ[name]}" for name in ("PATH", "HOME") if name in os.environ]
    try:
        os.execvp("sudo", ["sudo", "--preserve-env", "env", *own, caller, script, *arguments])
    except FileNotFoundError:
        raise LabError("the labs need root, and sudo is not installed: run this as root") from None
