"""The command line: `lab/soak [--rounds N] [SUITE…]`, and the record of what it found."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from xml.etree import ElementTree

from ninefold_lab.process import LabError, output_of

from .cli import ROOT, end_by_signal
from .outcome import Verdict
from .plan import Plan, Suite, longest_first, named
from .programs import Interrupted
from .runner import Runner

RECORD = ROOT / "docs/soak.md"

_HEAD = """\
# Soak

`make soak` runs what takes too long for `make test`: many rounds, rare combinations, hours of load
(`lab/soak --help`). It writes down here when each suite ran last, and what it found. Commit this
file with what it led to.

| suite | last run | commit | rounds | passed | time | found |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Entry:
    """The last run of a suite, as a row of the record."""

    suite: str
    date: str
    commit: str
    rounds: int
    passed: int
    seconds: float
    found: str

    def row(self) -> str:
        cells = (
            self.suite,
            self.date,
            self.commit,
            str(self.rounds),
            str(self.passed),
            f"{self.seconds / self.rounds:.0f} s each",
            self.found,
        )
        return f"| {' | '.join(cells)} |\n"


@dataclass(frozen=True)
class _End:
    """How a suite ended in one round; seconds."""

    passed: bool
    took: float
    failed_tests: tuple[str, ...]


Round: TypeAlias = Mapping[str, _End]


def main(arguments: Sequence[str]) -> int:
    try:
        plan = Plan.read(ROOT / "lab/suites.toml")
        options = _options(arguments, plan)
        suites = named(options.suites, plan.soak)
        runs = [_round(plan, suites, options) for _ in range(options.rounds)]
        entries = [_entry(suite, runs) for suite in suites]
        record(RECORD, entries)
        print(f"soak: recorded in {RECORD.relative_to(ROOT)}", flush=True)
        return int(any(entry.passed < entry.rounds for entry in entries))
    except LabError as error:
        print(f"soak: {error}", file=sys.stderr)
        return 1
    except Interrupted:
        return 130


def record(file: Path, entries: Sequence[Entry]) -> None:
    """Replaces the rows of these suites, and keeps those of others."""
    kept = file.read_text().splitlines(keepends=True) if file.exists() else []
    rows = {line.split("|")[1].strip(): line for line in kept[_HEAD.count("\n") :]}
    rows.update({entry.suite: entry.row() for entry in entries})
    file.write_text(_HEAD + "".join(rows[suite] for suite in sorted(rows)))


def _options(arguments: Sequence[str], plan: Plan) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="lab/soak",
        description="Runs the long suites in containers labs, and records in docs/soak.md when"
        " each ran last, on which commit, and what it found.",
        epilog=f"suites: {', '.join(suite.name for suite in plan.soak)}",
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    parser.add_argument("--rounds", type=int, default=1, metavar="N", help="of each; default 1")
    parser.add_argument("--labs", type=int, default=3, metavar="N", help="side by side; default 3")
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.labs < 1:
        parser.error("--rounds and --labs must be 1 or more")
    return options


def _round(
    plan: Plan, suites: Sequence[Suite], options: argparse.Namespace
) -> Round:
    runner = Runner(ROOT, plan, options.labs)
    end_by_signal(runner)
    run = runner.run((), longest_first(suites))
    print(run.table(), flush=True)
    return {
        outcome.name: _End(
            outcome.verdict is Verdict.PASSED,
            outcome.took,
            failed_tests(runner.reports(outcome.name)),
        )
        for outcome in run.outcomes
    }


def _entry(suite: Suite, rounds: Sequence[Round]) -> Entry:
    ends = [ended[suite.name] for ended in rounds]
    found = sorted({test for end in ends for test in end.failed_tests})
    failed = sum(not end.passed for end in ends)
    return Entry(
        suite=suite.name,
        date=datetime.date.today().isoformat(),
        commit=output_of(["git", "describe", "--always", "--dirty"], cwd=ROOT).strip(),
        rounds=len(ends),
        passed=len(ends) - failed,
        seconds=sum(end.took for end in ends),
        found=", ".join(found) or ("it did not begin" if failed else "nothing"),
    )


def failed_tests(reports: Sequence[Path]) -> tuple[str, ...]:
    """The tests that Surefire's reports call failed."""
    cases = (case for report in reports for case in ElementTree.parse(report).iter("testcase"))
    return tuple(
        f"{str(case.get('classname')).rpartition('.')[2]}.{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    )
