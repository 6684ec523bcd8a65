"""The machine itself: its clock, and the space on its file systems."""

import os

from facts_asking import output


def collect(wanted: dict) -> dict:
    facts: dict = {"mounts": mounts(["/", *wanted["directories"]])}
    if wanted["clock"]:
        facts["clock"] = clock()
    return facts


def clock() -> dict:
    """The fifth column of chronyc's output is the clock's offset in seconds, the last one its state."""
    fields = output("chronyc", "-c", "tracking").strip().split(",")
    return {"synchronized": fields[-1] == "Normal", "offset": float(fields[4])}


def mounts(directories: list[str]) -> list[dict]:
    """Each file system once, with the first of the directories that are on it."""
    seen: dict[int, dict] = {}
    for directory in directories:
        path = directory
        while not os.path.exists(path):
            path = os.path.dirname(path)
        device = os.stat(path).st_dev
        if device not in seen:
            space = os.statvfs(path)
            seen[device] = {
                "path": path,
                "size": space.f_blocks * space.f_frsize,
                "free": space.f_bavail * space.f_frsize,
                "inodes": space.f_files,
                "freeInodes": space.f_favail,
            }
    return list(seen.values())
