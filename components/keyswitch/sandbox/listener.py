"""The HTTP server: on loopback alone, with connections that stay open as AWS's do."""

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

StartResponse = Callable[..., Any]
App = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Server(ThreadedWSGIServer):
    """Knows its open connections, so that they end with it.

    Args:
        port: on loopback; 0: any free one.
        app: what answers.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, port: int, app: App) -> None:
        self.connections: set[socket.socket] = set()
        if port:
            with socket.socket() as probe:  # werkzeug would print and exit where the port is taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        super().__init__("127.0.0.1", port, app, _Handler)

    def server_close(self) -> None:
        """Close the port and every connection."""
        super().server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(MotoRequestHandler):  # type: ignore[misc]  # moto's types are not looked at
    """Keeps connections open, which werkzeug's own handler never does; writes no log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        """Begin to serve a connection."""
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """End it."""
        self.server.connections.discard(self.connection)
        super().finish()

    def run_wsgi(self) -> None:
        """Answer one request."""
        head: list[str] = []

        def begin(status: str, headers: Iterable[tuple[str, str]], *_: object) -> Any:  # noqa: ANN401  (as WSGI has it)
            head.extend([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""])

        # What was not read of a request would be taken for the next one.
        length = self.headers.get("Content-Length", "0")
        is_read = "Transfer-Encoding" not in self.headers and length.isascii() and length.isdigit()
        self.close_connection |= self.command not in ("GET", "POST", "DELETE") or not is_read
        for part in self.server.app(self.make_environ(), begin):
            self.wfile.write("\r\n".join(head).encode("latin-1", "replace") + part)
            head.clear()

    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""
