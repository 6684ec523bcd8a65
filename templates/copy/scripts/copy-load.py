#!/usr/bin/env python3
"""copy-load check-table|table DATABASE SCHEMA TABLE, copy-load check-database|database DATABASE: from the copy beside the
cluster to the leader, which is on the same machine.

In an application's database it always logs in as the owner, also in the copy: triggers, defaults, views and index
functions are the application's code. Exit status 4: refused, nothing was changed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from copy_common import FOLDER, PORT, SCRIPTS, SOCKETS, FailedError, RefusedError, as_postgres, binaries, environment, is_root, psql, run, settings

DUMP = FOLDER / "dump"
LIST = FOLDER / "list"
FIRST_VERSION_WITH_CHILDREN = 16
OWNER = "SELECT pg_catalog.pg_get_userbyid(datdba) FROM pg_catalog.pg_database WHERE datname = :'name'"
TABLE = """SELECT n.nspname IS NOT NULL, c.relname IS NOT NULL FROM (VALUES (1)) AS one
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = :'schema'
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = :'table'"""
# What an application has created: not in PostgreSQL's own schemas, and not by an extension.
OBJECTS = """SELECT name FROM (
    SELECT c.oid, 'pg_catalog.pg_class'::regclass AS class, relnamespace AS space, relname AS name FROM pg_catalog.pg_class c
    UNION ALL SELECT p.oid, 'pg_catalog.pg_proc'::regclass, pronamespace, proname FROM pg_catalog.pg_proc p
    UNION ALL SELECT t.oid, 'pg_catalog.pg_type'::regclass, typnamespace, typname FROM pg_catalog.pg_type t) AS o
  JOIN pg_catalog.pg_namespace n ON n.oid = space
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')
  LIMIT 1"""
# What DROP TABLE … CASCADE has removed with a table, and what its dump does not contain.
DEPENDENTS = """SELECT 'ALTER TABLE ' || conrelid::regclass || ' ADD CONSTRAINT ' || pg_catalog.quote_ident(conname) || ' ' || pg_catalog.pg_get_constraintdef(oid)
    FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conparentid = 0 AND confrelid = :'id' AND conrelid <> confrelid
  UNION SELECT 'view ' || v.oid::regclass FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
    JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
    WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refobjid = :'id' AND v.oid <> d.refobjid ORDER BY 1"""


class Side(NamedTuple):
    """A server, as its owner sees the database."""

    name: str
    host: str
    port: str
    owner: str

    def sql(self, database: str, sql: str, **values: str) -> str:
        return psql(self.host, self.port, self.owner, database, sql, **values)


def main() -> None:
    verb, database, *rest = sys.argv[1:]
    if is_root():
        if verb == "database":
            create_database()
        sys.exit(as_postgres("copy-load", *sys.argv[1:]).returncode)
    os.umask(0o077)
    match verb:
        case "check-table":
            check_table(database, *rest)
        case "table":
            load_table(database, *rest)
        case "check-database":
            check_database(database)
        case "database":
            load_database(database)


def create_database() -> None:
    """Creates the described databases that are missing, as the step `databases` does."""
    if subprocess.run([SCRIPTS / "step", "databases-create"], cwd="/").returncode != 0:
        sys.exit(1)


def cluster(database: str) -> Side | None:
    """The leader, on this machine; none if it does not have the database."""
    port = settings()["POSTGRES_PORT"]
    owner = psql(SOCKETS, port, "postgres", "postgres", OWNER, name=database)
    return Side("the cluster", SOCKETS, port, owner) if owner else None


def copy(database: str) -> Side:
    port = PORT.read_text()
    owner = psql(str(FOLDER), port, "postgres", "postgres", OWNER, name=database)
    if not owner:
        raise FailedError(f"the copy has no database {database}: it did not exist at that time\nchoose a different time")
    return Side("the copy", str(FOLDER), port, owner)


def existing(database: str) -> Side:
    side = cluster(database)
    if side is None:
        raise RefusedError(f"the cluster has no database {database}", f"restore the whole database: ./ninefold restore --database {database}")
    return side


def check_table(database: str, schema: str, table: str) -> None:
    side = existing(database)
    has_schema, has_table = side.sql(database, TABLE, schema=schema, table=table).split("|")
    login = f"sudo -u postgres psql -U {side.owner} -d {database}"
    if has_schema != "t":
        raise RefusedError(f"database {database} has no schema {schema}", f"create it: {login} -c 'CREATE SCHEMA \"{schema}\"'")
    if has_table == "t":
        raise RefusedError(
            f"database {database} already has {schema}.{table}",
            f"move it to a different schema, with its indexes: {login} -c 'CREATE SCHEMA before_restore' -c 'ALTER TABLE \"{schema}\".\"{table}\" SET SCHEMA before_restore'",
        )
    print(f"Table {schema}.{table} of database {database} is dumped from the copy and loaded as {side.owner}, in one transaction.")


def load_table(database: str, schema: str, table: str) -> None:
    source, target = copy(database), existing(database)
    check = source.sql(database, TABLE, schema=schema, table=table)
    if check != "t|t":
        raise FailedError(f"the copy has no {schema}.{table} in database {database}: it did not exist at that time\nchoose a different time")
    name = f'"{schema}"."{table}"'
    children = int(version()) >= FIRST_VERSION_WITH_CHILDREN
    dump(source, database, f"--table-and-children={name}" if children else f"--table={name}")
    restore(target, database)
    compare(source, target, database, name)
    report_dependents(source, target, database, schema, table)


def check_database(database: str) -> None:
    side = cluster(database)
    if side and (found := side.sql(database, OBJECTS)):
        raise RefusedError(
            f"database {database} exists and is not empty: it has {found.splitlines()[0]}",
            "restore a single table with --table, or rename the database first: docs/operations/restore-table.md",
        )
    state = "is empty" if side else "does not exist, and is created again with its owner, extensions and settings"
    print(f"Database {database} {state}. Its content is dumped from the copy and loaded as the owner, in one transaction.")
    print("Stop the application until it has ended: what it creates meanwhile makes the load fail.")


def load_database(database: str) -> None:
    source, target = copy(database), existing(database)
    dump(source, database)
    LIST.write_text("".join(f"{line}\n" for line in wanted(target, database)))
    restore(target, database, f"--use-list={LIST}")
    tables = source.sql(database, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'p') AND nspname !~ '^pg_' AND nspname <> 'information_schema'")
    print(f"loaded database {database}: {tables} tables")


def wanted(target: Side, database: str) -> Iterator[str]:
    """The entries of the dump, without schemas and extensions that the database already has: they may be the superuser's."""
    extensions = set(target.sql(database, "SELECT extname FROM pg_catalog.pg_extension").splitlines())
    schemas = set(target.sql(database, "SELECT nspname FROM pg_catalog.pg_namespace").splitlines())
    foreign = set(target.sql(database, "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspowner <> current_user::regrole").splitlines())
    for line in tool("pg_restore", "--list", DUMP).splitlines():
        entry = re.match(r"\d+; \d+ \d+ (?P<kind>EXTENSION|SCHEMA|COMMENT|ACL) - (?P<what>(EXTENSION|SCHEMA) )?(?P<name>\S+)", line)
        if entry is None:
            yield line
            continue
        kind, what, name = entry["kind"], (entry["what"] or "").strip(), entry["name"]
        skipped = (
            (kind == "EXTENSION" and name in extensions)
            or (kind == "SCHEMA" and name in schemas)
            or (kind == "COMMENT" and what == "EXTENSION")
            or (kind in ("COMMENT", "ACL") and what == "SCHEMA" and name in foreign)
        )
        if not skipped:
            yield line


