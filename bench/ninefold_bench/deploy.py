"""Measures `pulumi up` from nine booted machines to a cluster with its first backup."""

from __future__ import annotations

from dataclasses import dataclass

from .bundles import machine_files
from .events import Span, critical_path, phases
from .figures import Figure, Findings
from .floor import run_floor
from .processes import Use, Watch
from .stand import Stand

# The fastest comparable project takes 284 to 297 s for the same machines, without a backup. The aim
# is a fifth of that.
_PEER = 284.0
_AIM_PREINSTALLED = _PEER / 5
_AIM_RATIO = 1.3


@dataclass(frozen=True)
class _Up:
    use: Use
    spans: list[Span]


def measure(stand: Stand, rounds: int, *, preinstalled: bool, floor: bool) -> Findings:
    """`pulumi up`, and with `floor` also bench/floor after each."""
    where = "packages in place" if preinstalled else "packages installed"
    ups: list[_Up] = []
    floors: list[Use] = []
    for turn in range(1, rounds + 1):
        stand.start_fresh(preinstalled=preinstalled)
        with stand.progress.phase(f"pulumi up, {where}, {turn} of {rounds}"):
            use, log = stand.logged_up()
        ups.append(_Up(use, log.spans(use.began)))
        resources, outputs = stand.resources(), stand.outputs()
        stand.check(outputs)
        if floor:
            stand.start_fresh(preinstalled=preinstalled)
            address = outputs["readWriteEndpoint"].rpartition(":")[0]
            with stand.progress.phase(f"bench/floor, {where}, {turn} of {rounds}"):
                floors.append(run_floor(stand, machine_files(resources), address))
            stand.check(outputs)
    findings = Findings([_wall(f"`pulumi up`, {where}", [up.use for up in ups], preinstalled)])
    findings.figures.append(
        Figure(f"processor time of it, {where}", "s", [sum(up.use.cpu) for up in ups])
    )
    if floor:
        findings.figures.append(_wall(f"`bench/floor`, {where}", floors, None))
        ratios = [up.use.wall / low.wall for up, low in zip(ups, floors, strict=True)]
        findings.figures.append(Figure(f"up / floor, {where}", "×", ratios, _AIM_RATIO))
    middle = sorted(ups, key=lambda up: up.use.wall)[len(ups) // 2]
    findings.tables.append(
        phases(middle.spans, middle.use.wall, f"Phases of `pulumi up`, {where} (middle round)")
    )
    findings.tables.append(
        critical_path(
            middle.spans, resources, middle.use.wall, f"Critical path, {where} (same round)"
        )
    )
    return findings


def measure_memory(stand: Stand, rounds: int) -> Findings:
    """The peak memory of all processes of `pulumi up` together, and the peak number of
    connections."""
    watches: list[Watch] = []
    for turn in range(1, rounds + 1):
        stand.start_fresh(preinstalled=True)
        watch = Watch()
        with stand.progress.phase(f"pulumi up, watched, {turn} of {rounds}"):
            stand.up(watch=watch)
        watches.append(watch)
    names = sorted({name for watch in watches for name in watch.memory_by_name})
    by_name = [
        Figure(f"of it `{name}`", "MiB", [_mib(w.memory_by_name.get(name, 0)) for w in watches])
        for name in names
    ]
    per_node = [max(watch.connections.values(), default=0) for watch in watches]
    return Findings(
        [
            Figure("`pulumi up`: peak memory", "MiB", [_mib(watch.memory) for watch in watches]),
            *sorted(by_name, key=lambda figure: -figure.median),
            Figure("ssh connections open to one machine, most", "", per_node),
            Figure("ssh connections open to all, most", "", [w.all_connections for w in watches]),
        ]
    )


def _wall(name: str, uses: list[Use], preinstalled: bool | None) -> Figure:
    return Figure(
        name, "s", [use.wall for use in uses], _AIM_PREINSTALLED if preinstalled else None
    )


def _mib(size: int) -> float:
    return size / 2**20
