"""What looked at the page: a flatbed that it lies askew on, a camera, a fax, a camera before a screen."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]


def turned(page: Picture, rng: np.random.Generator, *, skew: float, perspective: float, ground: Colour) -> Picture:
    """The page turned by up to `skew` degrees and seen aslant by up to `perspective` of its width, on its ground.

    With perspective the picture shows a margin of the ground around the page.
    """
    import cv2

    high, wide = page.shape[:2]
    angle = np.deg2rad(rng.uniform(0.3, 1) * skew * rng.choice([-1, 1]))
    if not skew and not perspective:
        return page
    margin = 0.02 * wide if perspective else 0.0
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float64)
    middle = corners.mean(0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    seen = (corners - middle) @ turn.T + middle + rng.uniform(-1, 1, (4, 2)) * perspective * wide
    seen = seen - seen.min(0) + margin if perspective else seen
    size = tuple(int(side) for side in np.ceil(seen.max(0) + margin)) if perspective else (wide, high)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    seen = cv2.warpPerspective(
        page, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=ground
    )
    return np.asarray(seen, np.uint8)


def turned_by(page: Picture, degrees: float) -> Picture:
    """The page turned clockwise about its middle by exactly so many degrees, on white."""
    import cv2

    high, wide = page.shape[:2]
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), -degrees, 1.0)
    seen = cv2.warpAffine(page, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return np.asarray(seen, np.uint8)


def curled(page: Picture, rng: np.random.Generator, *, height: float, ground: Colour) -> Picture:
    """The page of an open book from above: it rises by up to `height` of its width towards its spine, at one side, so
    that lines bow away from the middle of the page."""
    import cv2

    high, wide = page.shape[:2]
    rise, reach = height * wide * float(rng.uniform(0.6, 1)), wide * float(rng.uniform(0.25, 0.45))
    far = high * float(rng.uniform(1.3, 1.8))
    across = np.arange(wide, dtype=np.float32)
    above = rise * np.exp(-((across if rng.random() < 0.5 else wide - 1 - across) / reach))
    nearer = (far - above) / far
    x = (across - wide / 2) * nearer + wide / 2
    y = (np.arange(high, dtype=np.float32)[:, None] - high / 2) * nearer[None, :] + high / 2
    seen = cv2.remap(
        page,
        np.broadcast_to(x, (high, wide)).astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=ground,
    )
    return np.asarray(seen, np.uint8)


def photographed_screen(page: Picture, rng: np.random.Generator, *, perspective: float) -> Picture:
    """The page on a screen as a camera sees it: pixels of three colours against the camera's own, which gives moiré,
    the grey of the window around it, a cast of colour and a reflection."""
    import cv2

    wide = round(page.shape[1] * 0.75)
    small = cv2.resize(page, (wide, round(page.shape[0] * 0.75)), interpolation=cv2.INTER_AREA)
    rim = max(1, wide // 30)
    fine = _dots(cv2.copyMakeBorder(small, rim // 2, rim // 2, rim, rim, cv2.BORDER_CONSTANT, value=(82, 86, 89)))
    scale = float(rng.uniform(0.52, 0.6))
    fine = cv2.GaussianBlur(fine, (0, 0), 0.34 / scale)
    seen = cv2.resize(fine, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    seen = turned(seen, rng, skew=1.2, perspective=perspective, ground=(24, 24, 26))
    high, wide = seen.shape[:2]
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    at, reach = rng.uniform(0.2, 0.8, 2) * (wide, high), wide * rng.uniform(0.2, 0.4)
    glare = 30 * np.exp(-(((x - at[0]) ** 2 + (y - at[1]) ** 2) / reach**2))
    cast = np.array([rng.uniform(0.86, 0.95), 0.96, 1.0], np.float32)
    return np.asarray(np.clip(seen * cast + glare[..., None], 0, 255), np.uint8)


def _dots(page: Picture) -> Picture:
    """The page three times as large, each pixel in bright stripes of red, green and blue over a darker row."""
    fine = np.empty((page.shape[0] * 3, page.shape[1] * 3, 3), np.uint8)
    for row in range(3):
        for column in range(3):
            for channel in range(3):
                level = (1.5 if column == channel else 0.62) * (0.7 if row == 2 else 1.0)
                table = np.minimum(np.arange(256) * level, 255).astype(np.uint8)
                fine[row::3, column::3, channel] = table[page[..., channel]]
    return fine


def toned(
    page: Picture, rng: np.random.Generator, *, ink: Literal["colour", "grey", "fax", "dither"], lines: float
) -> Picture:
    """The page in colour, in grey, or in black and white by a threshold or in dots; `lines` is the share of lines that
    a fax sends."""
    import cv2

    if ink == "colour":
        return page
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), np.uint8)
    if ink == "grey":
        return grey
    if lines != 1.0:
        grey = cv2.resize(grey, (grey.shape[1], round(grey.shape[0] * lines)), interpolation=cv2.INTER_AREA)
    if ink == "dither":
        from PIL import Image

        return np.asarray(Image.fromarray(grey).convert("1").convert("L"), np.uint8)
    limit = float(np.percentile(grey, 90)) * float(rng.uniform(0.62, 0.7))
    return np.where(grey > limit, 255, 0).astype(np.uint8)
