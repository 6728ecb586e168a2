"""Detection by ONNX Runtime: the one inference path, used by serving and by evaluation alike. No PyTorch."""

import os
import time
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from peregrine_ml import consistency, gpu, tiling
from peregrine_ml.errors import InputError
from peregrine_ml.modelfile import ModelFile

PADDING = 114
"""Grey level around a letterboxed image, as in training."""
SLICE_ABOVE = 1.5
"""An image longer than this many tiles is cut into tiles: shrunk as a whole, its crowns would be a few pixels."""
BATCH = 8

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Detections:
    """Objects found: boxes as x1, y1, x2, y2 in pixels of the image, best first, and where the time went.

    `signals` say how sure the detector was at its own threshold (`consistency`), whatever least score was asked for.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.int64]
    timing_ms: dict[str, float]
    tiles: int = 1
    signals: dict[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True)
class Placement:
    """How an image lies in the network's square input."""

    scale: float
    left: int
    top: int


def letterbox(image: Image, side: int) -> tuple[Image, Placement]:
    """Resize into a square, keeping proportions, centred on grey."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    new_width, new_height = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (side - new_width) // 2, (side - new_height) // 2
    if (new_width, new_height) != (width, height):
        image = cv2.resize(image, (new_width, new_height), interpolation=cv2.INTER_LINEAR)
    if (new_width, new_height) == (side, side):
        return image, Placement(scale, 0, 0)
    canvas = np.full((side, side, 3), PADDING, np.uint8)
    canvas[top : top + new_height, left : left + new_width] = image
    return canvas, Placement(scale, left, top)


def suppress(boxes: NDArray[np.float32], scores: NDArray[np.float32], iou: float) -> NDArray[np.int64]:
    """Non-maximum suppression: indices to keep, best first.

    Greedy: each kept box removes the later ones whose intersection over union with it is above `iou`.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = boxes[order]
    areas = np.maximum(ordered[:, 2] - ordered[:, 0], 0) * np.maximum(ordered[:, 3] - ordered[:, 1], 0)
    alive = np.ones(len(order), bool)
    for index in range(len(order)):
        if not alive[index]:
            continue
        rest = ordered[index + 1 :]
        width = np.minimum(rest[:, 2], ordered[index, 2]) - np.maximum(rest[:, 0], ordered[index, 0])
        height = np.minimum(rest[:, 3], ordered[index, 3]) - np.maximum(rest[:, 1], ordered[index, 1])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        union = areas[index + 1 :] + areas[index] - shared
        alive[index + 1 :] &= shared <= iou * union
    return order[alive]


