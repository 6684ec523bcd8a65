#!/usr/bin/env python3
"""pgbouncer-effective: checks that PgBouncer runs with the settings and databases of its configuration. Prints each
difference."""

import configparser
import sys

sys.dont_write_bytecode = True
from facts_pgbouncer import collect  # noqa: E402

CONFIGURATION = "/etc/pgbouncer/pgbouncer.ini"


def main() -> None:
    described = configparser.ConfigParser(interpolation=None, strict=True)
    described.read(CONFIGURATION, encoding="utf-8")
    facts = collect({"port": described["pgbouncer"]["listen_port"]})
    wrong = [
        f"{key} is {facts['config'].get(key)}, not {value}"
        for key, value in described["pgbouncer"].items()
        if facts["config"].get(key) != value
    ]
    effective = {database["name"]: database for database in facts["databases"]}
    for name, options in described["databases"].items():
        wrong += differences(name, options, effective.get(name, {}))
    if wrong:
        sys.exit("\n".join(wrong))


def differences(name: str, options: str, effective: dict) -> list[str]:
    wanted = dict(option.partition("=")[::2] for option in options.split())
    return [
        f"{key} of database {name} is {effective.get(key)}, not {value}"
        for key, value in wanted.items()
        if str(effective.get(key)) != value
    ]


if __name__ == "__main__":
    main()
