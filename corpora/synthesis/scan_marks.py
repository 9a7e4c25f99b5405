"""What people put on paper: round red seals, pen strokes, highlighter, punched holes. Each changes the page given."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from corpora.synthesis.fonts import font_file

Picture = NDArray[np.uint8]
Plane = NDArray[np.float32]
_MILLIMETRES = 25.4
_SEAL_WIDTH = 42.0  # millimetres: 国发〔1999〕25号 gives the seals of counties and their offices 4.2 cm
_PENS = ((35, 45, 120), (30, 30, 35), (20, 20, 20), (170, 40, 40))


def seal(page: Picture, rng: np.random.Generator, dpi: int, text: str, strength: float) -> None:
    """A round seal with a star and the text around it, somewhere on the page, its ink uneven."""
    width = round(_SEAL_WIDTH / _MILLIMETRES * dpi)
    ink = _seal_ink(text, width, float(rng.uniform(-20, 20)))
    import cv2

    patches = cv2.resize(rng.random((24, 24), np.float32), (width, width), interpolation=cv2.INTER_CUBIC)
    grain = rng.random((width, width), np.float32)
    ink = ink * np.clip(0.55 + 0.6 * patches - 0.25 * (grain < 0.12), 0, 1) * strength
    high, wide = page.shape[:2]
    x = int(rng.uniform(0.12, 0.88) * wide - width / 2)
    y = int(rng.uniform(0.15, 0.85) * high - width / 2)
    red = (float(rng.uniform(190, 225)), float(rng.uniform(20, 60)), float(rng.uniform(30, 60)))
    _multiply(page, ink, max(0, x), max(0, y), red)


def _seal_ink(text: str, width: int, tilt: float) -> Plane:
    """The coverage of a seal, 0 to 1, drawn large and made small."""
    from PIL import Image, ImageDraw, ImageFont

    size = width * 3
    canvas = Image.new("L", (size, size))
    draw = ImageDraw.Draw(canvas)
    ring = round(size * 0.028)
    draw.ellipse((2, 2, size - 3, size - 3), outline=255, width=ring)
    points = [_polar(size, 0.16 if turn % 2 == 0 else 0.062, -90 + turn * 36) for turn in range(10)]
    draw.polygon(points, fill=255)
    file = font_file("song")
    if file is not None:
        face = ImageFont.truetype(str(file), round(size * min(0.13, 1.45 / max(len(text), 1))))
        spread = min(270.0, 24.0 * len(text))
        for place, letter in enumerate(text):
            share = place / (len(text) - 1) - 0.5 if len(text) > 1 else 0.0
            _letter(canvas, letter, face, size, -90 + share * spread)
    small = canvas.rotate(tilt, resample=Image.Resampling.BICUBIC).resize((width, width), Image.Resampling.LANCZOS)
    return np.asarray(small, np.float32) / np.float32(255)


def _letter(canvas: object, letter: str, face: object, size: int, angle: float) -> None:
    """The letter on the seal's circle, its foot towards the centre."""
    from PIL import Image, ImageDraw

    box = round(size * 0.16)
    piece = Image.new("L", (box, box))
    ImageDraw.Draw(piece).text((box / 2, box / 2), letter, fill=255, font=face, anchor="mm")  # type: ignore[arg-type]
    piece = piece.rotate(-(angle + 90), resample=Image.Resampling.BICUBIC)
    x, y = _polar(size, 0.385, angle)
    canvas.paste(255, (round(x - box / 2), round(y - box / 2)), piece)  # type: ignore[attr-defined]


