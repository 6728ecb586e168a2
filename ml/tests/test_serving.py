"""The hosting contract, over a real socket and a real process."""

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from conftest import ISOLATED, picture


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(model: Path, port: int) -> subprocess.Popen[str]:
    settings = {"SM_MODEL_DIR": str(model), "SAGEMAKER_BIND_TO_PORT": str(port), "PEREGRINE_BIND_HOST": "127.0.0.1"}
    environment = {**os.environ, **settings}
    return subprocess.Popen(
        [sys.executable, *ISOLATED, "serve"], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.fixture
def server(model_folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    process = start(model_folder, port)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            if call(port, "GET", "/ping")[0] == 200:
                break
        except OSError:
            time.sleep(0.02)
    else:
        pytest.fail("the server did not become ready")
    yield process, port
    process.kill()
    process.wait()


def call(port: int, method: str, path: str, body: bytes = b"", content_type: str = "image/png") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, {"Content-Type": content_type})
    answer = connection.getresponse()
    return answer.status, answer.read()


def encoded(suffix: str = ".png") -> bytes:
    return cv2.imencode(suffix, picture(1, 160, 160))[1].tobytes()


def test_images_in_three_forms_give_the_same_detections(server: tuple[subprocess.Popen[str], int]) -> None:
    _, port = server
    in_json = json.dumps({"image": base64.b64encode(encoded()).decode()}).encode()
    answers = [
        call(port, "POST", "/invocations", encoded(), "image/png"),
        call(port, "POST", "/invocations", encoded(".jpg"), "image/jpeg"),
        call(port, "POST", "/invocations", in_json, "application/json; charset=utf-8"),
    ]
    documents = [json.loads(body) for status, body in answers if status == 200]
    assert len(documents) == 3
    for document in documents:
        assert document["image"] == {"w": 160, "h": 160}
        (found,) = document["detections"]
        assert found["name"] == "tree" and found["class"] == 0 and found["confidence"] == 0.9
        assert found["box"] == [55.0, 55.0, 105.0, 105.0]
        assert len(document["model"]["sha256"]) == 64
        assert document["features"]["n_det"] == 1 and document["features"]["luminance_mean"] > 0
        assert document["timing_ms"]["total"] > 0


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"nothing of a picture", "image/jpeg", 400, "NotAnImage"),
        (b"", "image/png", 400, "NotAnImage"),
        (b"1,2,3", "text/csv", 415, "UnsupportedMediaType"),
        (b"{", "application/json", 400, "NotJson"),
        (b"{}", "application/json", 400, "NoImage"),
        (b'{"image": "***"}', "application/json", 400, "NotBase64"),
    ],
)
def test_what_is_no_image_gets_a_clear_refusal(
    model_folder: Path, body: bytes, content_type: str, status: int, code: str
) -> None:
    from peregrine_ml import modelfile
    from peregrine_ml.detector import Detector
    from peregrine_ml.serving import invocation

    with pytest.raises(invocation.Refused) as caught:
        invocation.answer(Detector(modelfile.load(model_folder)), content_type, body)
    assert (caught.value.status, caught.value.code) == (status, code)


def test_refusals_and_wrong_paths_over_http(server: tuple[subprocess.Popen[str], int]) -> None:
    _, port = server
    status, body = call(port, "POST", "/invocations", b"nope", "image/jpeg")
    assert status == 400 and json.loads(body)["error"]["code"] == "NotAnImage"
    assert call(port, "GET", "/elsewhere")[0] == 404
    assert call(port, "GET", "/invocations")[0] == 405
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"POST /invocations HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 413 ")
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"garbage\r\n\r\n")
        assert raw.recv(4096).startswith(b"HTTP/1.1 400 ")
    assert call(port, "GET", "/ping")[0] == 200


def test_chunked_bodies_and_kept_connections_work(server: tuple[subprocess.Popen[str], int]) -> None:
    _, port = server
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    image = encoded()
    for _ in range(2):
        connection.request(
            "POST", "/invocations", iter([image[:100], image[100:]]), {"Content-Type": "image/png"}, encode_chunked=True
        )
        answer = connection.getresponse()
        assert answer.status == 200 and json.loads(answer.read())["detections"]


def test_sigterm_finishes_the_request_under_way(server: tuple[subprocess.Popen[str], int]) -> None:
    process, port = server
    image = encoded()
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(
            f"POST /invocations HTTP/1.1\r\nContent-Type: image/png\r\nContent-Length: {len(image)}\r\n\r\n".encode()
        )
        raw.sendall(image[:50])
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
        raw.sendall(image[50:])
        answer = raw.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200 ") and b"Connection: close" in answer
    assert process.wait(10) == 0


def test_a_broken_model_ends_the_server_with_a_sentence(model_folder: Path) -> None:
    (model_folder / "model.json").write_text("{}")
    process = start(model_folder, free_port())
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 1 and "is no model description" in errors and "Traceback" not in errors


def test_a_taken_port_is_named(model_folder: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = int(holder.getsockname()[1])
        process = start(model_folder, port)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1 and f"Port {port} cannot be used" in errors
