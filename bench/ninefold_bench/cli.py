"""The command line: `bench/run [--rounds N] [MEASUREMENT…]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from ninefold_lab.privileges import become_root
from ninefold_lab.process import LabError

from . import backups, deploy, faults, graph, hive, repeats
from .figures import Findings
from .report import Report
from .stand import Stand

_MEASUREMENTS: dict[str, tuple[str, Callable[[Stand, int], Findings]]] = {
    "graph": ("preview of 9 to 300 machines: time and memory", graph.measure),
    "deploy": (
        "pulumi up on nine machines without the packages, compared with bench/floor",
        lambda stand, rounds: deploy.measure(stand, rounds, preinstalled=False, floor=True),
    ),
    "deploy-preinstalled": (
        "the same with the packages installed",
        lambda stand, rounds: deploy.measure(stand, rounds, preinstalled=True, floor=True),
    ),
    "memory": ("peak memory and ssh connections of pulumi up", deploy.measure_memory),
    "unchanged": ("pulumi up with nothing to do", repeats.unchanged),
    "preview": ("pulumi preview, unchanged and with one line changed", repeats.preview),
    "faults": (
        "longest write gap of each fault, with `failover: normal` and `fast`",
        faults.measure,
    ),
    "backups": ("backup, restore and archiving on a database of a few GB", backups.measure),
    "recovery": (
        "./ninefold restore of a database of a few GB: time until the first accepted write",
        backups.measure_recovery,
    ),
    "hive": ("a Metastore's work through the virtual address and directly", hive.measure),
}


def main(arguments: Sequence[str]) -> int:
    """Runs the measurements one after another, then removes the lab. Returns 1 if an aim was
    missed, after all results are saved."""
    options = _options(arguments)
    try:
        become_root(sys.argv[0], arguments)
        missed = _measure(options.measurements or list(_MEASUREMENTS), options.rounds)
        for aim in missed:
            print(f"bench/run: missed: {aim}", file=sys.stderr)
        return 1 if missed else 0
    except LabError as error:
        print(f"bench/run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    described = "\n".join(f"  {name:<20} {text}" for name, (text, _) in _MEASUREMENTS.items())
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Measures the program in the containers lab. The machine should be idle.",
        epilog=f"measurements (default: all):\n{described}\n\n"
        "The results are saved to .build/bench/results.json and, as Markdown, results.md.\n"
        "The exit status is 1 if an aim was missed.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="rounds of each measurement; default 5"
    )
    parser.add_argument("measurements", nargs="*", metavar="MEASUREMENT")
    options = parser.parse_args(arguments)
    for name in options.measurements:
        if name not in _MEASUREMENTS:
            known = ", ".join(_MEASUREMENTS)
            parser.error(f"no measurement is called {name}: it must be one of {known}")
    if options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    return options


def _measure(names: Sequence[str], rounds: int) -> list[str]:
    """Runs and reports the measurements; returns the aims that were missed."""
    missed: list[str] = []
    stand = Stand()
    report = Report(stand.project, stand.folder)
    try:
        for name in names:
            findings = _MEASUREMENTS[name][1](stand, rounds)
            report.take(name, findings)
            missed += findings.missed()
    finally:
        stand.leave()
    print(f"results: {report.json}\n         {report.markdown}")
    return missed
