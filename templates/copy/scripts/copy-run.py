#!/usr/bin/env python3
"""copy-run --port PORT --type TYPE --target TARGET [--timeline N] LABEL…: the unit ninefold-copy, as postgres.

Restores the first backup from which the target can be reached, recovers to the target, and runs PostgreSQL until it is
stopped. It stops by itself if the disk gets short, because the cluster needs it. A copy that failed leaves no data.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from copy_common import DATA, FLOOR, FOLDER, LOG, PORT, PROGRESS, UNIT, FailedError, binaries, environment, free, settings, size

# PostgreSQL's messages if the backup is newer than the target or the target has not been reached yet, and if the backup
# is on a timeline that the cluster has left.
UNREACHED = "recovery ended before configured recovery target was reached"
LEFT = "is not a child of this server's history"
REPORT_EVERY = 10
FIRST_VERSION_WITH_ALL_USERS = 16


class Copy:
    """The processes of the copy, and what it reports."""

    def __init__(self, wanted: argparse.Namespace) -> None:
        self.wanted = wanted
        self.own = settings()
        self.child: subprocess.Popen[bytes] | None = None
        signal.signal(signal.SIGTERM, self.stop)

    def stop(self, *_: object) -> NoReturn:
        self.end_child()
        sys.exit(0)

    def end_child(self) -> None:
        if self.child and self.child.poll() is None:
            # PostgreSQL's fast shutdown.
            self.child.send_signal(signal.SIGINT)
            self.child.wait()

    def report(self, kind: str, text: str) -> None:
        with PROGRESS.open("a") as file:
            file.write("".join(f"{kind} {line}\n" for line in text.splitlines()))

    def run(self) -> None:
        PORT.write_text(self.wanted.port)
        labels = self.wanted.labels
        for label in labels:
            self.restore(label)
            self.configure()
            if self.recover(last=label == labels[-1]):
                break
            self.report("-", f"backup {label} does not lead to the target: trying an older one")
        self.report("+", f"the copy is ready: {self.state()}")
        self.supervise()

    def restore(self, label: str) -> None:
        self.report("-", f"restoring backup {label}")
        DATA.mkdir(mode=0o700, exist_ok=True)
        wanted = self.wanted
        target = [f"--target={wanted.target}"] if wanted.target else []
        action = ["--target-action=promote"] if wanted.type != "default" else []
        timeline = [f"--target-timeline={wanted.timeline}"] if wanted.timeline else []
        command = [
            "pgbackrest", f"--stanza={self.own['STANZA']}", f"--pg1-path={DATA}", f"--tablespace-map-all={FOLDER}/tablespaces",
            *(["--delta"] if (DATA / "PG_VERSION").exists() else []), "--archive-mode=off",
            # A restore empties the spool, and the one in the settings is that of the cluster's own PostgreSQL.
            "--spool-path=/tmp", f"--set={label}", f"--type={wanted.type}", *target, *action, *timeline, "--process-max=2", "restore",
        ]
        with LOG.open("wb") as log:
            self.child = subprocess.Popen(command, stdout=log, stderr=log)
        self.wait(lambda: f"restored {size(used(FOLDER))}")
        if self.child.returncode != 0:
            raise FailedError(f"pgBackRest could not restore backup {label}\n{tail('ERROR')}")

    def configure(self) -> None:
        """The copy has its own configuration: no listener, no archiving, and few resources."""
        control = subprocess.run([binaries() / "pg_controldata", DATA], capture_output=True, text=True, env=environment(), check=True).stdout
        found = dict(line.split(":", 1) for line in control.splitlines() if ":" in line)
        stanza = self.own["STANZA"]
        # The spool of asynchronous mode belongs to the cluster's own server.
        restore = f'pgbackrest --stanza={stanza} --no-archive-async --pg1-path={DATA} archive-get %f "%p"'
        lines = {
            "port": self.wanted.port, "listen_addresses": "", "unix_socket_directories": str(FOLDER), "unix_socket_permissions": "0700",
            "hba_file": f"{FOLDER}/pg_hba.conf", "ident_file": f"{FOLDER}/pg_ident.conf", "ssl": "off",
            "archive_mode": "off", "restore_command": restore, "primary_conninfo": "", "primary_slot_name": "",
            # Without connections during recovery, PostgreSQL does not compare the cluster's limits with these.
            "hot_standby": "off", "recovery_target_action": "promote", "synchronous_standby_names": "",
            "max_connections": "20", "max_wal_senders": "0", "shared_buffers": "64MB", "jit": "off", "autovacuum": "off",
            "max_prepared_transactions": found["max_prepared_xacts setting"].strip(), "max_locks_per_transaction": found["max_locks_per_xact setting"].strip(),
            "shared_preload_libraries": preloaded(), "cluster_name": "ninefold-copy", "log_destination": "stderr", "logging_collector": "off",
        }
        (FOLDER / "postgresql.conf").write_text("".join(f"{name} = '{value}'\n" for name, value in lines.items()))
        (FOLDER / "pg_hba.conf").write_text("local all all peer map=copy\n")
        (FOLDER / "pg_ident.conf").write_text("".join(f"copy postgres {user}\n" for user in self.users()))

    def users(self) -> list[str]:
        """The users as whom postgres may log in: the owners of the databases."""
        if int((DATA / "PG_VERSION").read_text()) >= FIRST_VERSION_WITH_ALL_USERS:
            return ["all"]
        # Patroni's file, as it was when the backup was taken.
        words = [line.split() for line in (DATA / "pg_ident.conf").read_text().splitlines()]
        return ["postgres", *(it[2] for it in words if it[:2] == ["local", "postgres"])]

    def recover(self, last: bool) -> bool:
        """Whether the target was reached. Otherwise the next backup is tried."""
        self.report("-", f"replaying WAL until {self.wanted.target or self.wanted.type}")
        with LOG.open("ab") as log:
            # Options of the command line override what ALTER SYSTEM has set in the cluster.
            fixed = ["listen_addresses=", "archive_mode=off", f"restore_command={self.setting('restore_command')}", f"unix_socket_directories={FOLDER}"]
            options = [word for setting in fixed for word in ("-c", setting)]
            command = [str(binaries() / "postgres"), "-D", str(DATA), "-c", f"config_file={FOLDER}/postgresql.conf", *options]
            self.child = subprocess.Popen(command, stdout=log, stderr=log, env=environment())
        self.wait(lambda: f"replaying WAL: {tail('redo in progress|restored log file', 1).split('LOG:')[-1].strip()}", self.accepts)
        if self.child.poll() is None:
            return True
        # An older backup does not lead to a later end of the WAL.
        elsewhere = tail(LEFT) or (tail(UNREACHED) and self.wanted.type in ("xid", "name"))
        if elsewhere and not last:
            return False
        reason = tail("FATAL|PANIC|ERROR") or "it ended without a message"
        next_step = "./ninefold status shows the recovery window; choose a point in it" if UNREACHED in reason else f"look at: journalctl -u {UNIT}"
        raise FailedError(f"PostgreSQL could not recover to {self.wanted.target or self.wanted.type}\n{reason}\n{tail('last completed transaction', 1)}\n{next_step}")

    def setting(self, name: str) -> str:
        found = re.search(f"^{name} = '(.*)'$", (FOLDER / "postgresql.conf").read_text(), re.MULTILINE)
        return found[1] if found else ""

    def accepts(self) -> bool:
        """Whether the server's own status, in the last line of its lock file, is that recovery has ended."""
        lock = DATA / "postmaster.pid"
        return lock.exists() and lock.read_text().splitlines()[-1].strip() == "ready"

    def wait(self, progress: Callable[[], str], ready: Callable[[], bool] = lambda: False) -> None:
        """Waits until the child has ended or is ready, reports progress, and watches the disk."""
        assert self.child
        told = time.monotonic()
        while self.child.poll() is None and not ready():
            self.watch_disk()
            if time.monotonic() - told >= REPORT_EVERY:
                told = time.monotonic()
                self.report("-", progress())
            time.sleep(0.2)

    def supervise(self) -> None:
        assert self.child
        while self.child.poll() is None:
            self.watch_disk()
            time.sleep(1)
        raise FailedError(f"PostgreSQL of the copy has ended\n{tail('FATAL|PANIC|ERROR')}")

    def watch_disk(self) -> None:
        if free() < FLOOR:
            raise FailedError(f"the disk has less than {size(FLOOR)} free, which the cluster needs; the copy was stopped and removed")

    def state(self) -> str:
        return tail("recovery stopping|last completed transaction|consistent recovery state", 1).split("LOG:")[-1].strip()


