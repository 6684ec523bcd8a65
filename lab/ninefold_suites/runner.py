"""Runs suites in labs side by side, and checks beside them."""

from __future__ import annotations

import os
import queue
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from ninefold_lab.process import LabError, output_of

from .frozen_cluster import frozen_cluster
from .lane import Lane
from .outcome import Outcome, Run, Verdict, in_order
from .plan import Check, Plan, Start, Suite
from .programs import Interrupted, Programs


class Runner:
    """One run: its logs are in .build/test-containers, its figures in times.json there."""

    def __init__(self, root: Path, plan: Plan, lanes: int) -> None:
        self._root = root
        self._plan = plan
        self._lanes = lanes
        self._folder = root / ".build/test-containers"
        self._reports = root / "target/surefire-reports"
        self._programs = Programs()
        self._outcomes: list[Outcome] = []
        self._environment: dict[str, str] = {}
        self._begin = time.monotonic()
        self._printing = threading.Lock()
        self._folder.mkdir(parents=True, exist_ok=True)

    def end(self, *_: object) -> None:
        """Ends the run: a handler of signals. Labs are still destroyed."""
        self._programs.end()

    @property
    def times(self) -> Path:
        return self._folder / "times.json"

    def run(self, checks: Sequence[Check], suites: Sequence[Suite]) -> Run:
        """Runs everything, each suite from a start of its own, in copies of the project."""
        count = max(1, min(self._lanes, len(suites)))
        lanes = [self._lane(f"lane{number + 1}") for number in range(count)]
        try:
            self._compile()
            with ThreadPoolExecutor() as threads:
                # The checks write reports where the copies are taken from, so they come after.
                list(threads.map(lambda lane: lane.copy_project(self._root), lanes))
                checked = threads.submit(self._run_checks, checks)
                needs = threads.submit(self._meet_needs, suites)
                frozen = self._frozen_cluster(lanes[0], suites)
                needs.result()
                self._run_suites(lanes, suites, frozen)
                checked.result()
        finally:
            ended = self._programs.has_ended()
            self._programs.begin_clean_up()
            for lane in lanes:
                lane.clear()
        if ended:
            raise Interrupted
        everything = (*self._plan.checks, *self._plan.suites, *self._plan.soak)
        names = [part.name for part in everything]
        run = Run(in_order(self._outcomes, names), self._elapsed(), self._plan.budget())
        run.write(self.times)
        return run

    def run_in_this_lab(self, suites: Sequence[Suite]) -> Run:
        """Runs suites in the project's own lab as it is, and leaves it there."""
        for suite in suites:
            if suite.start is Start.MACHINES:
                raise LabError(
                    f"suite {suite.name} makes its machines anew, and a lab is running:"
                    " lab/lab containers destroy takes it away"
                )
        self._compile()
        self._meet_needs(suites)
        lane = Lane(self._root, self._folder, self._programs)
        for suite in suites:
            self._run_suite(lane, suite, None)
        if self._programs.has_ended():
            raise Interrupted
        budget = sum(suite.seconds for suite in suites)
        return Run(tuple(self._outcomes), self._elapsed(), budget)

    def _lane(self, name: str) -> Lane:
        return Lane(self._folder / name, self._folder, self._programs)

    def _compile(self) -> None:
        with self._told("tests compiled", "compile") as log:
            if self._programs.run(["./mvnw", "-q", "test-compile"], self._root, log) != 0:
                raise LabError(f"the tests do not compile: see {log.name}")

    def _meet_needs(self, suites: Iterable[Suite]) -> None:
        for suite in suites:
            for variable, command in suite.needs.items():
                with self._told(f"{command} for {suite.name}", f"needs-{suite.name}") as log:
                    if self._programs.run([command], self._root, log) != 0:
                        raise LabError(f"{command} failed: see {log.name}")
                lines = Path(log.name).read_text().splitlines()
                self._environment[variable] = lines[-1]

    def _frozen_cluster(self, lane: Lane, suites: Iterable[Suite]) -> Path:
        frozen = frozen_cluster(self._root)
        if not frozen.exists() and any(suite.start is Start.CLUSTER for suite in suites):
            with self._told("a cluster built and frozen", "cluster") as log:
                lane.freeze_cluster(frozen, log)
        return frozen

    def _run_checks(self, checks: Iterable[Check]) -> None:
        def run(command: Sequence[str], log: IO[bytes]) -> bool:
            return self._programs.run(command, self._root, log) == 0

        for check in checks:
            self._take(check.name, check.seconds, partial(run, check.command))

    def _run_suites(self, lanes: Iterable[Lane], suites: Iterable[Suite], frozen: Path) -> None:
        waiting: queue.SimpleQueue[Suite] = queue.SimpleQueue()
        for suite in suites:
            waiting.put(suite)

        def work(lane: Lane) -> None:
            while True:
                try:
                    suite = waiting.get_nowait()
                except queue.Empty:
                    return
                self._run_suite(lane, suite, frozen)

        with ThreadPoolExecutor() as threads:
            for done in [threads.submit(work, lane) for lane in lanes]:
                done.result()

    def _run_suite(self, lane: Lane, suite: Suite, frozen: Path | None) -> None:
        if time.time() > float(os.environ.get("NINEFOLD_SUITES_BEFORE", "inf")):
            self._outcomes.append(Outcome(suite.name, Verdict.NOT_RUN, 0, suite.seconds))
            return
        self._take(
            suite.name,
            suite.seconds,
            lambda log: lane.run(suite, frozen, self._environment, log),
        )
        self._keep_reports(suite.name, lane.reports())

    def _keep_reports(self, suite: str, reports: Iterable[Path]) -> None:
        """Beside those of the unit tests; several suites may run the same class."""
        self._reports.mkdir(parents=True, exist_ok=True)
        for kept in self.reports(suite):
            kept.unlink()
        for report in reports:
            test = report.stem.removeprefix("TEST-")
            shutil.copy(report, self._reports / f"TEST-{suite}-{test}.xml")

    def reports(self, suite: str) -> list[Path]:
        """Surefire's, of a suite that was run."""
        return list(self._reports.glob(f"TEST-{suite}-ninefold.*.xml"))

    def _take(self, name: str, budget: int, act: Callable[[IO[bytes]], bool]) -> None:
        """Runs a part, and says how it went when it is over."""
        if self._programs.has_ended():
            return
        begin = time.monotonic()
        self._say(f"{name} begins")
        log = self._folder / f"{name}.log"
        with log.open("wb") as file:
            try:
                verdict = Verdict.PASSED if act(file) else Verdict.FAILED
            except Interrupted:
                return
        took = time.monotonic() - begin
        self._outcomes.append(Outcome(name, verdict, took, budget))
        said = log.read_text(errors="replace").rstrip()
        self._say(f"{name}: {verdict.value} after {took:.0f} s (budget {budget} s)", said)

    @contextmanager
    def _told(self, what: str, name: str) -> Iterator[IO[bytes]]:
        begin = time.monotonic()
        log = self._folder / f"{name}.log"
        with log.open("wb") as file:
            try:
                yield file
            except LabError:
                self._say(f"{what}: FAILED", log.read_text(errors="replace").rstrip())
                raise
        self._say(f"{what}: {time.monotonic() - begin:.0f} s")

    def _elapsed(self) -> float:
        return time.monotonic() - self._begin

    def _say(self, line: str, detail: str = "") -> None:
        with self._printing:
            print(f"[{self._elapsed():5.0f} s] {line}")
            if detail:
                print("\n".join(f"    {told}" for told in detail.splitlines()))
            sys.stdout.flush()


def has_own_lab(root: Path) -> bool:
    """Whether the project's own lab is there, whatever became of its machines."""
    if not (root / ".build/labs/containers/nodes.json").exists():
        return False
    return '"running": true' in output_of([str(root / "lab/lab"), "containers", "status", "--json"])
