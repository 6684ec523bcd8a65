#!/usr/bin/env python3
"""pgbouncer-effective: whether PgBouncer runs with the settings and databases of its configuration. Names each
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
    for name, words in described["databases"].items():
        wrong += differences(name, words, effective.get(name, {}))
    if wrong:
        sys.exit("\n".join(wrong))


def differences(name: str, words: str, effective: dict) -> list[str]:
    wanted = dict(word.partition("=")[::2] for word in words.split())
    return [
        f"{key} of database {name} is {effective.get(key)}, not {value}"
        for key, value in wanted.items()
        if str(effective.get(key)) != value
    ]


if __name__ == "__main__":
    main()
