"""Measures backup, restore and archiving on a database of a few GB.

Everything runs on the processors and the disk of this machine, so ratios within a run say more than
seconds. The page cache is dropped before each measurement that reads files.
"""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ninefold_lab.process import LabError

from .figures import Figure, Findings, Table
from .stand import Stand

_REPOSITORY = "repository"
# The size of the database.
_GIB = 2
# Segments of 16 MiB that are archived in each mode.
_SEGMENTS = 64
_SEGMENT = 16
# A restore may take this many times as long as pg_basebackup.
_AIM_RESTORE = 2.0
_LOAD_SECONDS = 20
_FOLDER = "/var/lib/postgresql/bench"
_WRITES = "/run/bench-writes"
_SOURCE = "cd /; runuser -u postgres --"
_ASK = f"{_SOURCE} psql -XAtq -v ON_ERROR_STOP=1 -d postgres"
_TPS = re.compile(r"tps = ([\d.]+)")
_LATENCY = re.compile(r"latency average = ([\d.]+) ms")

# Rows of 1 KiB whose text compresses to about half.
_ROWS = """
DO $$ BEGIN
  FOR step IN 1..{steps} LOOP
    INSERT INTO {table} SELECT n, (SELECT string_agg(md5(n::text || step || i), '')
      FROM generate_series(1, 30) AS i) FROM generate_series(1, {rows}) AS n;
    COMMIT;
  END LOOP;
END $$;
"""
_TABLES = """
CREATE TABLE bench_data (n bigint, text text);
CREATE TABLE bench_wal (n bigint, text text);
CREATE TABLE bench_load (id serial PRIMARY KEY, at timestamptz DEFAULT now());
"""
_CLEAR = "DROP TABLE IF EXISTS bench_data, bench_wal, bench_load; CHECKPOINT;"


@dataclass(frozen=True)
class _Run:
    """The time of a command, and the processor time of each machine meanwhile, in seconds."""

    wall: float
    processor: dict[str, float]


def measure(stand: Stand, rounds: int) -> Findings:
    """Backup, restore, archiving, and the load of a backup on the leader."""
    stand.need_cluster()
    bench = _Bench(stand)
    bench.fill()
    try:
        findings = _transfers(bench, rounds)
        findings.figures += _archiving(bench, rounds)
        findings.figures += _load(bench, rounds)
        return findings
    finally:
        bench.clear()


def measure_recovery(stand: Stand, rounds: int) -> Findings:
    """`./ninefold restore` of the whole cluster, from the command to the first accepted write."""
    stand.need_cluster()
    bench = _Bench(stand)
    bench.fill()
    try:
        bench.take_backup()
        size = bench.size()
        found = [bench.recover() for _ in range(rounds)]
    finally:
        bench.clear()
    return Findings(
        [
            Figure("`restore --to latest` to the first accepted write", "s", [f for f, _ in found]),
            Figure("`restore --to latest`, the whole command", "s", [whole for _, whole in found]),
            Figure("database", "MiB", [size]),
        ]
    )


