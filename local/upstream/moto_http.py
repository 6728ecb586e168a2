"""HTTP in front of moto: connections stay open, and an answer is one write.

Werkzeug's own handler ends the connection after each answer, since it does not know whether the application has read all of
the request, and moto looks through its folders for each request's service. Together they cost as much as what is asked.
The recorder in moto_server.py always reads all of a request.

Imported by moto_server.py after the clock is in place, since it imports moto.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from werkzeug.serving import WSGIRequestHandler

#: Statuses whose answers have neither a body nor its length (RFC 9110, 8.6).
BODYLESS = (204, 304)


class Dispatcher(DomainDispatcherApplication):
    """Moto's services, each found once for its host."""

    def __init__(self, create_app: Callable[..., Any]) -> None:
        super().__init__(create_app)
        self.known: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """The service behind a host name; moto's own answer, which depends on the name alone."""
        if host not in self.known:
            self.known[host] = super().get_backend_for_host(host)
        return self.known[host]


class Handler(WSGIRequestHandler):
    """One connection, request after request."""

    protocol_version = "HTTP/1.1"
    # Written when the answer is whole: headers and body together.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def log_request(self, *_: Any) -> None:
        """Says nothing: the local cloud keeps its own log."""

    def run_wsgi(self) -> None:
        """Hands a request to the application, and answers."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        # A body without a length is not read, so that the next request would begin within it.
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
        self.environ = self.make_environ()
        status, headers = "", list[tuple[str, str]]()
        parts: list[bytes] = []

        def start_response(answered: str, fields: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], None]:
            nonlocal status, headers
            status, headers = answered, fields
            return parts.append

        parts.extend(self.server.app(self.environ, start_response))
        self.answer(status, headers, b"".join(parts))

    def answer(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        """Writes an answer, with its length where the application names none."""
        number, _, reason = status.partition(" ")
        self.send_response(int(number), reason)
        for name, value in headers:
            self.send_header(name, value)
        bodyless = self.command == "HEAD" or int(number) in BODYLESS
        if not bodyless and not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not bodyless:
            self.wfile.write(body)
