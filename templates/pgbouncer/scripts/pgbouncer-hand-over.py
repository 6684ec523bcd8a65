#!/usr/bin/env python3
"""pgbouncer-hand-over SETTINGS: if this node leads and its PgBouncer does not answer, asks Patroni for a switchover to a
node whose PgBouncer answers, because no client can reach this one. If no PgBouncer answers, it does nothing, because no
other node would serve clients either. The output goes to the caller, pgbouncer-watch.

Patroni's password for a switchover also allows changes of its configuration, and so to run commands as PostgreSQL's
user. PgBouncer's user therefore does not have it: it can only connect to a socket. Then systemd runs this program as
PostgreSQL's user. The program does not read what is sent to the socket."""

import base64
import http.client
import json
import ssl
import sys
import urllib.request
from typing import Any

import yaml

sys.dont_write_bytecode = True
from pgbouncer_asking import Pool, ask  # noqa: E402

TLS = "/etc/ninefold/tls/patroni"
AUTHENTICATION = "/etc/patroni/config.d/15-authentication.yml"


def hand_over(settings: dict[str, Any]) -> None:
    patroni, member = settings["patroni"], settings["member"]
    try:
        state = json.loads(call(f"{patroni}/patroni"))
        if not isinstance(state, dict):
            raise ValueError("Patroni's answer is not an object")
        if state.get("role") != "primary":
            return
        if ask(settings["address"], settings["port"], settings["answerWithin"]) is Pool.ANSWERS:
            print("no switchover: PgBouncer answers here")
            return
        candidates = serving(settings)
        if not candidates:
            print(f"no switchover: PgBouncer answers on no other node either; {member} remains the leader")
        for candidate in candidates:
            print(f"PgBouncer does not answer and {member} leads: asking for a switchover to {candidate}")
            if switched(patroni, {"leader": member, "candidate": candidate}):
                return
    # Any error of Patroni, its answer or the network is temporary: the watch asks again.
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"no switchover: {error!r}; retrying later")


def serving(settings: dict[str, Any]) -> list[str]:
    """The other nodes whose PgBouncer answers."""
    limit = settings["answerWithin"]
    return [
        other["name"]
        for other in settings["others"]
        if ask(other["address"], other["port"], limit) is Pool.ANSWERS
    ]


def switched(patroni: str, request: dict[str, str]) -> bool:
    """Asks for a switchover. Patroni refuses a candidate that may not lead now, for example an asynchronous replica."""
    try:
        print(call(f"{patroni}/switchover", request).decode(errors="replace"))
        return True
    except (OSError, http.client.HTTPException) as error:
        print(f"no switchover: {error!r}; retrying later")
        return False


def call(url: str, body: dict[str, Any] | None = None) -> bytes:
    context = ssl.create_default_context(cafile=f"{TLS}/ca.crt")
    context.load_cert_chain(f"{TLS}/node.crt", f"{TLS}/node.key")
    request = urllib.request.Request(url, headers={"Content-Type": "application/json"})
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Authorization", authorization())
    with urllib.request.urlopen(request, timeout=30, context=context) as response:
        return response.read()


def authorization() -> str:
    """The password, which a change needs in addition to the certificate."""
    with open(AUTHENTICATION, encoding="utf-8") as file:
        known = yaml.safe_load(file)["restapi"]["authentication"]
    pair = f"{known['username']}:{known['password']}".encode()
    return "Basic " + base64.b64encode(pair).decode()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        hand_over(json.load(file))