def _transfers(bench: _Bench, rounds: int) -> Findings:
    size = bench.size()
    runs: dict[str, list[_Run]] = {}
    for turn in range(1, rounds + 1):
        with bench.stand.progress.phase(f"backup and restore, {turn} of {rounds}"):
            for name, run in bench.transfers():
                runs.setdefault(name, []).append(run)
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for name, all_runs in runs.items():
        walls = [run.wall for run in all_runs]
        figures.append(Figure(name, "s", walls))
        figures.append(Figure(f"{name}: database", "MiB/s", [size / wall for wall in walls]))
        middle = sorted(all_runs, key=lambda run: run.wall)[len(all_runs) // 2]
        rows += [
            (name, node, f"{seconds:.1f}", f"{seconds / middle.wall:.2f}")
            for node, seconds in middle.processor.items()
        ]
    ratios = [
        restore.wall / copy.wall
        for restore, copy in zip(runs["restore"], runs["pg_basebackup"], strict=True)
    ]
    figures.append(Figure("restore / pg_basebackup", "×", ratios, _AIM_RESTORE))
    figures.append(Figure("database", "MiB", [size]))
    head = ("what", "machine", "processor s", "processors busy")
    return Findings(figures, [Table("Processor time (middle round)", head, rows)])


def _archiving(bench: _Bench, rounds: int) -> list[Figure]:
    rates: dict[str, list[float]] = {"synchronous": [], "asynchronous": []}
    for turn in range(1, rounds + 1):
        for mode, found in rates.items():
            with bench.stand.progress.phase(f"{mode} archiving, {turn} of {rounds}"):
                found.append(_SEGMENTS * _SEGMENT / bench.archive(mode == "asynchronous"))
    return [Figure(f"archive push, {mode}", "MiB/s", found) for mode, found in rates.items()]


def _load(bench: _Bench, rounds: int) -> list[Figure]:
    alone: list[_Load] = []
    beside: list[_Load] = []
    for turn in range(1, rounds + 1):
        with bench.stand.progress.phase(f"load during a backup, {turn} of {rounds}"):
            alone.append(bench.load())
            with bench.backup_running():
                beside.append(bench.load())
    return [
        figure
        for name, loads in (("without a backup", alone), ("during a backup", beside))
        for figure in (
            Figure(f"writes {name}", "/s", [load.rate for load in loads]),
            Figure(f"latency {name}", "ms", [load.latency for load in loads]),
            Figure(f"leader's processors {name}", "%", [load.processors * 100 for load in loads]),
        )
    ]


@dataclass(frozen=True)
class _Load:
    """Small commits on the leader for some seconds."""

    rate: float
    latency: float
    processors: float


class _Bench:
    """The database that is backed up, on the leader of the stand's cluster."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.leader = self._leader()
        self.target = next(
            node.name
            for node in stand.lab.nodes
            if node.name.startswith("postgres") and node.name != self.leader
        )
        self.stanza = stand.ssh(_REPOSITORY, "cat /var/lib/ninefold/stanza").strip()

    def fill(self) -> None:
        self.clear()
        with self.stand.progress.phase(f"a database of {_GIB} GiB"):
            rows = _ROWS.format(table="bench_data", rows=65536, steps=round(_GIB * 1024 / 71))
            self._sql(f"{_TABLES}{rows}CHECKPOINT")
            self._await_archived()

    def clear(self) -> None:
        self._sql(_CLEAR)
        self.stand.ssh(self.target, f"rm -rf {_FOLDER}")

    def size(self) -> float:
        """The size of all databases in MiB."""
        return float(self._sql("SELECT sum(pg_database_size(oid)) / 1048576 FROM pg_database"))

    def transfers(self) -> Iterator[tuple[str, _Run]]:
        """Each kind of transfer once. The restores use the full backup."""
        yield "full backup", self._backup("full")
        self._sql("UPDATE bench_data SET n = n + 1 WHERE n % 1000 = 0; CHECKPOINT")
        yield "differential backup of a small change", self._backup("diff")
        restore = (
            f"pgbackrest --stanza={self.stanza} --pg1-path={_FOLDER} --type=none"
            " --archive-mode=off --log-level-console=warn {options} restore"
        )
        yield "restore", self._on_target(self._empty(), restore.format(options=""))
        change = f"find {_FOLDER}/base -type f -size +1M | head -n 2 | xargs truncate --size=-1M"
        yield "restore, delta", self._on_target(change, restore.format(options="--delta"))
        yield "pg_basebackup", self._on_target(self._empty(), self._basebackup())

    def take_backup(self) -> None:
        self._backup("full")

    def recover(self) -> tuple[float, float]:
        """Seconds until the first write is accepted again, and until the command has ended."""
        environment = {**os.environ, "NINEFOLD_PULUMI": "lab/lab containers pulumi"}
        command = self.stand.project.as_caller("./ninefold", "restore", "--to", "latest", "--yes")
        with self._writing(), self.stand.progress.phase("restore of the whole cluster"):
            use = self.stand.inside(command, environment)
            times = [float(line) for line in self._on(self.target, f"cat {_WRITES}").split()]
        self.leader = self._leader()
        accepted = [time for time in times if time > use.began]
        _, resumed = max(
            itertools.pairwise([use.began, *accepted]), key=lambda pair: pair[1] - pair[0]
        )
        return resumed - use.began, use.wall

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """A client that writes through the virtual address, and logs when each write was
        accepted."""
        outputs = self.stand.outputs()
        database = outputs["databases"][0]
        uri = database["uri"].replace(
            "sslrootcert=authority.crt", "sslrootcert=/etc/ninefold/tls/postgresql/ca.crt"
        )
        self._on(
            self.target,
            f"rm -f {_WRITES}\n"
            "install -m 0700 /dev/stdin /run/bench-writer <<'script'\n"
            f"export PGPASSWORD='{outputs['passwords'][database['user']]}' PGCONNECT_TIMEOUT=2\n"
            'write() { timeout 5 psql -Xqw -v ON_ERROR_STOP=1 -c "$1" '
            f"'{uri}' >/dev/null 2>&1; }}\n"
            "write 'CREATE TABLE IF NOT EXISTS bench_written (at timestamptz)'\n"
            "while :; do\n"
            f"  ! write 'INSERT INTO bench_written VALUES (now())' || date +%s.%N >>{_WRITES}\n"
            "  sleep 0.1\n"
            "done\n"
            "script\n"
            "systemd-run --quiet --collect --unit=bench-writer bash /run/bench-writer\n"
            f"timeout 60 bash -c 'until [[ -s {_WRITES} ]]; do sleep 0.1; done'",
        )
        try:
            yield
        finally:
            self._on(self.target, "systemctl stop bench-writer; rm /run/bench-writer")

    def archive(self, asynchronous: bool) -> float:
        """Seconds until PostgreSQL has archived the segments that wait."""
        mode = "y" if asynchronous else "n"
        self.stand.ssh(
            self.leader,
            "install -d -o postgres -g postgres -m 0750 /var/spool/pgbackrest\n"
            "cp -a /etc/pgbackrest/pgbackrest.conf /run/bench-pgbackrest.conf\n"
            "sed -i '/^archive-async=/d; /^spool-path=/d; /^archive-push-queue-max=/d;"
            f" s,^\\[global\\]$,&\\narchive-async={mode}\\nspool-path=/var/spool/pgbackrest,'"
            " /etc/pgbackrest/pgbackrest.conf\n",
        )
        try:
            self._sql("ALTER SYSTEM SET archive_command = 'false'; SELECT pg_reload_conf()")
            self._write_wal()
            began = time.monotonic()
            self._sql("ALTER SYSTEM RESET archive_command; SELECT pg_reload_conf()")
            self._await_archived()
            return time.monotonic() - began
        finally:
            self._sql("ALTER SYSTEM RESET archive_command; SELECT pg_reload_conf()")
            self.stand.ssh(
                self.leader, "mv /run/bench-pgbackrest.conf /etc/pgbackrest/pgbackrest.conf"
            )

    def load(self) -> _Load:
        """pgbench on the leader, whose processor time includes pgbench's own."""
        before = self.stand.processor_seconds(self.leader)
        began = time.monotonic()
        output = self._on(
            self.leader,
            "echo 'INSERT INTO bench_load DEFAULT VALUES;' >/run/bench.sql\n"
            f"{_SOURCE} /usr/lib/postgresql/*/bin/pgbench -n -c 4 -f /run/bench.sql"
            f" -T {_LOAD_SECONDS} postgres 2>&1",
        )
        wall = time.monotonic() - began
        rate, latency = _TPS.search(output), _LATENCY.search(output)
        if not rate or not latency:
            raise LabError(f"pgbench printed no figures: {output[-2000:]}")
        used = self.stand.processor_seconds(self.leader) - before
        return _Load(float(rate[1]), float(latency[1]), used / wall)

    @contextmanager
    def backup_running(self) -> Iterator[None]:
        """Full backups one after the other, as the nightly unit takes them."""
        self._drop_caches()
        self.stand.ssh(
            _REPOSITORY,
            "systemd-run --quiet --collect --unit=bench-backups bash -c"
            " 'while :; do systemctl start pgbackrest-backup@full; done'",
        )
        try:
            yield
        finally:
            self.stand.ssh(
                _REPOSITORY,
                "systemctl stop bench-backups pgbackrest-backup@full;"
                " systemctl reset-failed 'pgbackrest-backup@*' || true",
            )

    def _backup(self, kind: str) -> _Run:
        return self._timed(_REPOSITORY, f"systemctl start pgbackrest-backup@{kind}")

    def _on_target(self, prepare: str, command: str) -> _Run:
        self._on(self.target, prepare)
        return self._timed(self.target, f"{_SOURCE} {command}")

    def _empty(self) -> str:
        return f"rm -rf {_FOLDER}; install -d -o postgres -g postgres -m 0700 {_FOLDER}"

    def _basebackup(self) -> str:
        address = self.stand.lab.node(self.leader).address
        keys = "/etc/ninefold/tls/postgresql"
        return (
            f"/usr/lib/postgresql/*/bin/pg_basebackup -D {_FOLDER} --checkpoint=fast"
            " --wal-method=none --no-manifest"
            f' -d "host={address} user=replicator sslmode=verify-full'
            f' sslrootcert={keys}/ca.crt sslcert={keys}/node.crt sslkey={keys}/node.key"'
        )

    def _timed(self, node: str, script: str) -> _Run:
        self._drop_caches()
        names = (self.leader, self.target, _REPOSITORY)
        before = {name: self.stand.processor_seconds(name) for name in names}
        began = time.monotonic()
        self._on(node, script)
        wall = time.monotonic() - began
        after = {name: self.stand.processor_seconds(name) for name in names}
        return _Run(wall, {name: after[name] - before[name] for name in names})

    def _write_wal(self) -> None:
        """Writes segments that are full of rows as compressible as the table's."""
        rows = _ROWS.format(table="bench_wal", rows=14_700, steps=_SEGMENTS)
        self._sql(f"{rows}TRUNCATE bench_wal; SELECT pg_switch_wal()")

    def _await_archived(self) -> None:
        self._on(
            self.leader,
            "status=$(echo /var/lib/postgresql/*/main/pg_wal/archive_status)\n"
            "for _ in {1..3000}; do\n"
            '  compgen -G "$status/*.ready" >/dev/null || exit 0\n'
            "  sleep 0.1\n"
            "done\n"
            "echo 'WAL still waits after 300 s' >&2; exit 1",
        )

    def _leader(self) -> str:
        listing = self.stand.ssh("postgres1", "patronictl -c /etc/patroni/config.d list -f tsv")
        found = re.search(r"^\S+\t(\S+)\t\S+\tLeader\t", listing, re.MULTILINE)
        if not found:
            raise LabError(f"the cluster has no leader: {listing}")
        return found[1]

    def _sql(self, sql: str) -> str:
        return self._on(self.leader, f"{_ASK} <<'SQL'\n{sql}\nSQL\n").strip()

    def _on(self, node: str, script: str) -> str:
        return self.stand.ssh(node, script, timeout=900)

    @staticmethod
    def _drop_caches() -> None:
        Path("/proc/sys/vm/drop_caches").write_text("3")
