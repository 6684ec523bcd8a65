#!/usr/bin/env python3
"""pgbackrest-gaps STANZA: ends with 3 if WAL is missing in the archive since the newest backup. Then its unit starts a
backup, which makes later times restorable again."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import facts_backups

# How long a segment must be missing, in seconds. A database node retries every minute.
PATIENCE = float(os.environ.get("NINEFOLD_GAP_PATIENCE", "180"))
# The exit code that starts a backup.
GAP = 3
# How often a gap asks for a backup, in seconds, while backups fail.
AGAIN = 900

Position = tuple[int, int]


def main() -> None:
    stanza = sys.argv[1]
    backup = newest_backup(stanza)
    if backup is None:
        return
    first, last = (position(backup["archive"][end]) for end in ("start", "stop"))
    found = list(gaps(facts_backups.archive(stanza, PATIENCE), first, last))
    if found and not asked_before(found):
        print(
            f"pgbackrest-gaps: missing in the archive since backup {backup['label']}: {', '.join(found)}."
            " No restore of an earlier backup can cross this gap. A backup starts now."
        )
        sys.exit(GAP)


def newest_backup(stanza: str) -> dict | None:
    command = ("pgbackrest", f"--stanza={stanza}", "--log-level-file=off", "--output=json", "info")
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit(f"pgbackrest-gaps: pgBackRest does not list its backups: {done.stderr.strip()}")
    # A message may contain what a wrong passphrase has decrypted.
    backups = json.loads(done.stdout, strict=False)[0]["backup"]
    return max(backups, key=lambda backup: backup["timestamp"]["stop"], default=None)


def position(segment: str) -> Position:
    """The timeline and the number of a segment."""
    return int(segment[:8], 16), int(segment[8:16], 16) << 8 | int(segment[16:], 16)


def gaps(archive: list[dict], first: Position, last: Position) -> Iterator[str]:
    """The missing segments from the first one that a backup needs on. A timeline must be complete up to the segment
    before the next one's first. Recovery never reads what a former leader archived after that."""
    timelines = [
        (entry["timeline"], [(number(start), number(end)) for start, end in entry["ranges"]])
        for entry in archive
        if entry["timeline"] >= first[0] and entry["ranges"]
    ]
    for index, (timeline, ranges) in enumerate(timelines):
        following = timelines[index + 1][1][0][0] - 1 if index + 1 < len(timelines) else ranges[-1][1]
        start, end = ranges[0][0], following
        if timeline == first[0]:
            # The backup needs all of its own segments, even if the next timeline starts earlier.
            start, end = first[1], max(following, last[1])
        yield from missing(timeline, start, end, ranges)


def missing(timeline: int, start: int, end: int, ranges: list[tuple[int, int]]) -> Iterator[str]:
    for low, high in [*ranges, (end + 1, end + 1)]:
        if start < min(low, end + 1):
            yield span(timeline, start, min(low - 1, end))
        start = max(start, high + 1)


def number(segment: str) -> int:
    return int(segment[:8], 16) << 8 | int(segment[8:], 16)


def span(timeline: int, first: int, last: int) -> str:
    names = [f"{timeline:08X}{facts_backups.name(number)}" for number in (first, last)]
    return names[0] if first == last else " to ".join(names)


def asked_before(found: list[str]) -> bool:
    """Whether the same gaps have asked for a backup recently; if not, they do so now."""
    note = Path(os.environ["RUNTIME_DIRECTORY"], "asked")
    text = "\n".join(found)
    if note.exists() and note.read_text() == text and time.time() - note.stat().st_mtime < AGAIN:
        return True
    note.write_text(text)
    return False


if __name__ == "__main__":
    main()