def preloaded() -> str:
    """The libraries of the cluster: the databases' objects may need them."""
    found = re.findall(r"^shared_preload_libraries = '([^']*)'", (DATA / "postgresql.conf").read_text(), re.MULTILINE)
    return found[-1] if found else ""


def used(folder: Path) -> int:
    return sum(entry.stat().st_blocks * 512 for entry in folder.rglob("*") if entry.is_file() and not entry.is_symlink())


def tail(pattern: str, count: int = 5) -> str:
    lines = LOG.read_text(errors="replace").splitlines() if LOG.exists() else []
    return "\n".join([line for line in lines if re.search(pattern, line)][-count:])


def main() -> None:
    parser = argparse.ArgumentParser()
    for option in ("--port", "--type", "--target"):
        parser.add_argument(option, required=True)
    parser.add_argument("--timeline", default="")
    parser.add_argument("labels", nargs="+")
    os.umask(0o077)
    copy = Copy(parser.parse_args())
    try:
        copy.run()
    except FailedError as failed:
        copy.end_child()
        print(failed, file=sys.stderr)
        for path in (DATA, FOLDER / "tablespaces"):
            shutil.rmtree(path, ignore_errors=True)
        copy.report("!", str(failed))
        sys.exit(1)


if __name__ == "__main__":
    main()
