"""Whether units, packages and files are as the steps have left them."""

import difflib
import glob
import hashlib
import os
import pwd
import grp
import stat

from facts_asking import NoAnswer, output

STATE = "/var/lib/ninefold"
FIREWALL = "ninefold-firewall.service"
# The number of differing lines of a file that are reported; the rest is counted.
LINES = 40


def collect(wanted: dict) -> dict:
    return {
        "units": units(wanted["units"]),
        "packages": packages(),
        "files": files(),
        "unfinished": sorted(os.path.basename(path) for path in glob.glob(f"{STATE}/tried/*")),
    }


def units(names: list[str]) -> list[dict]:
    properties = "--property=Id,ActiveState,UnitFileState"
    blocks = output("systemctl", "show", properties, *names).strip().split("\n\n")
    found = (dict(line.split("=", 1) for line in block.splitlines()) for block in blocks)
    return [
        {
            "name": unit["Id"],
            "active": state(unit),
            "enabled": unit.get("UnitFileState", ""),
        }
        for unit in found
    ]


def state(unit: dict[str, str]) -> str:
    """The unit's state. systemd does not know whether the firewall's rules are still loaded, so nft is asked."""
    if unit["Id"] == FIREWALL and unit["ActiveState"] == "active" and not rules_are_loaded():
        return "without its rules"
    return unit["ActiveState"]


def rules_are_loaded() -> bool:
    try:
        chains = output("nft", "list", "chains", "inet")
    except NoAnswer:
        return True  # It is not known that they are missing.
    table = chains.partition("table inet ninefold {")[2].partition("\n}")[0]
    return "hook input" in table and "policy drop" in table


def packages() -> list[dict]:
    with open(f"{STATE}/packages", encoding="utf-8") as file:
        wanted = dict(line.strip().partition("=")[::2] for line in file if line.strip())
    known = output("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package} ${Version}\n")
    installed = dict(
        line.split(" ")[1:] for line in known.splitlines() if line.startswith("installed ")
    )
    return [
        {"name": name, "wanted": version or None, "installed": installed.get(name)}
        for name, version in wanted.items()
    ]


def files() -> list[dict]:
    return [difference for path, placed in placed_files().items() if (difference := differs(path, placed))]


def placed_files() -> dict[str, dict]:
    """The files that the steps have installed, by path, with digest and, if recorded, owner and mode."""
    placed: dict[str, dict] = {}
    for note in glob.glob(f"{STATE}/applied/*"):
        for digest, path in records(note, 2):
            if path.startswith("/"):
                placed[path] = {"digest": digest}
    for note in glob.glob(f"{STATE}/modes/*"):
        for path, owner, mode in records(note, 3):
            if path in placed:
                placed[path] |= {"owner": owner, "mode": mode}
    return placed


def records(note: str, columns: int) -> list[list[str]]:
    with open(note, encoding="utf-8") as file:
        return [words for line in file if len(words := line.split()) == columns]


def differs(path: str, placed: dict) -> dict | None:
    try:
        with open(path, "rb") as file:
            content = file.read()
            about = os.fstat(file.fileno())
    except FileNotFoundError:
        return {"path": path, "problem": "missing", "lines": []}
    if hashlib.sha256(content).hexdigest() != placed["digest"]:
        return {"path": path, "problem": "changed", "lines": lines(path, content)}
    if "owner" in placed:
        owner = f"{pwd.getpwuid(about.st_uid).pw_name}:{grp.getgrgid(about.st_gid).gr_name}"
        mode = f"{stat.S_IMODE(about.st_mode):04o}"
        if (owner, mode) != (placed["owner"], placed["mode"]):
            change = [f"-{placed['owner']} {placed['mode']}", f"+{owner} {mode}"]
            return {"path": path, "problem": "owner", "lines": change}
    return None


def lines(path: str, content: bytes) -> list[str]:
    """The lines that differ from the copy that the step kept. There are no copies of secrets."""
    try:
        with open(f"{STATE}/copies{path}", encoding="utf-8") as file:
            kept = file.read().splitlines()
    except FileNotFoundError:
        return []
    now = content.decode("utf-8", "replace").splitlines()
    changed = [
        line
        for line in difflib.unified_diff(kept, now, n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    further = [f"… {len(changed) - LINES} further lines"] if len(changed) > LINES else []
    return changed[:LINES] + further
