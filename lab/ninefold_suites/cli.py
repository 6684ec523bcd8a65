"""The command line: `lab/test-containers [SUITE…]`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from ninefold_lab.privileges import become_root
from ninefold_lab.process import LabError
from ninefold_lab.project import Project

from .outcome import Run, Verdict
from .plan import Plan, longest_first, named
from .programs import Interrupted
from .runner import Runner

PROJECT = Project.of_this_file()


def main(arguments: Sequence[str]) -> int:
    try:
        plan = Plan.read(PROJECT.root / "lab/suites.toml")
        options = _options(arguments, plan)
        become_root(str(PROJECT.root / "lab/test-containers"), arguments)
        runner = Runner(PROJECT, plan, options.labs)
        if options.times:
            if not runner.times.exists():
                raise LabError("no complete run is recorded: run lab/test-containers first")
            print(Run.read(runner.times).table())
            return 0
        end_on_signal(runner)
        return _print_and_judge(_run(runner, plan, options))
    except LabError as error:
        print(f"test-containers: {error}", file=sys.stderr)
        return 1
    except Interrupted:
        return 130


def end_on_signal(runner: Runner) -> None:
    """Makes the runner end its programs and destroy its labs on SIGINT, SIGTERM and SIGHUP."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, runner.end)


def _options(arguments: Sequence[str], plan: Plan) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="lab/test-containers",
        description="Runs the named suites of the containers lab, or all of them. Each suite starts"
        " from a frozen cluster or from fresh machines, in a copy of the project with a lab of its"
        " own. If the project's own lab is running, named suites run there.",
        epilog=f"suites: {', '.join(suite.name for suite in plan.suites)}. Their budgets are in"
        " lab/suites.toml, their logs in .build/test-containers.",
    )
    parser.add_argument("suites", nargs="*", metavar="SUITE")
    parser.add_argument(
        "--checks", action="store_true", help="also run the checks, as `make test` does"
    )
    parser.add_argument(
        "--labs", type=int, default=3, metavar="N", help="number of labs side by side; default 3"
    )
    parser.add_argument(
        "--times", action="store_true", help="only print the times of the last complete run"
    )
    options = parser.parse_args(arguments)
    if options.labs < 1:
        parser.error("--labs must be 1 or more")
    return options


def _run(runner: Runner, plan: Plan, options: argparse.Namespace) -> Run:
    plan.require_suite_for_each_tag(PROJECT.root)
    suites = named(options.suites, plan.suites)
    checks = plan.checks if options.checks else ()
    if not options.suites:
        return runner.run_all(checks, longest_first(suites))
    if not checks and runner.has_own_lab():
        return runner.run_in_own_lab(suites)
    return runner.run(checks, longest_first(suites))


def _print_and_judge(run: Run) -> int:
    print(f"\n{run.table()}", flush=True)
    for verdict, what_to_do in (
        (Verdict.NOT_RUN, "no time was left for them; run them by name on an idle machine"),
        (Verdict.FAILED, "to repeat one, run lab/test-containers SUITE"),
    ):
        if names := run.named(verdict):
            line = f"test-containers: {verdict.value}: {', '.join(names)}; {what_to_do}"
            print(line, file=sys.stderr, flush=True)
    return int(any(outcome.verdict is not Verdict.PASSED for outcome in run.outcomes))
