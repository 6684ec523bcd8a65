"""Labs need root. The caller still owns the files, and runs Pulumi and the commands of `run`."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .process import LabError


def become_root(script: str, arguments: Sequence[str]) -> None:
    """Runs the script again under sudo, unless this process is root."""
    if os.geteuid() == 0:
        return
    caller = f"NINEFOLD_LAB_CALLER={os.getuid()}:{os.getgid()}"
    # sudo changes these even with --preserve-env.
    own = [f"{name}={os.environ[name]}" for name in ("PATH", "HOME") if name in os.environ]
    try:
        os.execvp("sudo", ["sudo", "--preserve-env", "env", *own, caller, script, *arguments])
    except FileNotFoundError:
        raise LabError("the labs need root, and sudo is not installed: run this as root") from None
