#!/usr/bin/env python3
"""sshd-effective FILE: whether sshd does what FILE asks, by the configuration that it reads itself. Names each
difference, and what makes it.

Another file may say something else first, a Match block for some users alone, and sshd_config may not include FILE.
"""

import glob
import os
import re
import subprocess
import sys

MAIN = "/etc/ssh/sshd_config"
# From anywhere, for what a Match block says of addresses.
ELSEWHERE = "192.0.2.1"
NO_LOGIN = ("nologin", "false", "sync", "shutdown", "halt")


def main() -> None:
    asked = settings(sys.argv[1])
    options = running_options()
    configuration = options[options.index("-f") + 1] if "-f" in options[:-1] else MAIN
    wrong = []
    for user in users():
        for address in (ELSEWHERE, *own_address()):
            for key, said in differences(asked, effective(options, user, address)):
                place = origin(key, asked[key], configuration, sys.argv[1])
                wrong.append(f"{key} is '{said}', not '{' '.join(asked[key])}'; {place}; for user {user} from {address}")
    if wrong:
        # One line for what is so for all users.
        sys.exit("\n".join({line.split("; for user")[0]: line for line in reversed(wrong)}.values()))


def settings(path: str) -> dict[str, list[str]]:
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    return {key.lower(): values for key, *values in lines}


def running_options() -> list[str]:
    """Those that the listening process was started with, where there is one; they may name another file."""
    show = ("systemctl", "show", "--property=MainPID", "--value", "ssh")
    process = subprocess.run(show, capture_output=True, text=True, check=False).stdout.strip() or "0"
    try:
        with open(f"/proc/{process}/cmdline", encoding="utf-8", errors="replace") as file:
            title = file.read().replace("\0", " ").strip()
    except FileNotFoundError:
        return []
    started = re.match(r"sshd: (\S+) (.*?) ?\[listener\]", title)
    return [word for word in started[2].split() if word not in ("-D", "-e")] if started else []


def users() -> list[str]:
    with open("/etc/passwd", encoding="utf-8") as file:
        entries = [line.rstrip("\n").split(":") for line in file]
    return [entry[0] for entry in entries if os.path.basename(entry[-1]) not in NO_LOGIN]


def own_address() -> list[str]:
    """From where this step was started, if it was started over ssh."""
    process = str(os.getpid())
    while process != "0":
        try:
            with open(f"/proc/{process}/environ", encoding="utf-8", errors="replace") as file:
                found = re.search(r"(?:^|\0)SSH_CONNECTION=(\S+) ", file.read())
            if found:
                return [found[1]]
            with open(f"/proc/{process}/status", encoding="utf-8") as file:
                process = re.search(r"^PPid:\s*(\d+)", file.read(), re.MULTILINE)[1]
        except OSError:
            break
    return []


def effective(options: list[str], user: str, address: str) -> dict[str, list[str]]:
    test = f"user={user},host={address},addr={address},laddr=127.0.0.1,lport=22"
    asked = subprocess.run(
        ("/usr/sbin/sshd", "-T", *options, "-C", test), capture_output=True, text=True, check=False
    )
    if asked.returncode:
        sys.exit(f"sshd -T -C {test}: {asked.stderr.strip()}")
    said: dict[str, list[str]] = {}
    for line in asked.stdout.splitlines():
        key, _, value = line.partition(" ")
        said.setdefault(key, []).extend(value.split())
    return said


def differences(asked: dict[str, list[str]], said: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [
        (key, " ".join(said.get(key, ["nothing"])))
        for key, values in asked.items()
        if not is_met(key, values, said.get(key, []))
    ]


def is_met(key: str, asked: list[str], said: list[str]) -> bool:
    """Whether it is what was asked, or stricter."""
    if key == "denyusers":
        return set(asked) <= set(said)
    if key == "allowusers":
        return set(asked) == set(said)
    if len(said) != 1:
        return False
    if key == "maxauthtries":
        return int(said[0]) <= int(asked[0])
    if key == "permitrootlogin":
        return said == asked or said[0] == "no" or said == ["without-password"] and asked == ["prohibit-password"]
    return bool(said[0]) and set(said[0].split(",")) <= set(asked[0].split(","))


def origin(key: str, asked: list[str], configuration: str, own: str) -> str:
    """Where something else is said; where nothing is, the file is not read."""
    read = [configuration, *included(configuration)]
    for path in read:
        if os.path.realpath(path) == os.path.realpath(own):
            continue
        for number, line in enumerate(lines_of(path), 1):
            words = re.split(r"[\s=]+", line.strip())
            if words[0].lower() == key and words[1:] != asked:
                return f"{path}, line {number}: {line.strip()}"
    if own not in read:
        return f"{configuration} does not include {own}"
    return f"look at: sshd -T, and {configuration}"


def included(path: str) -> list[str]:
    patterns = [
        pattern if pattern.startswith("/") else f"/etc/ssh/{pattern}"
        for line in lines_of(path)
        if line.split()[:1] and line.split()[0].lower() == "include"
        for pattern in line.split()[1:]
    ]
    found = [file for pattern in patterns for file in sorted(glob.glob(pattern))]
    return [further for file in found for further in (file, *included(file))]


def lines_of(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []


if __name__ == "__main__":
    main()
