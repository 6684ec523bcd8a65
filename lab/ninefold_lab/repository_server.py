"""Serves a folder over HTTP/1.1 to apt: `repository_server ADDRESS PORT FOLDER`."""

from __future__ import annotations

import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class _Handler(SimpleHTTPRequestHandler):
    # Apt fetches all its packages over one connection.
    protocol_version = "HTTP/1.1"

    def copyfile(self, source, outputfile) -> None:  # type: ignore[no-untyped-def]
        """The kernel copies: nine nodes fetch at once, and two cores have other things to do."""
        outputfile.flush()
        self.connection.sendfile(source)

    def log_message(self, format: str, *args: object) -> None:
        return


class _Server(ThreadingHTTPServer):
    # Nine nodes connect at the same moment.
    request_queue_size = 64
    daemon_threads = True


def main() -> None:
    address, port, folder = sys.argv[1:]
    handler = functools.partial(_Handler, directory=folder)
    _Server((address, int(port)), handler).serve_forever()


if __name__ == "__main__":
    main()
