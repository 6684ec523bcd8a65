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
# The code of an error without a code of its own.
OTHER = 99
# Several segments are archived at a time, and not in order: for so many seconds, a missing one is still on its way.
ON_ITS_WAY = 60
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
    # A message may contain what a wrong passphrase has decrypted.
    info = json.loads(printed, strict=False)[0]
    backups = backup_retention.of_info(info)
    kept = kept_because(backups)
    recorded = backup_retention.recorded_continuous(stanza)
    return {
        "stanza": stanza,
        "status": info["status"]["code"],
        "message": message(info),
        "running": info["status"]["lock"]["backup"]["held"],
        "continuous": backup_retention.oldest_continuous(backups, recorded) or None,
        "backups": [backup(entry, kept) for entry in info["backup"]],
        "archive": archive(stanza),
        "jobs": [job(name) for name in JOBS],
    }


def message(info: dict) -> str:
    """pgBackRest's text for the status. If that is `other`, the first line of what it reports for the repository."""
    if info["status"]["code"] != OTHER:
        return info["status"]["message"]
    reported = info["repo"][0]["status"]["message"]
    first = reported.splitlines()[0].rstrip(":")
    # What a wrong passphrase decrypts is noise, or lacks its padding.
    noise = "outside of section" in reported or "[CryptoError]" in reported
    return f"{first}; is this the passphrase of its backups?" if noise else first


def kept_because(backups: list[backup_retention.Backup]) -> dict[str, list[str]]:
    """Why each backup is kept. The first step of an upgrade runs before the file exists."""
    try:
        with open(PARAMETERS, encoding="utf-8") as file:
            retention = backup_retention.Retention(**json.load(file)["retention"])
    except FileNotFoundError:
        return {}
    return backup_retention.reasons(retention, backups, time.time())


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


def archive(stanza: str, settled: float = ON_ITS_WAY) -> list[dict]:
    """The archived segments of each timeline, as ranges without gaps, of the stanza's newest database."""
    newest = max(glob.glob(f"{REPOSITORY}/archive/{stanza}/*-*"), key=generation, default=None)
    timelines: dict[int, dict[int, float]] = {}
    for path in glob.iglob(f"{newest}/*/*-*") if newest else ():
        if found := SEGMENT.match(os.path.basename(path)):
            timeline, log, segment = (int(part, 16) for part in found.groups())
            timelines.setdefault(timeline, {})[log << 8 | segment] = arrival(path)
    before = time.time() - settled
    archived = []
    for timeline, arrivals in sorted(timelines.items()):
        # The last segments of the timeline before may be on their way too.
        if not archived or min(arrivals.values()) <= before:
            spans = ranges(arrivals, before)
            archived.append({"timeline": timeline, "ranges": [[name(low), name(high)] for low, high in spans]})
    return archived


def arrival(path: str) -> float:
    """When a segment was archived. The time of a file that has just expired does not matter."""
    try:
        return os.stat(path).st_mtime
    except FileNotFoundError:
        return 0


def generation(path: str) -> int:
    """pgBackRest numbers the databases that the stanza has had: 17-1, 17-2."""
    return int(path.rpartition("-")[2])


def ranges(arrivals: dict[int, float], before: float) -> list[tuple[int, int]]:
    """The ranges without gaps. What follows a gap counts if it arrived before the time `before`."""
    found: list[tuple[int, int]] = []
    for number in sorted(arrivals):
        if found and found[-1][1] + 1 == number:
            found[-1] = (found[-1][0], number)
        elif found and arrivals[number] > before:
            break
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
