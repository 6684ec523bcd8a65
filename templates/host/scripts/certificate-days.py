#!/usr/bin/env python3
"""certificate-days LIMIT: logs each certificate of this machine that ends within LIMIT days.

facts.json in this folder lists the certificates. A line's prefix is its priority in the journal.
"""

import json
import os
import sys
import time

# Imports must leave no files behind on the machine.
sys.dont_write_bytecode = True

from facts_asking import NoAnswer  # noqa: E402
from facts_certificates import ends  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
DAY = 86_400
ERROR = "<3>"


def main() -> None:
    limit = int(sys.argv[1])
    with open(f"{HERE}/facts.json", encoding="utf-8") as file:
        wanted = json.load(file)["sections"]["certificates"]["files"]
    for certificate in wanted:
        check(certificate["path"], limit, "pulumi up renews it")
    for path in ca_files(wanted):
        check(path, limit, "the authority has to be exchanged: docs/operations/keys.md, The authority")


def check(path: str, limit: int, remedy: str) -> None:
    try:
        left = (ends(path) - time.time()) / DAY
    except (NoAnswer, OSError, ValueError) as error:
        print(f"{ERROR}{path}: {error}", file=sys.stderr)
        return
    if left < limit:
        state = f"ends in {left:.0f} days" if left > 0 else "has ended"
        print(f"{ERROR}{path}: this certificate {state}; {remedy}", file=sys.stderr)


def ca_files(wanted: list[dict]) -> list[str]:
    """One file for each CA: the services have copies of it in their folders."""
    files = {}
    for folder in sorted({os.path.dirname(certificate["path"]) for certificate in wanted}):
        path = f"{folder}/ca.crt"
        try:
            with open(path, encoding="ascii") as file:
                files.setdefault(file.read(), path)
        except FileNotFoundError:
            pass
        except (OSError, UnicodeDecodeError) as error:
            print(f"{ERROR}{path}: {error}", file=sys.stderr)
    return list(files.values())


if __name__ == "__main__":
    main()
