"""Which of the repository's backups are kept, and why."""

import dataclasses
import datetime
import json

# The user pgbackrest may create files in this folder, but it cannot replace those of root.
REPOSITORY = "/var/lib/pgbackrest"


@dataclasses.dataclass(frozen=True)
class Retention:
    """The keys of the same names in the description. A count of 0 keeps nothing by this rule."""

    full_backups: int
    keep_for_seconds: int
    differential_backups: int | None
    monthly_backups: int
    yearly_backups: int


@dataclasses.dataclass(frozen=True)
class Backup:
    label: str
    type: str
    end: float


def of_info(stanza: dict) -> list[Backup]:
    """The backups in the output of `pgbackrest info`, the oldest first."""
    backups = [Backup(it["label"], it["type"], it["timestamp"]["stop"]) for it in stanza["backup"]]
    return sorted(backups, key=lambda it: it.end)


def reasons(retention: Retention, backups: list[Backup], now: float) -> dict[str, list[str]]:
    """The reasons to keep each full backup, by its label. One without a reason expires."""
    fulls = [it for it in backups if it.type == "full"]
    kept: dict[str, list[str]] = {it.label: [] for it in fulls}
    for it in newest(fulls, retention.full_backups):
        kept[it.label].append("count")
    for it in young(fulls, now - retention.keep_for_seconds) if retention.keep_for_seconds else []:
        kept[it.label].append("age")
    for it in firsts(fulls, "%Y-%m", retention.monthly_backups):
        kept[it.label].append("monthly")
    for it in firsts(fulls, "%Y", retention.yearly_backups):
        kept[it.label].append("yearly")
    return kept


def newest(backups: list[Backup], count: int) -> list[Backup]:
    return backups[-count:] if count else []


def young(fulls: list[Backup], since: float) -> list[Backup]:
    """The backups that a restore to any time since then needs: also the last one before it."""
    before = sum(it.end <= since for it in fulls)
    return fulls[max(0, before - 1) :]


def firsts(fulls: list[Backup], period: str, count: int) -> list[Backup]:
    """The first backup of each of the last months or years that have one, by the machine's time zone."""
    first: dict[str, Backup] = {}
    for it in fulls:
        moment = datetime.datetime.fromtimestamp(it.end).astimezone()
        first.setdefault(moment.strftime(period), it)
    return newest(list(first.values()), count)


def expired_differentials(retention: Retention, backups: list[Backup]) -> list[str]:
    if retention.differential_backups is None:
        return []
    differentials = [it for it in backups if it.type == "diff"]
    kept = newest(differentials, retention.differential_backups)
    return [it.label for it in differentials if it not in kept]


def continuous(retention: Retention, backups: list[Backup], now: float, recorded: str) -> str:
    """The oldest full backup that can be restored to any later time; empty if there is none.

    Its archived WAL is kept without gaps up to now. Of an older backup, only the WAL is kept that makes it consistent.
    `recorded` is the last result: WAL that was removed does not come back when the retention grows.
    """
    kept = reasons(retention, backups, now)
    fulls = [it.label for it in backups if it.type == "full"]
    window = [label for label in fulls if {"count", "age"} & set(kept[label])]
    if not window:
        return fulls[-1] if fulls else ""
    return max(window[0], recorded) if recorded in fulls else window[0]


def oldest_continuous(backups: list[Backup], recorded: str) -> str:
    """The full backup from which WAL is continuous until the next backup expires; empty if there is none."""
    fulls = [it.label for it in backups if it.type == "full"]
    return recorded if recorded in fulls else next(iter(fulls), "")


def recorded_continuous(stanza: str) -> str:
    """The result that was recorded last; empty if nothing has expired yet."""
    try:
        with open(f"{REPOSITORY}/{stanza}.continuous", encoding="utf-8") as file:
            return str(json.load(file)["label"])
    except FileNotFoundError:
        return ""
