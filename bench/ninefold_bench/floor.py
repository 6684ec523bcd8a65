"""Runs bench/floor: prepares its input, runs it, and checks that it installs the same files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ninefold_lab.process import LabError

from .bundles import MachineFiles
from .processes import Use
from .stand import Stand


def run_floor(stand: Stand, machines: list[MachineFiles], virtual_address: str) -> Use:
    """Runs bench/floor on new machines, and checks every file."""
    with stand.private_folder("floor") as folder:
        _write(folder, stand, machines, virtual_address)
        script = str(stand.project.root / "bench/floor")
        use = stand.inside([script, str(folder)], dict(os.environ))
    for machine in machines:
        _check_files(stand, machine)
    return use


def _write(folder: Path, stand: Stand, machines: list[MachineFiles], virtual_address: str) -> None:
    _, _, lab_config, *_ = stand.lab.ssh_command(stand.lab.nodes[0], [])
    shared = f'ControlMaster auto\nControlPath "{folder}/%n.control"\nControlPersist yes\n'
    (folder / "ssh_config").write_text(shared + Path(lab_config).read_text())
    (folder / "virtual_address").write_text(virtual_address)
    for machine in machines:
        machine.write_archive(folder / f"{machine.node}.tar")
        packages = machine.text("var/lib/ninefold/packages").split()
        (folder / f"{machine.node}.packages").write_text(" ".join(packages))
        (folder / f"{machine.node}.users").write_text(machine.text("var/lib/ninefold/users"))
        if "databases" in machine.headers:
            (folder / "change").write_text(machine.header_value("databases", "change"))
        if "stanza" in machine.headers:
            (folder / "stanza").write_text(machine.header_value("stanza", "stanza"))
    stand.give_to_caller(folder)


def _check_files(stand: Stand, machine: MachineFiles) -> None:
    """Compares digest, owner and mode. A file of several steps may be the version of any of
    them."""
    expected: dict[str, set[str]] = {}
    for file in machine.files:
        digest = hashlib.sha256(file.content).hexdigest()
        line = f"{digest} {file.owner}:{file.group} {file.mode:o}"
        expected.setdefault(file.path, set()).add(line)
    paths = "\n".join(f"/{path}" for path in expected)
    listing = stand.ssh(
        machine.node,
        "while read -r path; do\n"
        '  read -r digest _ < <(sha256sum "$path")\n'
        '  echo "$path $digest $(stat -c "%U:%G %a" "$path")"\n'
        f"done <<'paths'\n{paths}\npaths\n",
    )
    found = dict(line[1:].split(" ", 1) for line in listing.splitlines())
    wrong = [path for path, lines in expected.items() if found.get(path) not in lines]
    if wrong:
        raise LabError(
            f"bench/floor left different files on {machine.node} than `up`: {', '.join(wrong)}"
        )
