"""Moto behind the local cloud, with state that survives a kill.

Moto keeps everything in memory. This launcher wraps its server: each request that changes something is appended to a
journal before it is handled, with a number that seeds moto's source of identifiers and the cloud time it came at. After
a restart the journal is replayed, and every object, key and version has the id and the time stamps it had before.

Started by moto.ts with one JSON argument: {"journal": path or null, "cloudStartMs", "realStartMs", "speed"}. Prints one line
{"port": n, "replayed": n} when it is ready. Ends when its parent does.
"""

from __future__ import annotations

import ctypes
import datetime as datetime_module
import io
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, BinaryIO

#: The exit code for a journal that cannot be read back (moto.ts tells the user what to do).
JOURNAL_UNREADABLE = 3

real_datetime = datetime_module.datetime
real_time = time.time


class CloudClock:
    """The local cloud's time: it may run faster than real time, and stands still at a record's time during a replay."""

    def __init__(self, cloud_start_ms: float, real_start_ms: float, speed: float) -> None:
        self.cloud_start, self.real_start, self.speed = cloud_start_ms / 1000, real_start_ms / 1000, speed
        self.held: float | None = None

    def now(self) -> float:
        if self.held is not None:
            return self.held
        return self.cloud_start + (real_time() - self.real_start) * self.speed


def bind_real_datetime() -> None:
    """
    Lets cryptography meet the real `datetime` first: it keeps the type that it finds at its first use, and takes no instance of another. SNS
    signs what it sends to queues, with a certificate that has dates.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key, name, day = Ed25519PrivateKey.generate(), x509.Name([]), real_datetime(2000, 1, 1)
    x509.CertificateBuilder(name, name, key.public_key(), 1, day, day).sign(key, None)


def install_clock(clock: CloudClock) -> None:
    """Makes moto read the cloud's time. Must run before moto is imported: it binds these names at import."""
    bind_real_datetime()

    class Meta(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real_datetime)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, real_datetime)

    class CloudDatetime(real_datetime, metaclass=Meta):
        @classmethod
        def now(cls, tz: datetime_module.tzinfo | None = None) -> real_datetime:  # type: ignore[override]
            return real_datetime.fromtimestamp(clock.now(), tz)

        @classmethod
        def utcnow(cls) -> real_datetime:  # type: ignore[override]
            return real_datetime.fromtimestamp(clock.now(), datetime_module.UTC).replace(tzinfo=None)

    datetime_module.datetime = CloudDatetime  # type: ignore[misc]
    time.time = clock.now


class Journal:
    """Requests on disk: a line of JSON, then as many raw bytes of body as the line says."""

    def __init__(self, path: str | None) -> None:
        self.path = path
        self.number = 0
        self.file: BinaryIO | None = None

    def read(self) -> Iterable[tuple[dict[str, Any], bytes]]:
        """Yields what was recorded. A record that a kill cut off is removed: its request was never answered."""
        if not self.path:
            return
        if os.path.exists(self.path):
            with open(self.path, "rb") as file:
                good = 0
                while line := file.readline():
                    try:
                        head = json.loads(line)
                        body = file.read(head["length"])
                    except (ValueError, KeyError, TypeError) as error:
                        if not line.endswith(b"\n"):
                            break
                        print(
                            f"{self.path}: record {self.number + 1} at byte {good} is not readable ({error})",
                            file=sys.stderr,
                        )
                        raise SystemExit(JOURNAL_UNREADABLE) from error
                    if len(body) < head["length"]:
                        break
                    good = file.tell()
                    self.number = head["n"]
                    yield head, body
            os.truncate(self.path, good)
        self.file = open(self.path, "ab", buffering=0)

    def append(self, environ: dict[str, str], body: bytes, at: float) -> int:
        self.number += 1
        if self.file:
            head = json.dumps({"n": self.number, "at": at, "environ": environ, "length": len(body)})
            self.file.write(head.encode() + b"\n" + body)
        return self.number


def make_random_per_thread(mock_random: Random) -> None:
    """A read in another thread must not take numbers away from the change that is being handled."""
    local = threading.local()

    def own() -> Random:
        if not hasattr(local, "random"):
            local.random = Random()
        return local.random

    class PerThread(type(mock_random)):  # type: ignore[misc]
        def random(self) -> float:
            return own().random()

        def getrandbits(self, k: int) -> int:
            return own().getrandbits(k)

        def seed(self, *args: Any, **kwargs: Any) -> None:
            own().seed(*args)

    mock_random.__class__ = PerThread


