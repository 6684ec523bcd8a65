#!/usr/bin/env python3
"""facts [wake]: prints the facts about this machine and its services as one JSON object.

facts.json in this folder lists the sections and their parameters. The module facts_NAME collects section NAME. A
section that fails becomes {"error": …}. With `wake`, Patroni first begins its next round.
"""

import concurrent.futures
import importlib
import json
import os
import sys
import time

# Imports must leave no files behind on the machine.
sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))


def collect(name: str, wanted: dict) -> dict:
    try:
        return importlib.import_module(f"facts_{name}").collect(wanted)
    except Exception as error:  # Any error is a fact about this machine, too.
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    with open(f"{HERE}/facts.json", encoding="utf-8") as file:
        wanted = json.load(file)
    sections = wanted.pop("sections")
    if "wake" in sys.argv[1:] and "patroni" in sections:
        importlib.import_module("facts_patroni").wake(sections["patroni"])
    with concurrent.futures.ThreadPoolExecutor(len(sections)) as pool:
        results = {name: pool.submit(collect, name, part) for name, part in sections.items()}
        facts = {name: result.result() for name, result in results.items()}
    json.dump({**wanted, "time": time.time(), **facts}, sys.stdout, separators=(",", ":"))
    print()


if __name__ == "__main__":
    main()
