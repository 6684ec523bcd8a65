"""Measures `pulumi up` without changes, and `pulumi preview` without and with a changed line."""

from __future__ import annotations

import re
from collections.abc import Callable

from ninefold_lab.process import LabError

from .figures import Figure, Findings
from .processes import Use
from .stand import Stand

_AIM_UNCHANGED = 4.0


def unchanged(stand: Stand, rounds: int) -> Findings:
    """`pulumi up` on a cluster that matches its description, with and without its own preview."""
    stand.need_cluster()
    quick = _repeat(stand, "unchanged up, no preview", rounds, _up(stand, "--skip-preview"))
    whole = _repeat(stand, "unchanged up", rounds, _up(stand))
    return Findings(
        [
            *_figures("unchanged `pulumi up --skip-preview`", quick, _AIM_UNCHANGED),
            *_figures("unchanged `pulumi up`", whole, _AIM_UNCHANGED),
        ]
    )


def preview(stand: Stand, rounds: int) -> Findings:
    """`pulumi preview`, without changes and with one changed line."""
    stand.need_cluster()
    changed = stand.folder / "changed.yaml"
    description = (stand.project.root / stand.lab.description).read_text()
    stand.project.write(changed, f"{description}\npostgresql: {{parameters: {{work_mem: 5MB}}}}\n")

    def nothing() -> Use:
        use = stand.pulumi("preview")
        _require(use, to_update=0)
        return use

    def one_line() -> Use:
        use = stand.pulumi("preview", "--diff", description=str(changed))
        if not re.search(r"^ *\+ .*work_mem", use.output, re.MULTILINE):
            raise LabError(f"the preview does not show the changed line:\n{use.output[-2000:]}")
        return use

    return Findings(
        [
            *_figures("`pulumi preview`", _repeat(stand, "preview", rounds, nothing)),
            *_figures(
                "`pulumi preview --diff`, one line changed",
                _repeat(stand, "preview of a change", rounds, one_line),
            ),
        ]
    )


def _up(stand: Stand, *options: str) -> Callable[[], Use]:
    def up() -> Use:
        use = stand.pulumi("up", "--yes", *options)
        _require(use, to_update=0)
        return use

    return up


def _require(use: Use, to_update: int) -> None:
    """Raises an error unless the run found this number of changes."""
    changes = re.findall(r"^ +[-+~]+ +(\d+) (?:to )?\w+", use.output, re.MULTILINE)
    if sum(map(int, changes)) != to_update:
        raise LabError("the run found changes in an unchanged cluster:\n" + use.output[-2000:])


def _repeat(stand: Stand, what: str, rounds: int, act: Callable[[], Use]) -> list[Use]:
    act()  # the first run also reads files from the disk into the page cache
    uses = []
    with stand.progress.phase(f"{what}, {rounds} rounds"):
        for _ in range(rounds):
            uses.append(act())
    return uses


def _figures(name: str, uses: list[Use], aim: float | None = None) -> list[Figure]:
    return [
        Figure(name, "s", [use.wall for use in uses], aim),
        Figure("processor time of it, user", "s", [use.cpu[0] for use in uses]),
        Figure("processor time of it, system", "s", [use.cpu[1] for use in uses]),
    ]
