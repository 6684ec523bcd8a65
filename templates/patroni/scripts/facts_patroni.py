"""Patroni: this member, its view of the others, and the dynamic configuration."""

import base64
import os

import yaml

from facts_asking import Api

TLS = "/etc/ninefold/tls/patroni"
# The step `configuration` installs it on the first database node.
DESCRIBED = "/var/lib/ninefold/dynamic.yml"
AUTHENTICATION = "/etc/patroni/config.d/15-authentication.yml"


def collect(wanted: dict) -> dict:
    api = Api(wanted["address"], TLS)
    facts = {
        "own": api.ask("GET", "/patroni"),
        "members": api.ask("GET", "/cluster"),
        "configuration": api.ask("GET", "/config"),
    }
    if os.path.exists(DESCRIBED):
        with open(DESCRIBED, encoding="utf-8") as file:
            facts["described"] = yaml.safe_load(file)
    return facts


def wake(wanted: dict) -> None:
    """Starts the next round now. Errors are ignored, because the facts report a member that is down."""
    try:
        Api(wanted["address"], TLS).ask("PATCH", "/config", {"nothing": None}, authorization())
    except (OSError, ValueError):
        pass


def authorization() -> dict[str, str]:
    """The password, which a change needs in addition to the certificate."""
    with open(AUTHENTICATION, encoding="utf-8") as file:
        known = yaml.safe_load(file)["restapi"]["authentication"]
    pair = f"{known['username']}:{known['password']}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}
