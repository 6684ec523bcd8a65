#!/usr/bin/env python3
"""configuration-effective PORT: whether PostgreSQL on this node got every described parameter. Names each that it
did not get: Patroni leaves out what it takes for invalid, and says so in its log only. Ends with 3 where PostgreSQL
does not answer, so that nothing is known."""

import json
import subprocess
import sys

import yaml

DESCRIBED = "/var/lib/ninefold/dynamic.yml"
UNKNOWN = 3
# psql ends with it where it gets no connection.
NO_CONNECTION = 2
QUERY = """SELECT coalesce(json_agg(name), '[]') FROM pg_settings
WHERE source IN ('configuration file', 'command line')"""


def main() -> None:
    with open(DESCRIBED, encoding="utf-8") as file:
        described = yaml.safe_load(file)["postgresql"]["parameters"]
    psql = ("psql", "-XAtq", "-U", "monitor", "-d", "postgres", "-p", sys.argv[1], "-c", QUERY)
    asked = subprocess.run(
        ("runuser", "-u", "postgres", "--", *psql),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    if asked.returncode == NO_CONNECTION:
        print(asked.stderr.strip(), file=sys.stderr)
        sys.exit(UNKNOWN)
    if asked.returncode != 0:
        sys.exit(asked.stderr.strip())
    # pg_settings knows some names in mixed case only, and those of a library once that is loaded.
    effective = {name.lower() for name in json.loads(asked.stdout)}
    left_out = [
        f"{name}: {value}"
        for name, value in described.items()
        if "." not in name and name.lower() not in effective
    ]
    if left_out:
        sys.exit("\n".join(left_out))


if __name__ == "__main__":
    main()