def _polar(size: int, share: float, degrees: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    return size / 2 + size * share * math.cos(angle), size / 2 + size * share * math.sin(angle)


def stroke(page: Picture, rng: np.random.Generator, dpi: int) -> None:
    """Something written by hand: a name signed, a note of a few characters, a tick, or a ring around something."""
    kind = rng.choice(["name", "note", "tick", "ring"])
    high, wide = page.shape[:2]
    size = dpi * rng.uniform(0.16, 0.3)
    x, y = float(rng.uniform(0.06, 0.9) * wide), float(rng.uniform(0.06, 0.94) * high)
    if kind in ("name", "note"):  # people write where there is room
        x = float(rng.choice([rng.uniform(0.02, 0.06), rng.uniform(0.9, 0.94)]) * wide)
        x = min(x, wide - 4 * size)
    lines = {"name": _name, "note": _note, "tick": _tick, "ring": _ring}[str(kind)](rng, size)
    mask = np.zeros((high, wide), np.uint8)
    pen = max(1, round(dpi / 200 * float(rng.uniform(1.2, 3))))
    import cv2

    for line in lines:
        points = np.round((_smooth(line) + np.array([x, y])) * 16).astype(np.int32)
        cv2.polylines(mask, [points], False, 255, pen, cv2.LINE_AA, 4)
    ink = mask.astype(np.float32) * np.float32(rng.uniform(0.7, 0.95) / 255)
    _multiply(page, ink, 0, 0, _PENS[int(rng.integers(len(_PENS)))])


def _name(rng: np.random.Generator, size: float) -> list[NDArray[np.float64]]:
    steps = np.cumsum(rng.normal(0.45, 0.5, 12)) * size * 0.7
    return [np.stack([steps, rng.normal(0, 0.7, 12) * size], 1)]


def _note(rng: np.random.Generator, size: float) -> list[NDArray[np.float64]]:
    lines = []
    for place in range(int(rng.integers(2, 5))):
        for _ in range(int(rng.integers(4, 9))):
            start = rng.uniform(0, 0.8, 2) * size
            move = (
                (rng.uniform(0.2, 0.8), rng.normal(0, 0.1))
                if rng.random() < 0.5
                else (rng.normal(0, 0.15), rng.uniform(0.2, 0.8))
            )
            end = start + np.array(move) * size
            lines.append(
                np.stack([start, (start + end) / 2 + rng.normal(0, 0.05, 2) * size, end])
                + np.array([place * size * 1.1, 0])
            )
    return lines


def _tick(rng: np.random.Generator, size: float) -> list[NDArray[np.float64]]:
    return [np.array([[0, 0.4], [0.25, 0.8], [1.0, -0.2]]) * size + rng.normal(0, 0.05, (3, 2)) * size]


def _ring(rng: np.random.Generator, size: float) -> list[NDArray[np.float64]]:
    angle = np.linspace(0, 2 * np.pi * 1.08, 14) + rng.uniform(0, 6)
    points = np.stack([np.cos(angle) * 1.2, np.sin(angle) * 0.75], 1)
    return [points * size + rng.normal(0, 0.04, points.shape) * size]


def _smooth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A Catmull-Rom curve through the points."""
    padded = np.vstack([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, 12)[:, None]
    pieces = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        a, b = end - before, 2 * before - 5 * start + 4 * end - after
        c = -before + 3 * start - 3 * end + after
        pieces.append(0.5 * (2 * start + a * t + b * t**2 + c * t**3))
    return np.vstack(pieces)


def highlight(page: Picture, rng: np.random.Generator, dpi: int) -> None:
    """A stroke of yellow, green or pink highlighter along a line."""
    high, wide = page.shape[:2]
    tall, long = round(dpi * 0.2), round(dpi * rng.uniform(0.8, 2.5))
    ink = np.full((tall, long), 0.75, np.float32) * rng.uniform(0.9, 1.0, (tall, 1)).astype(np.float32)
    colours = ((255, 240, 90), (170, 245, 150), (250, 170, 200))
    x, y = int(rng.uniform(0.1, 0.7) * wide), int(rng.uniform(0.1, 0.9) * high)
    _multiply(page, ink, x, y, colours[int(rng.integers(3))])


def punch(page: Picture, rng: np.random.Generator, dpi: int, holes: int) -> None:
    """Holes at the left edge, as binders need them, dark as the lid behind."""
    import cv2

    high = page.shape[0]
    gap = round(80 / _MILLIMETRES * dpi)
    x, middle = round(11 / _MILLIMETRES * dpi), high // 2 + int(rng.normal(0, dpi * 0.05))
    shade = int(rng.integers(30, 110))
    for number in range(holes):
        y = middle + round((number - (holes - 1) / 2) * gap)
        cv2.circle(page, (x, y), round(2.8 / _MILLIMETRES * dpi), (shade,) * 3, -1, cv2.LINE_AA)


def _multiply(page: Picture, ink: Plane, x: int, y: int, colour: tuple[float, ...]) -> None:
    """Lay ink of a colour over the page at the place, as far as it is on the page: what is dark stays dark."""
    part = page[y : y + ink.shape[0], x : x + ink.shape[1]]
    cover = ink[: part.shape[0], : part.shape[1], None]
    shade = 1 - cover * (1 - np.array(colour, np.float32) / 255)
    part[:] = (part * shade).astype(np.uint8)
