"""When certificates end, and whether each service presents the certificate that is on disk."""

import concurrent.futures
import hashlib
import ssl

from facts_asking import NoAnswer, context, output, presented_certificate


def collect(wanted: dict) -> list[dict]:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(certificate, wanted["files"]))


def certificate(wanted: dict) -> dict:
    path = wanted["path"]
    return {
        "service": wanted["service"],
        "path": path,
        "ends": ends(path),
        "served": served(wanted) if "port" in wanted else None,
    }


def ends(path: str) -> float:
    """When the first certificate in a file ends, in seconds since 1970."""
    printed = output("openssl", "x509", "-noout", "-enddate", "-in", path)
    return ssl.cert_time_to_seconds(printed.strip().partition("=")[2])


def served(wanted: dict) -> object:
    path = wanted["path"]
    try:
        with open(path, encoding="ascii") as file:
            first = file.read().partition("-----END CERTIFICATE-----")
        # A file may begin with the key.
        text = first[0][first[0].index("-----BEGIN CERTIFICATE-----") :] + first[1]
        on_disk = hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()
        tls = context(path, wanted.get("key", path))
        presented = presented_certificate(
            wanted["address"], wanted["port"], tls, postgresql=wanted["speaks"] == "postgresql"
        )
        return on_disk == presented
    except (NoAnswer, OSError, ValueError) as error:
        return {"error": str(error)}
