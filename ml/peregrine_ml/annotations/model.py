"""The one shape that every annotation format is read into."""

from dataclasses import dataclass, field
from pathlib import Path

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff"})


@dataclass(frozen=True, slots=True)
class Box:
    """An object: class name and corners in pixels of its image, x to the right, y down."""

    label: str
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def area(self) -> float:
        """Pixels squared; 0 for a box without extent."""
        return max(0.0, self.x2 - self.x1) * max(0.0, self.y2 - self.y1)

    def inside(self, left: float, top: float, right: float, bottom: float) -> "Box":
        """The part of the box inside a window, in the window's own coordinates."""
        return Box(
            self.label,
            min(max(self.x1, left), right) - left,
            min(max(self.y1, top), bottom) - top,
            min(max(self.x2, left), right) - left,
            min(max(self.y2, top), bottom) - top,
        )

    def scaled(self, factor: float) -> "Box":
        """The box in an image resized by `factor`."""
        return Box(self.label, self.x1 * factor, self.y1 * factor, self.x2 * factor, self.y2 * factor)


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """An image file and what a person drew on it.

    `boxes` is None for an image that nobody labelled and empty for one that was labelled as background: the first
    must never be trained on, the second is the best cure for false alarms.
    """

    path: Path
    boxes: tuple[Box, ...] | None
    declared_size: tuple[int, int] | None = None
    """Width and height that the annotation file claims, if it does."""
    notes: tuple[str, ...] = field(default=())
    """Remarks of the reader, such as ignored regions."""


def image_files(folder: Path) -> list[Path]:
    """All images below a folder, sorted, so that every run sees the same order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES and path.is_file())
