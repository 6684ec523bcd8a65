#!/usr/bin/env python3
"""pgbackrest-backup TYPE: takes a backup, and removes the backups and the WAL that have expired.

It reads the data from a replica. If no replica is usable, it reads from the leader. Runs as pgbackrest on the
repository; /etc/pgbackrest/backup.json contains its parameters.
"""

import json
import os
import re
import subprocess
import sys
import time

# Imports must leave no files behind on the machine.
sys.dont_write_bytecode = True

import backup_retention  # noqa: E402

PARAMETERS = "/etc/pgbackrest/backup.json"
# A file that was read: 'P01 DETAIL: backup file 192.168.100.2:/var/lib/postgresql/17/main/PG_VERSION (…'.
READ_FROM = re.compile(r"DETAIL: (?:backup|match) file (?:from prior backup )?([^ :/]+):(/\S+)")
NEW_LABEL = re.compile(r"new backup label = (\S+)")
# 'unable to find standby cluster', 'timeout before standby replayed to …', 'replay on the standby …'
NO_REPLICA = re.compile(r"ERROR: .*\bstandby\b")


class Failure(Exception):
    """pgBackRest ended with an error."""

    def __init__(self, status: int, output: list[str]) -> None:
        super().__init__(f"pgBackRest ended with status {status}")
        self.status = status
        self.output = output


def say(text: str) -> None:
    print(text, flush=True)


def pgbackrest(stanza: str, command: str, *options: str) -> list[str]:
    """Runs pgBackRest, and shows everything but its details."""
    output = []
    with subprocess.Popen(
        ["pgbackrest", f"--stanza={stanza}", "--log-timestamp=n", *options, command],
        cwd="/",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            output.append(line.rstrip("\n"))
            if " DETAIL: " not in line and " command begin " not in line:
                say(output[-1])
    if process.returncode != 0:
        raise Failure(process.returncode, output)
    return output


def info(stanza: str) -> list[backup_retention.Backup]:
    done = subprocess.run(
        ["pgbackrest", f"--stanza={stanza}", "--output=json", "--log-level-file=off", "info"],
        cwd="/",
        check=True,
        capture_output=True,
        text=True,
    )
    return backup_retention.of_info(json.loads(done.stdout)[0])


def take(stanza: str, kind: str, replicas: bool) -> None:
    options = [f"--type={kind}", "--log-level-console=detail"]
    if replicas:
        try:
            mark(stanza, pgbackrest(stanza, "backup", *options, "--backup-standby=y"), "replica")
            return
        except Failure as failure:
            if not any(NO_REPLICA.search(line) for line in failure.output):
                raise
        say("no replica is usable, so this backup is read from the leader")
    mark(stanza, pgbackrest(stanza, "backup", *options, "--backup-standby=n"), "leader")


def mark(stanza: str, output: list[str], role: str) -> None:
    """Records in the backup's annotations where its data was read."""
    labels = [found[1] for line in output if (found := NEW_LABEL.search(line))]
    if not labels:
        return
    host = source_of(output, role)
    source = parameters()["nodes"].get(host, host)
    say(f"backup {labels[-1]} was read from the {role}" + (f", {source}" if source else ""))
    annotations = [f"--annotation=role={role}"] + ([f"--annotation=source={source}"] if source else [])
    pgbackrest(stanza, "annotate", f"--set={labels[-1]}", *annotations)


def source_of(output: list[str], role: str) -> str:
    """The host that was read; empty if only the leader's own few files had changed."""
    read = {found[2]: found[1] for line in output if (found := READ_FROM.search(line))}
    # Of all files, pg_control always comes from the leader.
    leader = {host for path, host in read.items() if path.endswith("/global/pg_control")}
    hosts = set(read.values())
    return next(iter(hosts - leader if role == "replica" else leader or hosts), "")


def expire(stanza: str, retention: backup_retention.Retention) -> None:
    backups = info(stanza)
    now = time.time()
    kept = backup_retention.reasons(retention, backups, now)
    oldest = backup_retention.continuous(
        retention, backups, now, backup_retention.recorded_continuous(stanza)
    )
    record(stanza, oldest)
    going = [label for label, why in kept.items() if not why and label != oldest]
    for label in going + backup_retention.expired_differentials(retention, backups):
        # An expired full backup takes the backups that depend on it with it.
        if any(it.label == label for it in info(stanza)):
            say(f"backup {label} has expired")
            pgbackrest(stanza, "expire", f"--set={label}")
    fulls = [it.label for it in info(stanza) if it.type == "full"]
    window = sum(label >= oldest for label in fulls)
    if window:
        # Of a full backup before the window, pgBackRest keeps the WAL that the backup itself needs.
        pgbackrest(
            stanza,
            "expire",
            "--repo1-retention-archive-type=full",
            f"--repo1-retention-archive={window}",
        )


def record(stanza: str, label: str) -> None:
    path = f"{backup_retention.REPOSITORY}/{stanza}.continuous"
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump({"label": label}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


def parameters() -> dict:
    with open(PARAMETERS, encoding="utf-8") as file:
        return dict(json.load(file))


def main() -> int:
    wanted = parameters()
    stanza = wanted["stanza"]
    try:
        take(stanza, sys.argv[1], len(wanted["nodes"]) > 1)
        expire(stanza, backup_retention.Retention(**wanted["retention"]))
    except Failure as failure:
        say(f"pgbackrest-backup: the {sys.argv[1]} backup of {stanza} failed: {failure}")
        return failure.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
