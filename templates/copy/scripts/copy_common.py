"""The folder of a copy beside the cluster, and how its scripts talk to PostgreSQL and report problems."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

SCRIPTS = Path(os.environ.get("NINEFOLD_SCRIPTS", "/usr/local/lib/ninefold"))
# Data, socket, log and dump of the copy. Only the user postgres may enter it.
FOLDER = Path(os.environ.get("NINEFOLD_COPY", "/var/lib/postgresql/ninefold-copy"))
DATA = FOLDER / "data"
LOG = FOLDER / "log"
# A line for each event: "- " begins progress, "+ " success, "! " a failure.
PROGRESS = FOLDER / "progress"
PORT = FOLDER / "port"
UNIT = "ninefold-copy.service"
SOCKETS = "/run/postgresql"
REFUSED = 4
MIB = 1 << 20
# The free space below which a copy is stopped, because the cluster needs the disk.
FLOOR = int(os.environ.get("NINEFOLD_COPY_FLOOR", 1024 * MIB))


class RefusedError(Exception):
    """Nothing was changed: what the problem is, and what to do next."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}\n{remedy}")


class FailedError(Exception):
    """What failed, with lines of reasons and remedies."""


def is_root() -> bool:
    """Whether this process still has to become postgres."""
    return os.geteuid() == 0 and os.environ.get("NINEFOLD_USER") != "postgres"


def as_postgres(script: str, *words: str, stdout: int | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a script as postgres. Its output is printed, unless `stdout` is a pipe."""
    command = ["runuser", "-u", "postgres", "--", str(SCRIPTS / script), *words]
    return subprocess.run(command, cwd="/", stdout=stdout, text=True, env={**os.environ, "NINEFOLD_USER": "postgres"})


def settings() -> dict[str, str]:
    """The settings of this machine, from node.env."""
    lines = (SCRIPTS / "node.env").read_text().splitlines()
    return dict(word.split("=", 1) for line in lines for word in shlex.split(line) if "=" in word)


def binaries() -> Path:
    """PostgreSQL's programs, of the version that the cluster runs."""
    version = Path(settings()["POSTGRES_DATA"]).parent.name
    return Path(os.environ.get("NINEFOLD_BINARIES", f"/usr/lib/postgresql/{version}/bin"))


def psql(host: str, port: str, user: str, database: str, sql: str, **values: str) -> str:
    """Runs SQL in a session of this user. In an application's database, the user has to be its owner."""
    assigned = [f"--set={name}={value}" for name, value in values.items()]
    command = ["psql", "-XAtq", "-h", host, "-p", port, "-U", user, "-d", database, "-v", "ON_ERROR_STOP=1"]
    ended = subprocess.run([*command, *assigned], input=sql, capture_output=True, text=True, env=environment())
    if ended.returncode != 0:
        raise FailedError(f"database {database}: a statement of user {user} failed\n{ended.stderr.strip()}")
    return ended.stdout.strip()


def environment() -> dict[str, str]:
    """libpq requires that the process behind the socket runs as postgres."""
    return {**os.environ, "PGREQUIREPEER": "postgres", "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C.UTF-8"}


def free() -> int:
    """The free space of the copy's file system, in bytes."""
    status = os.statvfs(FOLDER if FOLDER.exists() else FOLDER.parent)
    return status.f_bavail * status.f_frsize


def size(count: int) -> str:
    """A size for people."""
    return f"{count / MIB / 1024:.1f} GB" if count >= 1024 * MIB else f"{count / MIB:.0f} MB"


def run(main: Callable[[], None]) -> NoReturn:
    """Runs a script's main function and exits with its status."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        main()
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        sys.exit(REFUSED)
    except FailedError as failed:
        print(failed, file=sys.stderr)
        sys.exit(1)
    sys.exit(0)
