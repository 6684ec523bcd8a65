"""Queries of programs, and of services over TLS, for facts."""

import hashlib
import http.client
import json
import socket
import ssl
import struct
import subprocess

# The timeout of one query, in seconds. Usually all queries together take less than one second.
PATIENCE = 3

SSL_REQUEST = struct.pack("!ii", 8, 80877103)


class NoAnswer(Exception):
    """A program or service did not answer the query."""


def output(*command: str) -> str:
    """The output of a program. If it fails, its last line is the reason."""
    try:
        # A program may print bytes that are not text, such as a file that it decrypted with a wrong key.
        done = subprocess.run(
            command,
            cwd="/",
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoAnswer(f"{command[0]} did not answer within {PATIENCE} s") from None
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise NoAnswer(f"{command[0]}: {lines[-1] if lines else f'exit code {done.returncode}'}")
    return done.stdout


def as_user(user: str, *command: str) -> str:
    return output("runuser", "-u", user, "--", *command)


def context(certificate: str, key: str) -> ssl.SSLContext:
    """A TLS context with a client certificate. It does not verify the server: the caller compares its certificate."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
    tls.load_cert_chain(certificate, key)
    return tls


def presented_certificate(host: str, port: int, tls: ssl.SSLContext, *, postgresql: bool) -> str:
    """The SHA-256 digest of the certificate that a service presents."""
    with socket.create_connection((host, port), timeout=PATIENCE) as plain:
        if postgresql:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                raise NoAnswer(f"{host}:{port} offers no TLS")
        with tls.wrap_socket(plain) as connection:
            return hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()


class Api:
    """A JSON API of this machine, called with the certificate in folder `tls`."""

    def __init__(self, address: str, tls: str) -> None:
        host, port = address.rsplit(":", 1)
        trusted = ssl.create_default_context(cafile=f"{tls}/ca.crt")
        trusted.load_cert_chain(f"{tls}/node.crt", f"{tls}/node.key")
        self._connection = http.client.HTTPSConnection(
            host, int(port), timeout=PATIENCE, context=trusted
        )

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> dict:
        text = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json", **(headers or {})}
        self._connection.request(method, path, text, headers)
        answer = self._connection.getresponse().read()
        return json.loads(answer)
