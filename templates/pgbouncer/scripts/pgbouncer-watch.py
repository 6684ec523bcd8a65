#!/usr/bin/env python3
"""Watches this machine's PgBouncer by asking whether it answers. After several questions in vain it is killed, and
systemd starts it again; if that doesn't help and this node leads, the leadership is handed over. Where this node has
lost the leadership, the sessions of its clients are cut: they would stay, and be read-only. Where it has won it,
PgBouncer is told to log in anew: it greets clients with what PostgreSQL said at the first login, and those that look
for the leader among several hosts would be told of a replica.

Runs as PgBouncer's own user, who may kill it and is let in by its console. That user has no right on Patroni: whoever
took over PgBouncer would have it too. Patroni's notes of role changes are read, and stay where they are."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
from pgbouncer_asking import Pool, ask  # noqa: E402

# Seconds between two words of the program that hands over, which has limits of its own.
HAND_OVER_PATIENCE = 60


def kill(pid_file: Path) -> None:
    """A stopped process takes no polite signal. systemd starts it again, as it does whenever it ends."""
    try:
        os.kill(int(pid_file.read_text()), signal.SIGKILL)
    except (OSError, ValueError) as error:
        print(f"nothing to kill: {error}")


def log_in_anew(port: int) -> bool:
    console = ["psql", "-X", "-q", "-h", "/run/pgbouncer", "-p", str(port), "-U", "pgbouncer", "pgbouncer"]
    try:
        done = subprocess.run([*console, "-c", "RECONNECT"], check=False, capture_output=True, text=True, timeout=3)
        print(f"PgBouncer logs in anew {done.stderr}".rstrip())
        return done.returncode == 0
    except subprocess.TimeoutExpired:
        print("PgBouncer doesn't take the order to log in anew; it is given again")
        return False


def hand_over(path: str) -> None:
    """Has the program pgbouncer-hand-over run, and repeats what it says."""
    try:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(HAND_OVER_PATIENCE)
            asked.connect(path)
            said = b"".join(iter(lambda: asked.recv(4096), b"")).decode(errors="replace").rstrip()
        if said:
            print(said)
    except OSError as error:
        print(f"no switchover: {error!r} at {path}; it is asked for again")


def written(file: Path) -> int:
    """When a file was written, in nanoseconds; 0 where there is none."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def obeyed(note: Path, pid_file: Path) -> int:
    """The time of a note that this PgBouncer needs not be told of, because it started later."""
    return written(note) if written(note) <= written(pid_file) else 0


def watch(settings: dict[str, Any]) -> None:
    demoted, promoted = (Path(settings["events"], name) for name in ("demoted", "promoted"))
    pid_file = Path(settings["pidFile"])
    cut, reconnected = obeyed(demoted, pid_file), obeyed(promoted, pid_file)
    dead_since: float | None = None
    missed, killed = 0, False
    handed_over = 0.0
    while True:
        now = time.monotonic()
        if written(demoted) not in (0, cut):
            print("this node leads no more: cutting the sessions of its clients")
            cut = written(demoted)
            kill(pid_file)
            missed = 0
        noted = written(promoted)
        if noted not in (0, reconnected) and log_in_anew(settings["port"]):
            reconnected = noted
        pool = ask(settings["address"], settings["port"], settings["answerWithin"])
        if pool is Pool.ANSWERS:
            if dead_since is not None:
                print(f"PgBouncer answers again after {now - dead_since:.1f} s")
            dead_since, missed, killed = None, 0, False
        else:
            dead_since = dead_since or now
            missed = missed + 1 if pool is Pool.HANGS else 0
            asked = time.monotonic()
            dead_for = asked - dead_since
            if missed >= settings["missed"]:
                print(f"PgBouncer has not answered for {dead_for:.1f} s: killing it")
                kill(pid_file)
                missed, killed = 0, True
            elif (killed or pool is Pool.ABSENT) and min(dead_for, asked - handed_over) > settings["handoverAfter"]:
                hand_over(settings["handOver"])
                handed_over = time.monotonic()
        # A question in vain has taken its time already.
        time.sleep(max(0.0, now + settings["interval"] - time.monotonic()))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        watch(json.load(file))
