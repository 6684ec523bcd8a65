#!/usr/bin/env python3
"""pgbackrest-keep DAYS: keeps files that pgBackRest deletes or replaces in the repository, for DAYS days.
pgbackrest-keep bring-back TIME: restores files that were deleted or replaced since TIME.

Each finished file gets a hard link in the folder `kept`, and root as its owner. The repository's user can read the file
and delete its own name of it, but can neither change the file nor enter `kept`. The links' names end with the time at
which they were created. When only that link is left, the file's ctime is the time of the deletion.
"""

import errno
import os
import pwd
import re
import stat
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

ROOT = os.environ.get("PGBACKREST_REPOSITORY", "/var/lib/pgbackrest")
OWNER = "pgbackrest"
KEPT = "kept"
TREES = ("archive", "backup")
DAY = 86_400
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
UNFINISHED = ".pgbackrest.tmp"
TIME = "%Y%m%dT%H%M%S.%f%z"
SEGMENT = re.compile("([0-9A-F]{24})-[0-9a-f]{40}")


class Entry(NamedTuple):
    """A file, by the folders from the root of its tree, an open folder, and its name there."""

    folders: tuple[str, ...]
    folder: int
    name: str
    status: os.stat_result

    @property
    def path(self) -> str:
        return "/".join((*self.folders, self.name))


def main() -> None:
    root = os.open(ROOT, FOLDER)
    match sys.argv[1:]:
        case ["bring-back", since]:
            bring_back(root, datetime.fromisoformat(since).timestamp())
        case ["0"]:
            drop(root)
        case [days] if days.isdigit():
            keep(root)
            forget(root, time.time() - int(days) * DAY)
        case _:
            sys.exit(__doc__)


def keep(root: int) -> None:
    kept = own_folder(root)
    user = pwd.getpwnam(OWNER).pw_uid
    mark = "@" + datetime.now(UTC).strftime(TIME)
    for entry in files(root, TREES):
        if finished(entry) and not is_kept(entry.status):
            folder = descend(kept, entry.folders, 0, 0o700)
            take(entry, folder, entry.name + mark, user)
            os.close(folder)


def take(entry: Entry, folder: int, name: str, user: int) -> None:
    """Links a file into `kept` and gives it to root. It checks the new link, because pgBackRest's user may have replaced
    the old name by a different file meanwhile."""
    try:
        os.link(entry.name, name, src_dir_fd=entry.folder, dst_dir_fd=folder, follow_symlinks=False)
        file = os.open(name, FILE, dir_fd=folder)
    except FileNotFoundError:
        return  # pgBackRest has deleted it meanwhile.
    except OSError as error:
        if error.errno == errno.ELOOP:
            os.unlink(name, dir_fd=folder)
            return
        raise
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode) or status.st_uid not in (user, 0):
        os.unlink(name, dir_fd=folder)
    elif status.st_uid == user:
        os.fchown(file, 0, -1)
        os.fchmod(file, 0o640)
    os.close(file)


def finished(entry: Entry) -> bool:
    if entry.name.endswith(UNFINISHED) or not stat.S_ISREG(entry.status.st_mode):
        return False
    tree, *folders = entry.folders
    if tree == "archive" or len(folders) < 2 or folders[1] == "backup.history":
        return True
    return is_complete(entry, len(folders) - 2)


def is_complete(entry: Entry, depth: int) -> bool:
    """Whether the file's backup has its manifest, which pgBackRest writes last and deletes first."""
    try:
        os.stat("../" * depth + "backup.manifest", dir_fd=entry.folder, follow_symlinks=False)
        return True
    except OSError:
        return False


def is_kept(status: os.stat_result) -> bool:
    return status.st_uid == 0 and status.st_nlink > 1


def forget(root: int, before: float) -> None:
    for entry in files(root, (KEPT,)):
        if entry.status.st_nlink == 1 and entry.status.st_ctime < before:
            os.unlink(entry.name, dir_fd=entry.folder)
    for path, _, _ in os.walk(f"{ROOT}/{KEPT}", topdown=False):
        if path != f"{ROOT}/{KEPT}" and not os.listdir(path):
            os.rmdir(path)


