"""Runs commands, and reports how they failed."""

from __future__ import annotations

import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class LabError(Exception):
    """An error with a cause, a place and a next step, shown without a stack trace."""


def output_of(
    command: Sequence[str], *, stdin: str = "", timeout: float = 600, **options: Any
) -> str:
    """Runs a command; returns its output. The error of a failure contains its last lines."""
    try:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
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
        raise LabError(f"still running after {timeout:.0f} s: {shlex.join(command)}") from None
    if done.returncode != 0:
        last = (done.stderr + done.stdout).strip().splitlines()[-20:]
        raise LabError(
            "\n  ".join([f"exit code {done.returncode} of: {shlex.join(command)}", *last])
        )
    return done.stdout


def run_foreground(command: Sequence[str], **options: Any) -> int:
    """Runs a command in the foreground, and passes signals to it; returns its exit code."""
    process: subprocess.Popen[bytes] = subprocess.Popen(command, **options)
    # Ctrl-C reaches the whole process group. SIGTERM reaches only this process, which passes it on.
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


def wait_for(condition: Callable[[], T], what: str, timeout: float, pause: float = 0.05) -> T:
    """Polls a condition; returns its first true answer. After `timeout` seconds, raises an error
    with `what`."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise LabError(f"waited {timeout:.0f} s for {what}")
        time.sleep(pause)
    return answer
