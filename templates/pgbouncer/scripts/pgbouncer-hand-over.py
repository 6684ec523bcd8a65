#!/usr/bin/env python3
"""pgbouncer-hand-over SETTINGS: if this node leads and its PgBouncer does not answer, asks Patroni to let a node lead
whose PgBouncer answers, since no client gets through here. Where none answers the leader stays: no other would serve
either. What it prints goes to whoever asked for it, the watch over PgBouncer.

Whoever may ask Patroni for a switchover may change its configuration too, and so what PostgreSQL runs. PgBouncer's user
can therefore only connect to a socket, upon which systemd runs this program as PostgreSQL's user. It reads nothing of
what is sent there."""

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
            raise ValueError("Patroni's answer is no object")
        if state.get("role") != "primary":
            return
        if ask(settings["address"], settings["port"], settings["answerWithin"]) is Pool.ANSWERS:
            print("no switchover: PgBouncer answers here")
            return
        candidates = serving(settings)
        if not candidates:
            print(f"no switchover: PgBouncer answers on no other node either; {member} goes on leading")
        for candidate in candidates:
            print(f"PgBouncer stays dead and {member} leads: asking for a switchover to {candidate}")
            if switched(patroni, {"leader": member, "candidate": candidate}):
                return
    # Whatever answers there, or doesn't: the watch asks again.
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"no switchover: {error!r}; it is asked for again")


def serving(settings: dict[str, Any]) -> list[str]:
    """The other nodes whose PgBouncer answers."""
    limit = settings["answerWithin"]
    return [
        other["name"]
        for other in settings["others"]
        if ask(other["address"], other["port"], limit) is Pool.ANSWERS
    ]


def switched(patroni: str, request: dict[str, str]) -> bool:
    """Patroni refuses one that may not lead now, an asynchronous replica for instance."""
    try:
        print(call(f"{patroni}/switchover", request).decode(errors="replace"))
        return True
    except (OSError, http.client.HTTPException) as error:
        print(f"no switchover: {error!r}; it is asked for again")
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
    """What a change needs beside the certificate."""
    with open(AUTHENTICATION, encoding="utf-8") as file:
        known = yaml.safe_load(file)["restapi"]["authentication"]
    pair = f"{known['username']}:{known['password']}".encode()
    return "Basic " + base64.b64encode(pair).decode()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        hand_over(json.load(file))
