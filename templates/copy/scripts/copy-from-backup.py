#!/usr/bin/env python3
"""copy-from-backup plan|create|remove|archive [--port PORT] [--set LABEL] [--type TYPE] [--target TARGET]
    [--timeline N]

A copy of the cluster's data beside the cluster: restored from a backup, recovered to a point in time, and started
without a network listener as the unit ninefold-copy. Root starts and stops the unit; everything else runs as postgres.
Exit status 4: refused, nothing was changed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

from copy_common import FLOOR, FOLDER, PROGRESS, SCRIPTS, SOCKETS, UNIT, FailedError, RefusedError, as_postgres, free, is_root, psql, run, settings, size

# Beyond the unit's folder, it can read what pgBackRest needs: not the cluster's data, sockets and keys.
HIDDEN = ("/run/postgresql", "/etc/patroni", "/etc/ninefold/sql", "/etc/ninefold/tls/postgresql", "/etc/ninefold/tls/patroni", "/etc/ninefold/tls/etcd-client")
# The share of the machine that the cluster leaves to a copy. It is the first to go if memory is short.
LIMITS = ("Nice=10", "CPUWeight=20", "IOWeight=20", "IOSchedulingClass=idle", "MemoryMax=30%", "OOMScoreAdjust=800")
SANDBOX = (
    "NoNewPrivileges=yes", "ProtectSystem=strict", f"ReadWritePaths={FOLDER}", "ProtectHome=yes", "PrivateTmp=yes",
    "PrivateDevices=yes", "ProtectHostname=yes", "ProtectClock=yes", "ProtectControlGroups=yes", "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes", "ProtectKernelTunables=yes", "RestrictNamespaces=yes", "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes", "LockPersonality=yes", "SystemCallArchitectures=native", "SystemCallFilter=@system-service",
    "CapabilityBoundingSet=", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
)
REMOVE = f"./ninefold copy --remove --node {os.uname().nodename}"
ARCHIVED_WITHIN = 90


def main() -> None:
    wanted = arguments()
    if is_root() and wanted.verb not in ("create", "remove"):
        sys.exit(own(*sys.argv[1:]))
    match wanted.verb:
        case "plan":
            plan(wanted)
        case "labels":
            print(*(it["label"] for it in usable(wanted)))
        case "create":
            create(wanted)
        case "remove":
            remove()
        case "prepare":
            prepare()
        case "follow":
            follow()
        case "clear":
            clear()
        case "archive":
            archive()
        case "show":
            print(f"{os.uname().nodename} {'has a copy' if FOLDER.exists() else 'has no copy'}.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["plan", "labels", "show", "create", "remove", "prepare", "follow", "clear", "archive"])
    parser.add_argument("--port", default="5499")
    parser.add_argument("--set", default="")
    parser.add_argument("--type", default="default")
    parser.add_argument("--target", default="")
    parser.add_argument("--timeline", default="")
    return parser.parse_args()


def own(*words: str) -> int:
    """Runs this script as postgres; returns its exit status."""
    return as_postgres("copy-from-backup", *words).returncode


def backups() -> list[dict[str, Any]]:
    """The backups of the stanza, the oldest first."""
    stanza = settings()["STANZA"]
    command = ["pgbackrest", f"--stanza={stanza}", "--output=json", "--log-level-console=error", "info"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        raise RefusedError("the repository did not answer within 60 s", "bring it back first: docs/operations/repository-lost.md") from None
    if ended.returncode != 0:
        raise RefusedError(f"the repository cannot be read: {ended.stderr.strip()}", "bring it back first: docs/operations/repository-lost.md")
    stanzas = json.loads(ended.stdout)
    found = [it for it in stanzas[0]["backup"] if not it["error"]] if stanzas else []
    if not found:
        raise RefusedError(f"the stanza {stanza} has no backup", "take one: sudo systemctl start pgbackrest-backup@full, on the repository")
    return found


def candidates(wanted: argparse.Namespace) -> list[dict[str, Any]]:
    """The backups from which the target may be reached, the newest first. After a restore of the whole cluster, a backup
    may be on a timeline that was left."""
    found = backups()
    if wanted.set:
        named = [it for it in found if it["label"] == wanted.set]
        if not named:
            labels = " ".join(it["label"] for it in found)
            raise RefusedError(f"there is no backup {wanted.set}", f"choose one of: {labels}")
        return named
    match wanted.type:
        case "time":
            instant = datetime.fromisoformat(wanted.target).timestamp()
            before = [it for it in found if it["timestamp"]["stop"] < instant]
            oldest = datetime.fromtimestamp(found[0]["timestamp"]["stop"] + 1, UTC).isoformat()
            require(before, f"no backup ended before {wanted.target}", f"choose a time from {oldest} on")
            return before[::-1]
        case "lsn":
            before = [it for it in found if position(it["lsn"]["stop"]) <= position(wanted.target)]
            require(before, f"no backup ended before position {wanted.target}", f"choose a position from {found[0]['lsn']['stop']} on")
            return before[::-1]
    return found[::-1]


def require(found: list[dict[str, Any]], what: str, remedy: str) -> None:
    if not found:
        raise RefusedError(what, remedy)


def position(lsn: str) -> int:
    high, low = lsn.split("/")
    return int(high, 16) << 32 | int(low, 16)


def plan(wanted: argparse.Namespace) -> None:
    first = usable(wanted)[0]
    print(f"Backup {first['label']} ({size(first['info']['size'])}) is restored to {FOLDER} of {os.uname().nodename}, which has {size(free())} free.")


def usable(wanted: argparse.Namespace) -> list[dict[str, Any]]:
    """The backups to try. Refuses a copy that cannot be made here."""
    if FOLDER.exists():
        raise RefusedError(f"this machine already has a copy, in {FOLDER}", f"if nobody needs it any longer: {REMOVE}")
    found = candidates(wanted)
    # The database may have grown since the backup.
    need = max(it["info"]["size"] for it in found)
    keep = FLOOR + need // 10
    if free() < need + keep:
        raise RefusedError(
            f"the copy needs {size(need)}, and {size(keep)} have to stay free; {FOLDER.parent} has {size(free())} free",
            "make room (docs/operations/full-disk.md), or choose a different machine with --node",
        )
    return found


def create(wanted: argparse.Namespace) -> None:
    """Starts the unit, and follows it until the copy is ready. The unit continues if this process is killed."""
    labels = labels_as_postgres(wanted)
    if own("prepare") != 0:
        sys.exit(1)
    options = [f"--port={wanted.port}", f"--type={wanted.type}", f"--target={wanted.target}", f"--timeline={wanted.timeline}"]
    hidden = " ".join(f"-{path}" for path in (*HIDDEN, settings()["POSTGRES_DATA"]))
    properties = ("User=postgres", "KillMode=mixed", "TimeoutStopSec=60", *LIMITS, *SANDBOX, f"InaccessiblePaths={hidden}")
    start = ["systemd-run", "--quiet", "--collect", f"--unit={UNIT}", f"--description=A copy of {settings()['STANZA']} beside the cluster"]
    ended = subprocess.run([*start, *(f"--property={it}" for it in properties), str(SCRIPTS / "copy-run"), *options, *labels], capture_output=True, text=True)
    if ended.returncode != 0:
        own("clear")
        raise FailedError(f"the unit {UNIT} could not be started\n{ended.stderr.strip()}")
    sys.exit(own("follow"))


def labels_as_postgres(wanted: argparse.Namespace) -> list[str]:
    options = [f"--set={wanted.set}", f"--type={wanted.type}", f"--target={wanted.target}"]
    ended = as_postgres("copy-from-backup", "labels", *options, stdout=subprocess.PIPE)
    if ended.returncode != 0:
        sys.exit(ended.returncode)
    return ended.stdout.split()


def prepare() -> None:
    FOLDER.mkdir(mode=0o700)
    PROGRESS.touch()


def follow() -> None:
    """Prints the progress of the unit until it has ended well or failed."""
    with PROGRESS.open() as lines:
        while True:
            # Asked before the last lines are read, so that none is missed.
            active = subprocess.run(["systemctl", "is-active", "--quiet", UNIT]).returncode == 0
            for line in lines:
                if line.startswith("! "):
                    rest = "".join(it[2:] for it in lines)
                    clear()
                    raise FailedError(line[2:] + rest.rstrip())
                print(line[2:].rstrip())
                if line.startswith("+ "):
                    return
            if not active:
                raise FailedError(f"the unit {UNIT} has ended\nlook at: journalctl -u {UNIT}; then {REMOVE}")
            time.sleep(0.2)


def remove() -> None:
    subprocess.run(["systemctl", "stop", "--quiet", UNIT], capture_output=True)
    sys.exit(own("clear"))


def clear() -> None:
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
        print(f"removed {FOLDER}")


def archive() -> None:
    """Archives everything that the leader has committed so far. Recovery can only end before a later commit, so this adds one."""
    own = settings()
    last = psql(SOCKETS, own["POSTGRES_PORT"], "postgres", "postgres",
        "SELECT pg_catalog.pg_logical_emit_message(true, 'ninefold', 'copy') \\g /dev/null\nSELECT pg_catalog.pg_walfile_name(pg_catalog.pg_switch_wal())")
    end = time.monotonic() + ARCHIVED_WITHIN
    while time.monotonic() < end:
        archived = psql(SOCKETS, own["POSTGRES_PORT"], "postgres", "postgres",
            "SELECT last_archived_wal >= :'last' FROM pg_catalog.pg_stat_archiver WHERE last_archived_wal ~ '^[0-9A-F]{24}$'", last=last)
        if archived == "t":
            return
        time.sleep(0.2)
    raise FailedError(f"the WAL segment {last} was not archived within {ARCHIVED_WITHIN} s\nlook at: ./ninefold status")


if __name__ == "__main__":
    run(main)
