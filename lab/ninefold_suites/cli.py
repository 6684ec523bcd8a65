"""The command line: `lab/test-containers [SUITE…]`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from ninefold_lab.process import LabError

from .outcome import Run, Verdict
from .plan import Plan, longest_first, named
from .programs import Interrupted
from .runner import Runner, has_own_lab

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str]) -> int:
    try:
        plan = Plan.read(ROOT / "lab/suites.toml")
        options = _options(arguments, plan)
        runner = Runner(ROOT, plan, options.labs)
        if options.times:
            if not runner.times.exists():
                raise LabError("there was no whole run yet: lab/test-containers is one")
            print(Run.read(runner.times).table())
            return 0
        end_by_signal(runner)
        return _judged(_run(runner, plan, options))
    except LabError as error:
        print(f"test-containers: {error}", file=sys.stderr)
        return 1
    except Interrupted:
        return 130


def end_by_signal(runner: Runner) -> None:
    """Whatever tells the run to end, its programs are ended and its labs destroyed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, runner.end)


def _options(arguments: Sequence[str], plan: Plan) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="lab/test-containers",
        description="Runs the suites of the containers lab, those named or all of them. Each one"
        " starts from a frozen cluster or from fresh machines, in copies of the project with labs"
        " of their own. Named suites run in the project's own lab, if one is running.",
        epilog=f"suites: {', '.join(suite.name for suite in plan.suites)}. lab/suites.toml has"
        " their budgets, .build/test-containers their logs.",
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    parser.add_argument(
        "--checks", action="store_true", help="run the checks beside them too, as `make test` does"
    )
    parser.add_argument(
        "--labs", type=int, default=3, metavar="N", help="how many labs side by side; default 3"
    )
    parser.add_argument(
        "--times", action="store_true", help="run nothing, and print the last whole run's times"
    )
    options = parser.parse_args(arguments)
    if options.labs < 1:
        parser.error("--labs must be 1 or more")
    return options


def _run(runner: Runner, plan: Plan, options: argparse.Namespace) -> Run:
    suites = named(options.suites, plan.suites)
    if options.suites and has_own_lab(ROOT):
        return runner.run_in_this_lab(suites)
    return runner.run(plan.checks if options.checks else (), longest_first(suites))


def _judged(run: Run) -> int:
    print(f"\n{run.table()}", flush=True)
    for verdict, what_to_do in (
        (Verdict.NOT_RUN, "the time for them was up: run them by name, on a machine that is idle"),
        (Verdict.FAILED, "each can be run by its name: lab/test-containers SUITE"),
    ):
        if names := run.named(verdict):
            said = f"test-containers: {verdict.value}: {', '.join(names)}; {what_to_do}"
            print(said, file=sys.stderr, flush=True)
    return int(any(outcome.verdict is not Verdict.PASSED for outcome in run.outcomes))