def dump(source: Side, database: str, *options: str) -> None:
    print(f"dumping from the copy as {source.owner}")
    tool("pg_dump", "-h", source.host, "-p", source.port, "-U", source.owner, "-d", database, "-Fc", "--no-owner", *options, "-f", DUMP)


def restore(target: Side, database: str, *options: str) -> None:
    print(f"loading into database {database} as {target.owner}")
    tool("pg_restore", "-h", target.host, "-p", target.port, "-U", target.owner, "-d", database, "--no-owner", "--single-transaction", *options, DUMP)


def tool(name: str, *words: str | Path) -> str:
    """Runs one of PostgreSQL's programs and returns its output."""
    ended = subprocess.run([binaries() / name, *words], capture_output=True, text=True, env=environment())
    if ended.returncode != 0:
        raise FailedError(f"{name} failed; nothing was loaded\n{ended.stderr.strip()}")
    return ended.stdout


def version() -> str:
    return Path(settings()["POSTGRES_DATA"]).parent.name


def compare(source: Side, target: Side, database: str, name: str) -> None:
    there, here = (side.sql(database, f"SELECT pg_catalog.count(*) FROM {name}") for side in (source, target))
    if there != here:
        raise FailedError(f"{name} has {here} rows, and {there} in the copy\na trigger or a rule may have changed them; look at the table before you use it")
    print(f"loaded {name}: {here} rows, as many as in the copy")


def report_dependents(source: Side, target: Side, database: str, schema: str, table: str) -> None:
    """Names foreign keys and views that the copy has and the cluster has not."""
    there, here = (set(dependents(side, database, schema, table)) for side in (source, target))
    for missing in sorted(there - here):
        print(f"not restored, because it belongs to a different table: {missing}")


def dependents(side: Side, database: str, schema: str, table: str) -> list[str]:
    find = "SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace WHERE nspname = :'schema' AND relname = :'table'"
    return side.sql(database, DEPENDENTS, id=side.sql(database, find, schema=schema, table=table)).splitlines()


if __name__ == "__main__":
    run(main)
