#!/usr/bin/env python3
"""keepalived-effective: checks that Keepalived runs with the settings of its configuration. Prints each difference.

On a signal, Keepalived writes its settings to a file in its private /tmp.
"""

import json
import os
import re
import subprocess
import sys
import time

CONFIGURATION = "/etc/keepalived/keepalived.conf"
LIMIT = 5


def main() -> None:
    with open(CONFIGURATION, encoding="utf-8") as file:
        text = file.read()
    effective = running()
    wanted = {
        "ifp_ifname": setting(text, "interface"),
        "vrid": int(setting(text, "virtual_router_id")),
        "base_priority": int(setting(text, "priority")),
        "adver_int": int(setting(text, "advert_int")),
    }
    wrong = [
        f"{key} is {effective[key]}, not {value}"
        for key, value in wanted.items()
        if effective[key] != value
    ]
    address = re.search(r"virtual_ipaddress \{\s*(\S+)", text)
    if address and not any(held.startswith(f"{address[1]} ") for held in effective["vips"]):
        wrong.append(f"the virtual address is {effective['vips']}, not {address[1]}")
    scripts = re.findall(r'^\s*script "(.+)"$', text, re.MULTILINE)
    wanted_scripts = [" ".join(f"'{word}'" for word in script.split()) for script in scripts]
    if sorted(effective["track_script"]) != sorted(wanted_scripts):
        wrong.append(f"its checks are {effective['track_script']}, not {wanted_scripts}")
    if wrong:
        sys.exit("\n".join(wrong))


def setting(text: str, name: str) -> str:
    found = re.search(rf"^\s*{name} (.+)$", text, re.MULTILINE)
    if not found:
        raise SystemExit(f"{CONFIGURATION} has no {name}")
    return found[1]


def running() -> dict:
    """The settings of the process's only VRRP instance, once it has written them."""
    show = ("systemctl", "show", "--property=MainPID", "--value", "keepalived")
    process = int(subprocess.run(show, capture_output=True, text=True, check=True).stdout)
    path = f"/proc/{process}/root/tmp/keepalived.json"
    if os.path.exists(path):
        os.unlink(path)
    number = subprocess.run(
        ("keepalived", "--signum=JSON"), capture_output=True, text=True, check=True
    ).stdout
    os.kill(process, int(number))
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        try:
            with open(path, encoding="utf-8") as file:
                return json.load(file)[0]["data"]
        except (FileNotFoundError, ValueError):
            time.sleep(0.05)
    raise SystemExit(f"keepalived did not write its settings within {LIMIT} s")


if __name__ == "__main__":
    main()
