"""Whether this balancer has the virtual address."""

from facts_asking import output


def collect(wanted: dict) -> dict:
    return {"holds": f" {wanted['address']}/" in output("ip", "-oneline", "-4", "address", "show")}
