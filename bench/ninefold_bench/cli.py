"""The command line: `bench/run [--rounds N] [MEASUREMENT…]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from ninefold_lab.privileges import become_root
from ninefold_lab.process import LabError

from . import deploy, faults, graph, hive, repeats
from .figures import Findings
from .report import Report
from .stand import Stand

_MEASUREMENTS: dict[str, tuple[str, Callable[[Stand, int], Findings]]] = {
    "graph": ("preview of 9 to 300 machines: time and memory", graph.measure),
    "deploy": (
        "pulumi up from nine machines, the program installing the packages; beside it bench/floor",
        lambda stand, rounds: deploy.measure(stand, rounds, preinstalled=False, floor=True),
    ),
    "deploy-preinstalled": (
        "the same with the packages in place",
        lambda stand, rounds: deploy.measure(stand, rounds, preinstalled=True, floor=True),
    ),
    "memory": ("peak memory and ssh connections of pulumi up", deploy.measure_memory),
    "unchanged": ("pulumi up with nothing to do", repeats.unchanged),
    "preview": ("pulumi preview, unchanged and with one line changed", repeats.preview),
    "faults": ("longest write gap of three faults, under normal and fast", faults.measure),
    "hive": ("Metastore-like work through the virtual address and straight", hive.measure),
}


def main(arguments: Sequence[str]) -> int:
    """Measures what is asked for, one after the other; the lab is taken away at the end. It fails
    once all is measured and saved, where an aim was missed."""
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
        epilog=f"measurements (all of them, if none is named):\n{described}\n\n"
        "Results: .build/bench/results.json, and as Markdown in .build/bench/results.md.\n"
        "If an aim is missed, the exit status is 1 after everything is measured and saved.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of each; default 5")
    parser.add_argument("measurements", nargs="*", metavar="MEASUREMENT")
    options = parser.parse_args(arguments)
    for name in options.measurements:
        if name not in _MEASUREMENTS:
            parser.error(f"no measurement is called {name}: {', '.join(_MEASUREMENTS)}")
    if options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    return options


def _measure(names: Sequence[str], rounds: int) -> list[str]:
    """Returns the aims that were missed."""
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
