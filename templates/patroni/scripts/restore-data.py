#!/usr/bin/env python3
"""restore-data COMMAND [ARGUMENT…]: the data of this node, during a restore of the whole cluster. Runs as postgres.

plan TARGET [LABEL [TIMELINE]]     prints as JSON from which backups a restore can start, or why it can't
restore TARGET TIMELINE LABEL…     restores from the first of these backups with which recovery reaches the target
replica                            restores the newest backup of the newest timeline, for a replica
deliver                            archives the WAL that this stopped node has not archived yet
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

SEGMENT = re.compile("([0-9A-F]{24})-")
MIB_16 = 16 * 1024 * 1024
# A restore point and a transaction are found only by recovery: pgBackRest can't choose the backup before them.
UNORDERED = ("xid", "name")
# PostgreSQL's message if the WAL ends before the target.
SHORT = "recovery ended before configured recovery target was reached"
# Seconds between two lines of progress.
REPORTED_EVERY = 5
NOTED = re.compile(
    "starting (backup|point-in-time|archive) recovery|consistent recovery state|recovery stopping|redo done"
    "|last completed transaction|selected new timeline|FATAL|PANIC|ERROR"
)


class Refused(Exception):
    """Why the restore is impossible, and what to do next."""

    def __init__(self, why: str, after: str) -> None:
        super().__init__(why)
        self.after = after


@dataclass(frozen=True)
class Environment:
    """This machine's settings, and where its data is."""

    stanza: str
    data: Path
    port: str

    @property
    def binaries(self) -> Path:
        return Path("/usr/lib/postgresql") / (self.data / "PG_VERSION").read_text().strip() / "bin"

    def pgbackrest(self, *arguments: str) -> str:
        done = subprocess.run(
            ["pgbackrest", f"--stanza={self.stanza}", *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            last = (done.stderr or done.stdout).strip().splitlines()[-2:]
            raise Refused(
                f"pgbackrest {arguments[-1]} failed: {' '.join(last)}",
                "bring the repository back: ./ninefold status shows what is wrong",
            )
        return done.stdout


@dataclass(frozen=True)
class Backup:
    label: str
    timeline: int
    first: int
    last: int
    stop_lsn: int
    ended: int


@dataclass(frozen=True)
class Branch:
    """A timeline in the history of the newest one, and where the next one leaves it."""

    timeline: int
    end: int | None


def position(text: str) -> int:
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)


def number(segment: str) -> int:
    """The number of a segment, from its name."""
    return int(segment[8:16], 16) << 8 | int(segment[16:24], 16)


def name(timeline: int, segment: int) -> str:
    return f"{timeline:08X}{segment >> 8:08X}{segment & 0xFF:08X}"


class Archive:
    """The backups and the archived WAL, along one timeline's history."""

    def __init__(self, environment: Environment, timeline: int | None = None) -> None:
        self.environment = environment
        stanza = json.loads(environment.pgbackrest("--output=json", "info"))[0]
        if not stanza.get("backup"):
            raise Refused(f"there is no backup of {environment.stanza}", "take one: ./ninefold backup full")
        database = max(entry["database"]["id"] for entry in stanza["backup"])
        self.archive_id = max(
            (entry["id"] for entry in stanza["archive"] if entry["database"]["id"] == database),
            key=lambda text: int(text.rpartition("-")[2]),
        )
        self.backups = [backup(entry) for entry in stanza["backup"] if entry["database"]["id"] == database]
        self.running = stanza["status"]["lock"]["backup"]["held"]
        paths = environment.pgbackrest(
            "repo-ls", "--recurse", f"archive/{environment.stanza}/{self.archive_id}"
        ).splitlines()
        files = [os.path.basename(path) for path in paths]
        self.segments = {found.group(1) for file in files if (found := SEGMENT.match(file))}
        timelines = [int(file[:8], 16) for file in files if re.fullmatch("[0-9A-F]{8}.history", file)]
        newest = max([*timelines, *(int(segment[:8], 16) for segment in self.segments), 1])
        self.branches = self.history(timeline or newest)

    @property
    def timeline(self) -> int:
        return self.branches[-1].timeline

    def history(self, timeline: int) -> list[Branch]:
        branches = []
        if timeline > 1:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "history"
                self.environment.pgbackrest("archive-get", f"{timeline:08X}.history", str(file))
                lines = [line.split() for line in file.read_text().splitlines() if line.strip()]
            branches = [Branch(int(line[0]), position(line[1])) for line in lines if line[0].isdigit()]
        return [*branches, Branch(timeline, None)]

    def usable(self) -> list[Backup]:
        """The backups from which recovery can follow this history, the newest first."""
        found = []
        for it in self.backups:
            for branch in self.branches:
                if branch.timeline == it.timeline and (branch.end is None or it.stop_lsn <= branch.end):
                    found.append(it)
        return sorted(found, key=lambda it: it.ended, reverse=True)

    def needed(self, first: Backup) -> Iterator[str]:
        """The segments that recovery reads, from a backup to the end of the archived WAL."""
        begin = first.first
        for branch in self.branches:
            if branch.timeline < first.timeline:
                continue
            if branch.end is None:
                held = [number(it) for it in self.segments if int(it[:8], 16) == branch.timeline]
                end = max([*held, begin - 1, first.last if branch.timeline == first.timeline else 0])
            else:
                end = branch.end // MIB_16 - 1
            for segment in range(begin, end + 1):
                yield name(branch.timeline, segment)
            begin = max(begin, end + 1)

    def gap(self, first: Backup, until: int | None) -> str | None:
        """The first missing segment after a backup, up to the segment with the number `until`."""
        for segment in self.needed(first):
            if until is not None and number(segment) > until:
                return None
            if segment not in self.segments:
                return segment
        return None


def backup(entry: dict) -> Backup:
    archive = entry["archive"]
    return Backup(
        entry["label"],
        int(archive["stop"][:8], 16),
        number(archive["start"]),
        number(archive["stop"]),
        position(entry["lsn"]["stop"]),
        entry["timestamp"]["stop"],
    )


def parse(target: str) -> tuple[str, str]:
    kind, _, value = target.partition(":")
    if kind in ("lsn", "xid", "name", "set") or target == "latest":
        return kind, value
    return "time", target


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def options(kind: str, value: str, timeline: int) -> list[str]:
    """The options of `pgbackrest restore` for a target."""
    if kind == "set":
        return ["--type=immediate", "--target-action=promote"]
    if kind == "latest":
        return ["--type=default", f"--target-timeline={timeline}"]
    if kind == "time":
        value = instant(value).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
    return [f"--type={kind}", f"--target={value}", "--target-action=promote", f"--target-timeline={timeline}"]


def before(kind: str, value: str, it: Backup) -> bool:
    """Whether a backup ended before the target, as far as that is known without recovery."""
    if kind == "time":
        # pgBackRest reports whole seconds, rounded down.
        return it.ended < instant(value).timestamp() - 1
    return it.stop_lsn <= position(value) if kind == "lsn" else True


def plan(environment: Environment, target: str, label: str | None = None, timeline: str | None = None) -> dict:
    """LABEL is a backup, or `newest` to choose one."""
    kind, value = parse(target)
    archive = Archive(environment, int(timeline) if timeline else None)
    label = None if label == "newest" else label
    if archive.running:
        raise Refused("a backup is running", "wait until it has finished: ./ninefold status")
    if kind == "time" and instant(value).timestamp() > time.time():
        raise Refused(f"{value} is in the future, by the clock of this machine", "choose a time in the past")
    named = value if kind == "set" else label
    if named and named not in [it.label for it in archive.backups]:
        raise Refused(f"there is no backup {named}", "see the labels: sudo -u pgbackrest pgbackrest info, on the repository")
    pool = archive.backups if kind == "set" else archive.usable()
    chosen = [it for it in pool if (not named or it.label == named) and before(kind, value, it)]
    if not chosen:
        oldest = min((it.ended for it in archive.usable()), default=0)
        raise Refused(
            f"backup {label} does not end before {target} on the history of timeline {archive.timeline}"
            if label
            else f"no backup ends before {target}; the recovery window begins at {shown(oldest)}",
            "choose a later target" if not label else "leave out --set, or name an older backup",
        )
    tried = chosen if kind in UNORDERED else chosen[:1]
    if kind != "set":
        require_no_gap(archive, tried[0])
    return {
        "timeline": archive.timeline,
        "labels": [it.label for it in tried],
        "ended": tried[0].ended,
    }


def require_no_gap(archive: Archive, first: Backup) -> None:
    later = [it.first for it in archive.usable() if it.ended > first.ended]
    missing = archive.gap(first, min(later, default=None))
    if missing:
        raise Refused(
            f"the archive lacks the WAL segment {missing} after backup {first.label}, and it may be before the target",
            "choose a target after a later backup or an earlier one: ./ninefold status shows the gaps",
        )


def shown(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def say(text: str) -> None:
    print(text, flush=True)


def restore_files(environment: Environment, arguments: list[str]) -> None:
    """Runs `pgbackrest restore`, and prints its progress."""
    # After a power cut the file is still there, and pgBackRest takes it for a running server.
    if running(environment):
        raise SystemExit("restore-data: PostgreSQL is running on this node; nothing was restored")
    (environment.data / "postmaster.pid").unlink(missing_ok=True)
    command = ["pgbackrest", f"--stanza={environment.stanza}", "--delta", "--log-level-console=detail"]
    process = subprocess.Popen(
        [*command, *arguments, "restore"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout
    last, since = [], time.monotonic()
    for line in process.stdout:
        last = [*last[-5:], line.rstrip()]
        if (found := re.search(r", (\d+)(\.\d+)?%\)", line)) and time.monotonic() - since > REPORTED_EVERY:
            since = time.monotonic()
            say(f"compared or restored {found.group(1)} % of the data")
    if process.wait() != 0:
        raise SystemExit("restore-data: pgbackrest restore failed:\n  " + "\n  ".join(last))


def running(environment: Environment) -> bool:
    status = subprocess.run(
        [environment.binaries / "pg_ctl", "-D", environment.data, "status"], stdout=subprocess.DEVNULL, check=False
    )
    return status.returncode == 0


def recover(environment: Environment) -> str | None:
    """Starts PostgreSQL without network, waits until it is promoted, and stops it. Returns why it ended early."""
    runtime = Path(os.environ.get("RUNTIME_DIRECTORY", "/run/postgresql"))
    log = runtime / "recovery.log"
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(runtime),
        "hot_standby": "off",
        "ssl": "off",
        "synchronous_standby_names": "",
        "logging_collector": "off",
        "log_destination": "stderr",
        "log_statement": "none",
        "autovacuum": "off",
    }
    arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    with log.open("w") as output:
        server = subprocess.Popen(
            [environment.binaries / "postgres", "-D", environment.data, "-p", environment.port, *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with log.open() as lines:
        replayed, since = "", time.monotonic()
        while server.poll() is None and not ready(environment):
            for line in lines:
                if found := re.search('restored log file "([0-9A-F]{24})"', line):
                    replayed = found.group(1)
                elif NOTED.search(line):
                    say(line.strip())
            if replayed and time.monotonic() - since > REPORTED_EVERY:
                say(f"replaying {replayed}")
                since = time.monotonic()
            time.sleep(0.2)
        for line in lines:
            if NOTED.search(line):
                say(line.strip())
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        server.wait()
    if server.returncode == 0:
        return None
    return "\n  ".join(log.read_text().splitlines()[-8:])


def ready(environment: Environment) -> bool:
    with contextlib.suppress(OSError):
        lines = (environment.data / "postmaster.pid").read_text().splitlines()
        return len(lines) > 7 and lines[7].strip() == "ready"
    return False


def restore(environment: Environment, target: str, timeline: int, labels: list[str]) -> None:
    kind, value = parse(target)
    why: str | None = "no backup was named"
    for label in labels:
        say(f"restoring backup {label}")
        restore_files(environment, [f"--set={label}", *options(kind, value, timeline)])
        why = recover(environment)
        if why and SHORT in why and kind == "time":
            # There is no commit after that time, so the end of the WAL is the state at that time.
            say("the archived WAL has no commit after the target: recovering to its end")
            restore_files(environment, [f"--set={label}", *options("latest", "", timeline)])
            why = recover(environment)
        if not why:
            return
        if SHORT not in why:
            break
    raise SystemExit(f"restore-data: PostgreSQL did not recover to {target}; the last lines of its log:\n  {why}")


def replica(environment: Environment) -> None:
    archive = Archive(environment)
    newest = archive.usable()[0]
    say(f"restoring backup {newest.label}")
    restore_files(environment, [f"--set={newest.label}", "--type=standby"])


def deliver(environment: Environment) -> None:
    status = environment.data / "pg_wal" / "archive_status"
    for ready_file in sorted(status.glob("*.ready")):
        segment = ready_file.name.removesuffix(".ready")
        say(f"archiving {segment}")
        subprocess.run(
            ["/usr/local/lib/ninefold/pgbackrest-push", environment.stanza, f"pg_wal/{segment}"],
            cwd=environment.data,
            check=True,
        )
        ready_file.rename(ready_file.with_suffix(".done"))


def environment() -> Environment:
    text = Path("/usr/local/lib/ninefold/node.env").read_text()
    settings = dict(re.findall(r"^(\w+)='?([^'\n]*)'?$", text, re.MULTILINE))
    return Environment(settings["STANZA"], Path(settings["POSTGRES_DATA"]), settings["POSTGRES_PORT"])


def main(command: str, *arguments: str) -> None:
    here = environment()
    if command == "plan":
        try:
            print(json.dumps(plan(here, *arguments)))
        except Refused as refused:
            print(json.dumps({"refused": str(refused), "next": refused.after}))
    elif command == "restore":
        restore(here, arguments[0], int(arguments[1]), list(arguments[2:]))
    elif command == "replica":
        replica(here)
    elif command == "deliver":
        deliver(here)


if __name__ == "__main__":
    os.chdir("/")
    main(*sys.argv[1:])
