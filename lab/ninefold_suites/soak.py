"""The command line: `lab/soak [--rounds N] [SUITE…]`, and the record of its results."""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from ninefold_lab.privileges import become_root
from ninefold_lab.process import LabError, output_of

from .cli import PROJECT, end_on_signal
from .outcome import Verdict
from .plan import Plan, Suite, longest_first, named
from .programs import Interrupted
from .runner import Runner

RECORD = PROJECT.root / "docs/soak.md"

_HEAD = """\
# Soak

`make soak` runs the tests that take too long for `make test`: many rounds, rare combinations, hours
of load (`lab/soak --help`). The table has the date, the commit and the result of each suite's last
run. Commit this file together with the changes that follow from a result.

| suite | last run | commit | rounds | passed | time | found |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Entry:
    """The last run of a suite, of one round or several, as a row of the record."""

    suite: str
    date: str
    commit: str
    rounds: int = 0
    passed: int = 0
    seconds: float = 0
    found: frozenset[str] = frozenset()

    def with_round(self, passed: bool, seconds: float, found: Sequence[str]) -> Entry:
        return replace(
            self,
            rounds=self.rounds + 1,
            passed=self.passed + passed,
            seconds=self.seconds + seconds,
            found=self.found.union(found),
        )

    def row(self) -> str:
        cells = (
            self.suite,
            self.date,
            self.commit,
            str(self.rounds),
            str(self.passed),
            f"{self.seconds / self.rounds:.0f} s each",
            ", ".join(sorted(self.found)) or "nothing",
        )
        return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> int:
    try:
        plan = Plan.read(PROJECT.root / "lab/suites.toml")
        options = _options(arguments, plan)
        become_root(str(PROJECT.root / "lab/soak"), arguments)
        suites = named(options.suites, plan.soak)
        entries = {suite.name: _entry(suite) for suite in suites}
        for _ in range(options.rounds):
            entries = _round(Runner(PROJECT, plan, options.labs), suites, entries)
            record(RECORD, list(entries.values()))
            print(f"soak: recorded in {RECORD.relative_to(PROJECT.root)}", flush=True)
        return int(any(entry.passed < entry.rounds for entry in entries.values()))
    except LabError as error:
        print(f"soak: {error}", file=sys.stderr)
        return 1
    except Interrupted:
        return 130


def record(file: Path, entries: Sequence[Entry]) -> None:
    """Replaces the rows of these suites, and keeps all other rows."""
    lines = file.read_text().splitlines() if file.exists() else []
    rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ")}
    rows.pop("suite", None)
    rows.update({entry.suite: entry.row() for entry in entries})
    file.write_text(_HEAD + "".join(f"{rows[suite]}\n" for suite in sorted(rows)))
    PROJECT.give_to_owner(file)


def failed_tests(reports: Sequence[Path]) -> list[str]:
    """The tests that failed, by Surefire's reports."""
    cases = (case for report in reports for case in ElementTree.parse(report).iter("testcase"))
    return [
        f"{str(case.get('classname')).rpartition('.')[2]}.{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]


def _options(arguments: Sequence[str], plan: Plan) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="lab/soak",
        description="Runs the long suites in containers labs. Records in docs/soak.md the date, the"
        " commit and the result of each suite's last run.",
        epilog=f"suites: {', '.join(suite.name for suite in plan.soak)}",
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    parser.add_argument(
        "--rounds", type=int, default=1, metavar="N", help="rounds of each suite; default 1"
    )
    parser.add_argument(
        "--labs", type=int, default=3, metavar="N", help="number of labs side by side; default 3"
    )
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.labs < 1:
        parser.error("--rounds and --labs must be 1 or more")
    return options


def _entry(suite: Suite) -> Entry:
    describe = PROJECT.as_caller("git", "describe", "--always", "--dirty")
    commit = output_of(describe, cwd=PROJECT.root).strip()
    return Entry(suite.name, datetime.date.today().isoformat(), commit)


def _round(
    runner: Runner, suites: Sequence[Suite], entries: Mapping[str, Entry]
) -> dict[str, Entry]:
    end_on_signal(runner)
    run = runner.run((), longest_first(suites))
    print(run.table(), flush=True)
    after = dict(entries)
    for outcome in run.outcomes:
        passed = outcome.verdict is Verdict.PASSED
        found = failed_tests(runner.reports(outcome.name))
        if not passed and not found:
            found = ["no test was run"]
        after[outcome.name] = after[outcome.name].with_round(passed, outcome.took, found)
    return after
