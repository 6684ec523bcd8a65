"""The repository's backups and its WAL archive."""

import glob
import json
import os
import re
import time

import backup_retention
from facts_asking import as_user, output

REPOSITORY = backup_retention.REPOSITORY
PARAMETERS = "/etc/pgbackrest/backup.json"
SEGMENT = re.compile("([0-9A-F]{8})([0-9A-F]{8})000000([0-9A-F]{2})-")
JOBS = (
    "pgbackrest-backup@full.service",
    "pgbackrest-backup@diff.service",
    "pgbackrest-backup@incr.service",
    "pgbackrest-keep.service",
)


def collect(wanted: dict) -> dict:
    stanza = wanted["stanza"]
    # `info` reports locks and does not wait for them.
    printed = as_user(
        "pgbackrest", "pgbackrest", f"--stanza={stanza}", "--log-level-file=off", "--output=json", "info"
    )
    info = json.loads(printed)[0]
    retention = read_retention()
    backups = backup_retention.of_info(info)
    now = time.time()
    kept = backup_retention.reasons(retention, backups, now)
    recorded = backup_retention.recorded_continuous(stanza)
    return {
        "stanza": stanza,
        "status": info["status"]["code"],
        "message": info["status"]["message"],
        "running": info["status"]["lock"]["backup"]["held"],
        "continuous": backup_retention.oldest_continuous(backups, recorded) or None,
        "backups": [backup(entry, kept) for entry in info["backup"]],
        "archive": archive(stanza),
        "jobs": [job(name) for name in JOBS],
    }


def read_retention() -> backup_retention.Retention:
    with open(PARAMETERS, encoding="utf-8") as file:
        return backup_retention.Retention(**json.load(file)["retention"])


def backup(entry: dict, kept: dict[str, list[str]]) -> dict:
    source = entry.get("annotation", {})
    return {
        "label": entry["label"],
        "type": entry["type"],
        "begin": entry["timestamp"]["start"],
        "end": entry["timestamp"]["stop"],
        "size": entry["info"]["size"],
        "stored": entry["info"]["repository"]["delta"],
        "source": {"node": source["source"], "role": source["role"]} if "source" in source else None,
        "kept": kept.get(entry["label"], []),
        "error": entry["error"],
        "first": entry["archive"]["start"],
        "last": entry["archive"]["stop"],
    }


def archive(stanza: str) -> list[dict]:
    """The archived segments of each timeline, as ranges without gaps, of the stanza's newest database."""
    newest = max(glob.glob(f"{REPOSITORY}/archive/{stanza}/*-*"), key=generation, default=None)
    timelines: dict[int, set[int]] = {}
    for path in glob.iglob(f"{newest}/*/*-*") if newest else ():
        if found := SEGMENT.match(os.path.basename(path)):
            timeline, log, segment = (int(part, 16) for part in found.groups())
            timelines.setdefault(timeline, set()).add(log << 8 | segment)
    return [
        {"timeline": timeline, "ranges": [[name(first), name(last)] for first, last in ranges(numbers)]}
        for timeline, numbers in sorted(timelines.items())
    ]


def generation(path: str) -> int:
    """pgBackRest numbers the databases that the stanza has had: 17-1, 17-2."""
    return int(path.rpartition("-")[2])


def ranges(numbers: set[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] + 1 == number:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def name(number: int) -> str:
    return f"{number >> 8:08X}{number & 0xFF:08X}"


def job(unit: str) -> dict:
    shown = output(
        "systemctl", "show", "--timestamp=unix", "--property=Result,ExecMainExitTimestamp", unit
    )
    fields = dict(line.split("=", 1) for line in shown.strip().splitlines())
    ended = fields["ExecMainExitTimestamp"].removeprefix("@")
    return {"unit": unit, "result": fields["Result"], "at": int(ended) if ended else None}