def make_material_repeatable(mock_random: Random) -> None:
    """Upload ids and symmetric keys come from the operating system, curve keys from OpenSSL: from the seeded source they
    survive a restart. RSA keys cannot be derived from a number; after a restart an RSA key has new material."""
    from cryptography.hazmat.primitives.asymmetric import ec

    os.urandom = lambda size: mock_random.randbytes(size)
    ec.generate_private_key = lambda curve, backend=None: ec.derive_private_key(
        1 + mock_random.getrandbits(curve.key_size - 1), curve
    )


def service_of(environ: dict[str, Any]) -> str:
    """The service in a request's credential scope (`.../eu-central-1/kms/aws4_request`), or the empty string."""
    scope = re.search(
        r"/([a-z0-9-]+)(?:/|%2F)aws4_request",
        environ.get("HTTP_AUTHORIZATION", "") or environ.get("QUERY_STRING", "").replace("%2F", "/"),
    )
    return scope.group(1) if scope else ""


class Recorder:
    """WSGI middleware: one change at a time, recorded first; reads side by side."""

    def __init__(
        self, app: Callable[..., Iterable[bytes]], journal: Journal, clock: CloudClock, mock_random: Random
    ) -> None:
        self.app, self.journal, self.clock, self.random = app, journal, clock, mock_random
        self.lock = threading.Lock()
        # The first request to a service makes its backend, which takes numbers too: it is recorded though it may be a read.
        self.touched: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        mutates = environ.pop("HTTP_X_PEREGRINE_MUTATES", "") == "1"
        service = service_of(environ)
        if not mutates and service in self.touched:
            return self.handle(environ, body, start_response)
        with self.lock:
            self.touched.add(service)
            kept = {key: value for key, value in environ.items() if isinstance(value, str)}
            self.random.seed(self.journal.append(kept, body, self.clock.now()))
            return self.handle(environ, body, start_response)

    def replay(self) -> int:
        count = 0
        for head, body in self.journal.read():
            self.clock.held = head["at"]
            self.random.seed(head["n"])
            self.touched.add(service_of(head["environ"]))
            environ = {
                **head["environ"],
                "wsgi.errors": sys.stderr,
                "wsgi.version": (1, 0),
                "wsgi.multithread": True,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }
            self.handle(environ, body, lambda *_: None)
            count += 1
        self.clock.held = None
        return count

    def handle(self, environ: dict[str, Any], body: bytes, start_response: Callable[..., Any]) -> list[bytes]:
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            answer = self.app(environ, start_response)
            try:
                return list(answer)
            finally:
                if hasattr(answer, "close"):
                    answer.close()
        except NotImplementedError as error:
            return self.fail(start_response, "501 Not Implemented", str(error))
        except Exception as error:  # noqa: BLE001 - a fault of moto is told to the caller, not only to the log
            return self.fail(start_response, "500 Internal Server Error", f"{type(error).__name__}: {error}")

    @staticmethod
    def fail(start_response: Callable[..., Any], status: str, message: str) -> list[bytes]:
        body = message.encode()
        start_response(
            status,
            [("content-type", "text/plain"), ("content-length", str(len(body))), ("x-peregrine-fault", "1")],
            sys.exc_info(),
        )
        return [body]


def end_with_parent() -> None:
    """Linux tells a child when its parent dies; elsewhere the closed standard input does."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGKILL)

    def watch() -> None:
        # Unbuffered: a thread that holds the buffer's lock would abort the interpreter when the main thread ends first.
        while os.read(0, 1024):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    options = json.loads(sys.argv[1])
    end_with_parent()
    clock = CloudClock(options["cloudStartMs"], options["realStartMs"], options["speed"])
    install_clock(clock)

    import moto_kms
    import moto_s3
    import moto_sns
    from moto.moto_api._internal import mock_random
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    make_random_per_thread(mock_random)
    make_material_repeatable(mock_random)
    moto_s3.apply()
    moto_kms.apply()
    moto_sns.apply()

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body are two writes: with Nagle's algorithm the second waits 40 ms for an acknowledgement.
        disable_nagle_algorithm = True

        def log_request(self, *_: Any) -> None:
            pass

    recorder = Recorder(
        DomainDispatcherApplication(create_backend_app), Journal(options["journal"]), clock, mock_random
    )
    replayed = recorder.replay()
    server = make_server("127.0.0.1", 0, recorder, threaded=True, request_handler=Handler)
    print(json.dumps({"port": server.server_port, "replayed": replayed}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
