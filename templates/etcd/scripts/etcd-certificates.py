#!/usr/bin/env python3
"""etcd-certificates SCOPE [revoke]: keeps the list of certificates that this member refuses.

etcd accepts every certificate of its CA, whatever its name, and reads the list at each handshake. This member notes
every certificate that was ever described. With `revoke`, it refuses those whose owner is no longer described. It does
not refuse the old certificate of a described owner, because that machine may not have the new one yet. A certificate
that is described again, for example after a change is reverted, is accepted again.

Standard input has the notes of other members. The output has everything that all members know.

The list has no signature, because etcd reads its serial numbers only. Only root can write it.
"""

import base64
import os
import re
import sys
import time

DESCRIBED = "/etc/ninefold/etcd-certificates.pem"
NOTED = "/var/lib/ninefold/etcd.certificates"
REFUSED = "/etc/ninefold/tls/etcd/refused.crl"
# Instead of the owner of a refused certificate.
NOBODY = "-"

NUMBER, BITS, OBJECT, TEXT, SEQUENCE, SET, TIME = 0x02, 0x03, 0x06, 0x0C, 0x30, 0x31, 0x17
COMMON_NAME = bytes.fromhex("550403")
ECDSA_WITH_SHA256 = bytes.fromhex("2a8648ce3d040302")


def main() -> None:
    scope, revokes = sys.argv[1], sys.argv[2:] == ["revoke"]
    described = certificates(text(DESCRIBED))
    known = merged(notes(text(NOTED)), notes(sys.stdin.read())) | described
    # If no certificate is described, the file is damaged or missing: then nothing is refused.
    if revokes and described:
        owners = set(described.values())
        known = {
            serial: owner if owner in owners else NOBODY for serial, owner in known.items()
        }
    listed = "".join(f"{serial} {identity}\n" for serial, identity in sorted(known.items()))
    write(NOTED, listed.encode())
    refused = [int(serial, 16) for serial, identity in known.items() if identity == NOBODY]
    # If etcd can't read the list, it accepts no connection.
    write(REFUSED, revocation_list(f"etcd of {scope}", sorted(refused)))
    sys.stdout.write(listed)


def text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def notes(lines: str) -> dict[str, str]:
    """The owner of each certificate, or NOBODY, by serial number."""
    return dict(re.findall(r"^([0-9a-f]+) (\S+)$", lines, re.MULTILINE))


def merged(own: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    """A certificate that one of them refuses is refused."""
    return others | {
        serial: owner for serial, owner in own.items() if others.get(serial) != NOBODY
    }


def certificates(described: str) -> dict[str, str]:
    """The owner of each certificate, by serial number. A line with the owner's name precedes each certificate."""
    found = re.findall(
        r"^(\S+)\n-----BEGIN CERTIFICATE-----\n(.*?)-----END CERTIFICATE-----$",
        described,
        re.MULTILINE | re.DOTALL,
    )
    return {f"{serial(base64.b64decode(body)):x}": identity for identity, body in found}


def serial(certificate: bytes) -> int:
    """The first number in a certificate, after its version."""
    body, _ = contents(certificate, contents(certificate, 0)[0])
    if certificate[body] == 0xA0:
        body = sum(contents(certificate, body))
    first, length = contents(certificate, body)
    if certificate[body] != NUMBER:
        sys.exit(f"{DESCRIBED}: a certificate has no serial number")
    return int.from_bytes(certificate[first : first + length], "big")


def contents(encoded: bytes, at: int) -> tuple[int, int]:
    """The offset and length of the content of the DER element at an offset."""
    length = encoded[at + 1]
    if length < 0x80:
        return at + 2, length
    size = length & 0x7F
    return at + 2 + size, int.from_bytes(encoded[at + 2 : at + 2 + size], "big")


def revocation_list(issuer: str, serials: list[int]) -> bytes:
    """A CertificateList of RFC 5280, version 2, in DER."""
    algorithm = element(SEQUENCE, element(OBJECT, ECDSA_WITH_SHA256))
    name = element(SEQUENCE, element(OBJECT, COMMON_NAME) + element(TEXT, issuer.encode()))
    now = element(TIME, time.strftime("%y%m%d%H%M%SZ", time.gmtime()).encode())
    entries = b"".join(element(SEQUENCE, number(serial) + now) for serial in serials)
    listed = element(SEQUENCE, entries) if entries else b""
    signed = element(
        SEQUENCE, number(1) + algorithm + element(SEQUENCE, element(SET, name)) + now + listed
    )
    return element(SEQUENCE, signed + algorithm + element(BITS, b"\x00"))


def number(value: int) -> bytes:
    return element(NUMBER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def write(path: str, content: bytes) -> None:
    """Writes atomically: a power cut leaves the old or the new content."""
    with open(f"{path}.new", "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


if __name__ == "__main__":
    main()
