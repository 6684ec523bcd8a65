"""Runs commands, and says what went wrong with them."""

from __future__ import annotations

import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class LabError(Exception):
    """What went wrong, where, and what to do next: shown without a stack trace."""


def output_of(
    command: Sequence[str], *, stdin: str = "", timeout: float = 600, **options: Any
) -> str:
    """What the command prints. A failure carries the last lines of what it said."""
    try:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=timeout,
            check=False,
            **options,
        )
    except FileNotFoundError as missing:
        raise LabError(
            f"{missing.filename} is not installed on this machine: run toolchain/system-packages"
        ) from None
    except subprocess.TimeoutExpired:
        raise LabError(f"no end after {timeout:.0f} s: {shlex.join(command)}") from None
    if done.returncode != 0:
        said = (done.stderr + done.stdout).strip().splitlines()[-20:]
        raise LabError(
            "\n  ".join([f"exit code {done.returncode} of: {shlex.join(command)}", *said])
        )
    return done.stdout


def run_foreground(command: Sequence[str], **options: Any) -> int:
    """Runs a command that owns the terminal; signals reach it, and its exit code comes back."""
    process: subprocess.Popen[bytes] = subprocess.Popen(command, **options)
    # Ctrl-C reaches the whole process group by itself; a TERM to this process alone must be passed.
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: process.terminate()),
    }
    try:
        code = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def wait_for(condition: Callable[[], T], what: str, limit: float, pause: float = 0.05) -> T:
    """The condition's first true answer; an error that says what was missing at the limit (s)."""
    deadline = time.monotonic() + limit
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise LabError(f"{what}: not within {limit:.0f} s")
        time.sleep(pause)
    return answer
