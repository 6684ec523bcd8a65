#!/usr/bin/env python3
"""etcd-certificates SCOPE [revoke]: keeps the list of certificates that this member refuses.

etcd lets in whoever has a certificate of its authority, whatever its name, and reads the list at each handshake.
The description names whose certificates are good. This member notes every certificate that it was ever told of; with
`revoke`, those of whoever is described no more are refused from now on. A certificate that was made anew is not: its
machine may not have come to the new one yet. One that is described again, as where a change is taken back, is good.

Standard input is what other members have noted, and the output is what all of them know together.

etcd looks at the serial numbers in the list and not at its signature, so it has none. Root alone can write it.
"""

import base64
import os
import re
import sys
import time

DESCRIBED = "/etc/ninefold/etcd-certificates.pem"
NOTED = "/var/lib/ninefold/etcd.certificates"
REFUSED = "/etc/ninefold/tls/etcd/refused.crl"
# Instead of whose it is.
NOBODY = "-"

NUMBER, BITS, OBJECT, TEXT, SEQUENCE, SET, TIME = 0x02, 0x03, 0x06, 0x0C, 0x30, 0x31, 0x17
COMMON_NAME = bytes.fromhex("550403")
ECDSA_WITH_SHA256 = bytes.fromhex("2a8648ce3d040302")


def main() -> None:
    scope, revokes = sys.argv[1], sys.argv[2:] == ["revoke"]
    described = certificates(text(DESCRIBED))
    known = merged(notes(text(NOTED)), notes(sys.stdin.read())) | described
    # Where nobody is described, something else is wrong.
    if revokes and described:
        identities = set(described.values())
        known = {serial: it if it in identities else NOBODY for serial, it in known.items()}
    said = "".join(f"{serial} {identity}\n" for serial, identity in sorted(known.items()))
    write(NOTED, said.encode())
    refused = [int(serial, 16) for serial, identity in known.items() if identity == NOBODY]
    # etcd answers nobody where it can't read the list.
    write(REFUSED, revocation_list(f"etcd of {scope}", sorted(refused)))
    sys.stdout.write(said)


def text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def notes(lines: str) -> dict[str, str]:
    """Whose certificate a serial number is, or NOBODY's."""
    return dict(re.findall(r"^([0-9a-f]+) (\S+)$", lines, re.MULTILINE))


def merged(own: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    """What one of them refuses is refused."""
    return others | {serial: it for serial, it in own.items() if others.get(serial) != NOBODY}


def certificates(described: str) -> dict[str, str]:
    """Whose each certificate is, by its serial number: a line with the identity stands before each."""
    found = re.findall(
        r"^(\S+)\n-----BEGIN CERTIFICATE-----\n(.*?)-----END CERTIFICATE-----$",
        described,
        re.MULTILINE | re.DOTALL,
    )
    return {f"{serial(base64.b64decode(body)):x}": identity for identity, body in found}


def serial(certificate: bytes) -> int:
    """The first number in a certificate, after its version."""
    body, _ = inside(certificate, inside(certificate, 0)[0])
    if certificate[body] == 0xA0:
        body = sum(inside(certificate, body))
    first, length = inside(certificate, body)
    if certificate[body] != NUMBER:
        sys.exit(f"{DESCRIBED}: a certificate has no serial number")
    return int.from_bytes(certificate[first : first + length], "big")


def inside(encoded: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at this place begins, and its length."""
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
    """A power cut leaves the old file or the new one."""
    with open(f"{path}.new", "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


if __name__ == "__main__":
    main()