def drop(root: int) -> None:
    """Removes `kept` with all its files."""
    if KEPT in os.listdir(root):
        os.close(own_folder(root))
        forget(root, float("inf"))
        for entry in files(root, (KEPT,)):
            os.unlink(entry.name, dir_fd=entry.folder)
        forget(root, 0)
        os.rmdir(KEPT, dir_fd=root)


def bring_back(root: int, since: float) -> None:
    os.close(own_folder(root))
    owner = pwd.getpwnam(OWNER)
    versions: dict[tuple[str, ...], list[tuple[float, tuple[str, ...], str]]] = defaultdict(list)
    for entry in files(root, (KEPT,)):
        if is_kept(entry.status) or entry.status.st_ctime >= since:
            name, _, mark = entry.name.rpartition("@")
            at = datetime.strptime(mark, TIME).timestamp()
            versions[*entry.folders[1:], name].append((at, entry.folders, entry.name))
    count = 0
    for (*folders, name), known in sorted(versions.items()):
        # The newest version of that time, or else the oldest one.
        _, kept, version = max((v for v in known if v[0] <= since), default=min(known))
        source = descend(root, kept, 0, 0o700)
        target = descend(root, tuple(folders), owner.pw_uid, 0o750, owner.pw_gid)
        if put(source, version, target, name):
            print("/".join((*folders, name)))
            count += 1
        os.close(source)
        os.close(target)
    print(f"{count} files are back")
    report_duplicates(root)


def put(source: int, version: str, target: int, name: str) -> bool:
    """Links a kept version to its old name. Returns whether the file there was a different one, or missing."""
    wanted = os.stat(version, dir_fd=source, follow_symlinks=False)
    try:
        if os.path.samestat(wanted, os.stat(name, dir_fd=target, follow_symlinks=False)):
            return False
    except FileNotFoundError:
        pass
    new = name + UNFINISHED
    try:
        os.unlink(new, dir_fd=target)
    except FileNotFoundError:
        pass
    os.link(version, new, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    os.rename(new, name, src_dir_fd=target, dst_dir_fd=target)
    return True


def report_duplicates(root: int) -> None:
    """Prints segments with two files: pgBackRest cannot restore from an archive that has one."""
    segments: dict[str, list[str]] = defaultdict(list)
    for entry in files(root, ("archive",)):
        if found := SEGMENT.match(entry.name):
            segments["/".join((*entry.folders, found[1]))].append(entry.path)
    for paths in segments.values():
        if len(paths) > 1:
            print(f"one file too many, remove the one that does not belong there: {' '.join(paths)}")


def files(root: int, names: tuple[str, ...], above: tuple[str, ...] = ()) -> Iterator[Entry]:
    """All files below these folders. Does not follow links."""
    for name in names:
        try:
            folder = os.open(name, FOLDER, dir_fd=root)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                continue
            raise
        path = (*above, name)
        with os.scandir(folder) as found:
            entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in found]
        for entry, is_folder in entries:
            if not is_folder:
                try:
                    status = os.stat(entry, dir_fd=folder, follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield Entry(path, folder, entry, status)
        yield from files(folder, tuple(entry for entry, is_folder in entries if is_folder), path)
        os.close(folder)


def descend(root: int, folders: tuple[str, ...], user: int, mode: int, group: int = 0) -> int:
    """Opens a folder, and creates it if it is missing. Does not follow links."""
    here = os.dup(root)
    for name in folders:
        try:
            os.mkdir(name, mode, dir_fd=here)
            os.chown(name, user, group, dir_fd=here, follow_symlinks=False)
        except FileExistsError:
            pass
        below = os.open(name, FOLDER, dir_fd=here)
        os.close(here)
        here = below
    return here


def own_folder(root: int) -> int:
    """Opens `kept`. Fails if the repository's user has created it."""
    folder = descend(root, (KEPT,), 0, 0o700)
    if os.fstat(folder).st_uid != 0:
        sys.exit(f"{ROOT}/{KEPT} is not root's: find out who created it, move it away, and run this again")
    return folder


if __name__ == "__main__":
    try:
        main()
    except OSError as failed:
        sys.exit(
            f"pgbackrest-keep: {failed} (in {ROOT}, whose file system must support hard links and owners). Correct that"
            " and run this again; to keep no deleted files: backup.keepDeleted: 0d in the description"
        )
