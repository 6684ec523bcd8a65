"""This etcd member, and what it knows about the others without asking them."""

import base64

from facts_asking import Api


def collect(wanted: dict) -> dict:
    api = Api(wanted["address"], "/etc/ninefold/tls/etcd")
    status = api.ask("POST", "/v3/maintenance/status", {})
    return {
        "id": identifier(status["header"]["member_id"]),
        "leader": identifier(status.get("leader", "0")),
        "version": status["version"],
        "databaseSize": int(status["dbSize"]),
        "quota": wanted["quota"],
        "alarms": [alarm(text) for text in status.get("errors", [])],
        "members": members(api),
        "locks": locks(api, wanted["lock"]),
    }


def alarm(text: str) -> dict:
    """An alarm is reported as `memberID:1234 alarm:NOSPACE`, any other error as plain text."""
    fields = dict(word.partition(":")[::2] for word in text.split())
    if "memberID" in fields:
        return {"member": identifier(fields["memberID"]), "alarm": fields["alarm"]}
    return {"member": None, "alarm": text}


def members(api: Api) -> list[dict]:
    return [
        {
            "id": identifier(member["ID"]),
            "name": member.get("name", ""),
            "peers": member.get("peerURLs", []),
            "clients": member.get("clientURLs", []),
            "learner": member.get("isLearner", False),
        }
        for member in api.ask("POST", "/v3/cluster/member/list", {"linearizable": False})["members"]
    ]


def locks(api: Api, prefix: str) -> list[dict]:
    """The holder of the lock that steps take before they disturb a service, and those who wait for it."""
    first = prefix.encode()
    last = first[:-1] + bytes([first[-1] + 1])
    asked = {
        "key": base64.b64encode(first).decode(),
        "range_end": base64.b64encode(last).decode(),
        "keys_only": True,
        "serializable": True,
    }
    found = api.ask("POST", "/v3/kv/range", asked).get("kvs", [])
    return [{"key": base64.b64decode(entry["key"]).decode()} for entry in found]


def identifier(number: str) -> str:
    """A member's number in hexadecimal, as etcdctl prints it."""
    return f"{int(number):x}"