class Detector:
    """A loaded model.

    Args:
        model: what `modelfile.load` read.
        threads: for one inference; defaults to OMP_NUM_THREADS or 1, since a server scales by requests.

    Raises:
        InputError: an ONNX file that ONNX Runtime refuses, that has weights in other files, or is of another shape than
            model.json says.
        gpu.Missing: a GPU is demanded, and the model would run on the CPU.
    """

    def __init__(self, model: ModelFile, threads: int | None = None) -> None:
        import onnxruntime

        self.model = model
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or int(os.environ.get("OMP_NUM_THREADS") or 1)
        options.inter_op_num_threads = 1
        # Idle threads that spin would take the cores from other containers on the instance.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        available = onnxruntime.get_available_providers()
        providers = [name for name in (gpu.PROVIDER, "CPUExecutionProvider") if name in available]
        demand = gpu.demanded(available)
        try:
            # From bytes: an ONNX file may name other files as its weights, and what they hold would show in answers.
            self._session = onnxruntime.InferenceSession(model.onnx.read_bytes(), options, providers=providers)
        except Exception as error:  # ONNX Runtime's errors share no public base class.
            raise InputError(f"ONNX Runtime refuses {model.onnx.name}: {error}", "Export the model again.") from None
        # Else a fault of the GPU moves the session to the CPU in silence, for good.
        self._session.disable_fallback()
        self.provider: str = self._session.get_providers()[0]
        if demand and self.provider != gpu.PROVIDER:
            raise gpu.Missing(demand, self.provider, available)
        self._input = self._session.get_inputs()[0]
        try:
            self._check_shapes()
        except Exception as error:
            if gpu.is_fault(error):
                raise gpu.Broken(error) from None
            raise

    def _check_shapes(self) -> None:
        """One inference: it allocates what the first request would wait for, and shows the true output shape."""
        side, classes = self.model.imgsz, len(self.model.classes)
        channels = 0
        if list(self._input.shape[1:]) == [3, side, side]:
            channels = self._infer([np.zeros((side, side, 3), np.uint8)]).shape[1]
        if channels != 4 + classes:
            raise InputError(
                f"{self.model.onnx.name} takes {self._input.shape} and gives {channels or 'unknown'} channels; "
                f"model.json says imgsz {side} and {classes} classes.",
                "model.json and model.onnx must come from the same training job.",
            )

    def detect(self, image: Image, confidence: float | None = None) -> Detections:
        """Find objects in a BGR image; one much larger than a training tile is searched tile by tile.

        Args:
            image: height x width x 3, BGR, 8 bits.
            confidence: least score; defaults to the model's own threshold.
        """
        started = time.perf_counter()
        height, width = image.shape[:2]
        least = self.model.thresholds.confidence if confidence is None else confidence
        tile = self.model.tile
        if max(height, width) > SLICE_ABOVE * tile:
            windows = list(tiling.windows(width, height, tile, self.model.overlap))
        else:
            windows = [(0, 0, width, height)]
        prepared = [letterbox(image[top:bottom, left:right], self.model.imgsz) for left, top, right, bottom in windows]
        inferring = time.perf_counter()
        raw = self._infer([square for square, _ in prepared])
        suppressing = time.perf_counter()
        found = [
            self._decode(answer, placement, window, least)
            for answer, (_, placement), window in zip(raw, prepared, windows, strict=True)
        ]
        boxes, scores, classes = (np.concatenate(parts) for parts in zip(*found, strict=True))
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, width)
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, height)
        # Boxes of different classes are moved far apart, so that one pass suppresses within classes only.
        apart = boxes + (classes * (2.0 * max(width, height)))[:, None].astype(np.float32)
        keep = suppress(apart, scores, self.model.thresholds.iou)[: self.model.thresholds.max_detections]
        shown = self.model.thresholds.confidence
        signals = {
            **consistency.of_scores(raw[:, 4:].max(axis=1)),
            **consistency.of_boxes(apart[scores >= shown], apart[keep[scores[keep] >= shown]]),
        }
        ended = time.perf_counter()
        timing = {"pre": inferring - started, "infer": suppressing - inferring, "post": ended - suppressing}
        return Detections(
            boxes[keep], scores[keep], classes[keep], {name: round(s * 1000, 3) for name, s in timing.items()},
            len(windows), signals,
        )  # fmt: skip

    def _infer(self, squares: list[Image]) -> NDArray[np.float32]:
        answers = []
        for start in range(0, len(squares), BATCH):
            # BGR to RGB, channels first, 0 to 1.
            batch = np.stack(squares[start : start + BATCH])[..., ::-1].transpose(0, 3, 1, 2)
            feed = {self._input.name: np.ascontiguousarray(batch, dtype=np.float32) * np.float32(1 / 255)}
            answers.append(self._session.run(None, feed)[0])
        return np.concatenate(answers)

    def _decode(self, answer: NDArray[np.float32], placement: Placement, window: tiling.Window,
                least: float) -> tuple[Any, Any, Any]:  # fmt: skip
        """From cx, cy, w, h and class scores per anchor to corners in the whole image."""
        scores_by_class = answer[4:]
        classes = scores_by_class.argmax(axis=0)
        scores = scores_by_class[classes, np.arange(answer.shape[1])]
        chosen = scores >= least
        cx, cy, w, h = answer[:4, chosen]
        corners = np.stack([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2], axis=1)
        offset = np.array([placement.left, placement.top] * 2, np.float32)
        origin = np.array([window[0], window[1]] * 2, np.float32)
        return (corners - offset) / placement.scale + origin, scores[chosen], classes[chosen]
