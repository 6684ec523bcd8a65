#!/usr/bin/env python3
"""sshd-effective FILE: checks that sshd uses all settings of FILE. Prints each difference and its cause.

A different file may come first, a Match block may apply to some users only, and sshd_config may not include FILE.
"""

import glob
import os
import re
import subprocess
import sys

MAIN = "/etc/ssh/sshd_config"
# A documentation address (RFC 5737): a Match block may depend on the client's address.
ELSEWHERE = "192.0.2.1"
NO_LOGIN = ("nologin", "false", "sync", "shutdown", "halt")


def main() -> None:
    asked = settings(sys.argv[1])
    options = running_options()
    configuration = options[options.index("-f") + 1] if "-f" in options[:-1] else MAIN
    wrong = []
    for user in users():
        for address in (ELSEWHERE, *own_address()):
            for key, value in differences(asked, effective(options, user, address)):
                place = origin(key, asked[key], configuration, sys.argv[1])
                wrong.append(f"{key} is '{value}', not '{' '.join(asked[key])}'; {place}; for user {user} from {address}")
    if wrong:
        # One line for a difference that all users have.
        sys.exit("\n".join({line.split("; for user")[0]: line for line in reversed(wrong)}.values()))


def settings(path: str) -> dict[str, list[str]]:
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    return {key.lower(): values for key, *values in lines}


def running_options() -> list[str]:
    """The options of the sshd that is running, if one is. They may name a different configuration file."""
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
    """The client's address, if this step was started over ssh."""
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
    done = subprocess.run(
        ("/usr/sbin/sshd", "-T", *options, "-C", test), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"sshd -T -C {test}: {done.stderr.strip()}")
    values: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition(" ")
        values.setdefault(key, []).extend(value.split())
    return values


def differences(asked: dict[str, list[str]], found: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [
        (key, " ".join(found.get(key, ["nothing"])))
        for key, values in asked.items()
        if not is_met(key, values, found.get(key, []))
    ]


def is_met(key: str, asked: list[str], found: list[str]) -> bool:
    """Whether the effective value is the requested one, or stricter."""
    if key == "denyusers":
        return set(asked) <= set(found)
    if key == "allowusers":
        return set(asked) == set(found)
    if len(found) != 1:
        return False
    if key == "maxauthtries":
        return int(found[0]) <= int(asked[0])
    if key == "permitrootlogin":
        return found == asked or found[0] == "no" or found == ["without-password"] and asked == ["prohibit-password"]
    return bool(found[0]) and set(found[0].split(",")) <= set(asked[0].split(","))


def origin(key: str, asked: list[str], configuration: str, own: str) -> str:
    """The line that sets a different value. If there is none, sshd_config does not include the file."""
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
