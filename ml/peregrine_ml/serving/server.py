"""`serve`: SageMaker's hosting contract by asyncio alone.

GET /ping answers 200 once the model is loaded and has run; POST /invocations answers detections. Where a GPU is
demanded and the model would run elsewhere, or the GPU fails again and again, /ping answers 503 and says why: SageMaker
then takes the update back or replaces the instance. On SIGTERM the server stops accepting, finishes what it has
(SageMaker kills 30 s later), and ends with exit code 0. The model loads while the socket already listens: SageMaker
wants a connection within 250 ms and asks /ping again.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from peregrine_ml import gpu, paths
from peregrine_ml.errors import InputError
from peregrine_ml.serving.tally import Tally

MAX_BODY = 25 * 1024 * 1024
"""SageMaker's payload limit of real-time endpoints."""
MAX_HEADER = 32 * 1024
IDLE_SECONDS = 75.0
DRAIN_SECONDS = 25.0
"""Less than the 30 s between SageMaker's SIGTERM and SIGKILL."""


class BadRequest(Exception):
    """Bytes that are no HTTP request we can answer; the connection ends after the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Server:
    """The HTTP server around one detector."""

    def __init__(self) -> None:
        self._detector: Any = None
        self._refusal = ""
        self._health = gpu.Health()
        self._tally = Tally(_log)
        workers = int(os.environ.get("PEREGRINE_WORKERS") or os.cpu_count() or 1)
        # Decoding and inference let go of Python's lock, so threads use all cores.
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="detect")
        self._busy: set[asyncio.Task[None]] = set()
        self._idle: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def run(self, host: str, port: int) -> int:
        """Serve until SIGTERM or SIGINT; the exit code is 1 when the model cannot be loaded or the port is taken."""
        started = time.perf_counter()
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            server = await asyncio.start_server(self._connection, host, port, limit=MAX_HEADER)
        except OSError as error:
            raise InputError(
                f"Port {port} cannot be used: {error.strerror}.", "Free it or set SAGEMAKER_BIND_TO_PORT."
            ) from None
        async with server:
            loading = asyncio.ensure_future(loop.run_in_executor(self._pool, _load))
            stopped = asyncio.ensure_future(stop.wait())
            await asyncio.wait({loading, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if loading.done():
                self._loaded(loading, port, round(time.perf_counter() - started, 3))
            await stopped
            self._stopping = True
            server.close()
            await self._drain()
        self._pool.shutdown(wait=False, cancel_futures=True)
        return 0

    def _loaded(self, loading: asyncio.Future[Any], port: int, seconds: float) -> None:
        try:
            self._detector = loading.result()
        except (gpu.Missing, gpu.Broken) as problem:
            # It goes on listening: /ping then says why, where a process that ended could not.
            self._refusal = " ".join(str(problem).splitlines())
            _log(event="not ready", port=port, reason=self._refusal)
            return
        from peregrine_ml import versions

        _log(event="ready", port=port, seconds=seconds, provider=self._detector.provider,
             versions=versions.of(versions.SERVING), model=self._detector.model.sha256,
             archive=os.environ.get("MODEL_SHA256", ""))  # fmt: skip

    def _unhealthy(self) -> dict[str, Any] | None:
        if self._refusal:
            return _error("NoGpu", self._refusal)
        if not self._detector:
            return _error("ModelNotReady", "The model is still loading.")
        return _error("GpuBroken", self._health.problem) if self._health.problem else None

    async def _drain(self) -> None:
        _log(event="draining", requests=len(self._busy))
        for task in self._idle:
            task.cancel()
        if self._busy:
            await asyncio.wait(set(self._busy), timeout=DRAIN_SECONDS)
        self._tally.flush()
        _log(event="stopped", unfinished=len(self._busy))

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            keep = True
            while keep and not self._stopping:
                self._idle.add(task)
                async with asyncio.timeout(IDLE_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                self._idle.discard(task)
                self._busy.add(task)
                try:
                    keep = await self._request(head, reader, writer)
                finally:
                    self._busy.discard(task)
        except BadRequest as error:
            _write(writer, error.status, {"error": {"code": "BadRequest", "message": str(error)}}, keep=False)
        except asyncio.LimitOverrunError:
            message = f"headers above {MAX_HEADER} bytes"
            _write(writer, 431, {"error": {"code": "BadRequest", "message": message}}, keep=False)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, TimeoutError, ConnectionError):
            pass
        finally:
            self._idle.discard(task)
            self._busy.discard(task)
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                writer.close()
                await writer.wait_closed()

    async def _request(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        method, path, version, headers = _parse(head)
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await _body(headers, reader)
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close" and not self._stopping
        status, document = await self._route(method, path, headers, body)
        _write(writer, status, document, keep)
        await writer.drain()
        return keep

    async def _route(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any] | None]:
        if path == "/ping" and method in {"GET", "HEAD"}:
            problem = self._unhealthy()
            shown = problem or {"provider": self._detector.provider}
            return 503 if problem else 200, None if method == "HEAD" else shown
        if path != "/invocations":
            return 404, _error("NotFound", f"{path} is neither /ping nor /invocations.")
        if method != "POST":
            return 405, _error("MethodNotAllowed", f"/invocations takes POST, not {method}.")
        if not self._detector:
            return 503, self._unhealthy()
        from peregrine_ml.serving import invocation

        loop = asyncio.get_running_loop()
        try:
            content_type = headers.get("content-type", "")
            answer = await loop.run_in_executor(self._pool, invocation.answer, self._detector, content_type, body)
            self._health.answered()
            self._tally.count(answer)
            return 200, answer
        except invocation.Refused as refusal:
            return refusal.status, _error(refusal.code, refusal.message)
        except Exception as error:
            self._health.failed(error)
            _log(event="failed", error=f"{type(error).__name__}: {error}")
            return 500, _error("ModelError", f"{type(error).__name__}: {error}")


def _load() -> Any:
    """Import and load in a thread: the socket listens meanwhile."""
    import cv2

    from peregrine_ml import modelfile
    from peregrine_ml.detector import Detector

    # One thread per request; the pool's threads use the cores.
    cv2.setNumThreads(1)
    return Detector(modelfile.load(paths.model()))


def _parse(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    lines = head.decode("latin-1").split("\r\n")
    try:
        method, target, version = lines[0].split(" ")
        pairs = [line.split(":", 1) for line in lines[1:] if line]
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
    except ValueError:
        raise BadRequest(400, "The bytes are no HTTP request.") from None
    if version not in {"HTTP/1.1", "HTTP/1.0"}:
        raise BadRequest(505, f"{version} is not spoken here.")
    return method, target.split("?", 1)[0], version, headers


async def _body(headers: dict[str, str], reader: asyncio.StreamReader) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return await _chunks(reader)
    text = headers.get("content-length", "0")
    if not text.isdecimal():
        raise BadRequest(400, f"Content-Length {text!r} is no number.")
    length = int(text)
    if length > MAX_BODY:
        raise BadRequest(413, f"The body has {length} bytes; the limit is {MAX_BODY}.")
    async with asyncio.timeout(IDLE_SECONDS):
        return await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    total = 0
    while True:
        try:
            size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        except ValueError:
            raise BadRequest(400, "A chunk's size is no hexadecimal number.") from None
        total += size
        if total > MAX_BODY:
            raise BadRequest(413, f"The body is above {MAX_BODY} bytes.")
        if size == 0:
            while await reader.readuntil(b"\r\n") != b"\r\n":
                pass
            return b"".join(parts)
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)


def _write(writer: asyncio.StreamWriter, status: int, document: dict[str, Any] | None, keep: bool) -> None:
    body = b"" if document is None else json.dumps(document, separators=(",", ":")).encode()
    reason = HTTPStatus(status).phrase
    writer.write(
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n".encode()
        + body
    )


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _log(**facts: Any) -> None:
    print(json.dumps({"time": round(time.time(), 3), **facts}), flush=True)


def main() -> None:
    """The verb: all addresses, the port SageMaker names."""
    text = os.environ.get("SAGEMAKER_BIND_TO_PORT") or "8080"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise InputError(f"SAGEMAKER_BIND_TO_PORT {text!r} is no port.", "Give a number from 1 to 65535.")
    code = asyncio.run(Server().run(os.environ.get("PEREGRINE_BIND_HOST") or "0.0.0.0", int(text)))
    if code:
        sys.exit(code)
