"""Whether a PgBouncer answers: it is asked for GSS encryption, which it declines. A hung one accepts connections and
says nothing."""

import socket
import struct
from enum import Enum, auto

GSS_REQUEST = struct.pack("!ii", 8, 80877104)


class Pool(Enum):
    ANSWERS = auto()
    HANGS = auto()
    # Dead, or about to stop or to start: systemd is at it, and has its own limits for that.
    ABSENT = auto()


def ask(address: str, port: int, limit: float) -> Pool:
    try:
        with socket.create_connection((address, port), timeout=limit) as connection:
            connection.settimeout(limit)
            connection.sendall(GSS_REQUEST)
            return Pool.ANSWERS if connection.recv(1) == b"N" else Pool.HANGS
    except ConnectionRefusedError:
        return Pool.ABSENT
    except OSError:
        return Pool.HANGS
