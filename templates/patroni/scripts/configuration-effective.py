#!/usr/bin/env python3
"""configuration-effective PORT: checks that PostgreSQL on this node got every described parameter. Prints those that it
did not get: Patroni leaves out a parameter that it considers invalid, and reports that in its log only. The exit code
is 3 if PostgreSQL does not answer."""

import json
import subprocess
import sys

import yaml

DESCRIBED = "/var/lib/ninefold/dynamic.yml"
UNKNOWN = 3
# psql's exit code if it cannot connect.
NO_CONNECTION = 2
QUERY = """SELECT coalesce(json_agg(name), '[]') FROM pg_settings
WHERE source IN ('configuration file', 'command line')"""


def main() -> None:
    with open(DESCRIBED, encoding="utf-8") as file:
        described = yaml.safe_load(file)["postgresql"]["parameters"]
    psql = ("psql", "-XAtq", "-U", "monitor", "-d", "postgres", "-p", sys.argv[1], "-c", QUERY)
    done = subprocess.run(
        ("runuser", "-u", "postgres", "--", *psql),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    if done.returncode == NO_CONNECTION:
        print(done.stderr.strip(), file=sys.stderr)
        sys.exit(UNKNOWN)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())
    # pg_settings has some names in mixed case, and has those with a point only after their library is loaded.
    effective = {name.lower() for name in json.loads(done.stdout)}
    left_out = [
        f"{name}: {value}"
        for name, value in described.items()
        if "." not in name and name.lower() not in effective
    ]
    if left_out:
        sys.exit("\n".join(left_out))


if __name__ == "__main__":
    main()
