"""What paper, toner, light and scanner glass do to the picture of a page."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Plane = NDArray[np.float32]


def printed(page: Picture, reverse: Picture, rng: np.random.Generator, *, worn: float, bleed: float) -> Picture:
    """The page as toner leaves it: black is dark grey, thin where `worn`, and the reverse shows through."""
    import cv2

    dark = float(rng.uniform(20, 60))
    level = page.astype(np.float32) * ((255 - dark) / 255) + dark
    if worn:
        patchy = _clouds(rng, page.shape, 14) * 0.7 + _clouds(rng, page.shape, 320) * 0.3
        missing = np.clip((patchy - (1.0 - 0.55 * worn)) * 6, 0, 1)[..., None]
        level += (255 - level) * missing
    if bleed:
        back = cv2.GaussianBlur(np.ascontiguousarray(reverse[:, ::-1]), (0, 0), max(page.shape[1] / 1100, 1.0))
        back = cv2.resize(back, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_AREA)
        level *= 1 - (1 - back.astype(np.float32) / 255) * (0.35 * bleed)
    return _bytes(level)


def on_paper(page: Picture, rng: np.random.Generator, *, texture: float, creases: int) -> Picture:
    """The page on paper of its own tint, with fibres, clouds and folds."""
    tint = np.array([1.0, rng.uniform(0.985, 1.0), rng.uniform(0.95, 0.99)], np.float32) * rng.uniform(0.95, 1.0)
    grain = rng.standard_normal(page.shape[:2], np.float32) * (0.012 * texture)
    sheet = 1 + grain + (_clouds(rng, page.shape, 30) - 0.5) * (0.05 * texture)
    for _ in range(creases):
        sheet *= _crease(rng, page.shape)
    return _bytes(page.astype(np.float32) * sheet[..., None] * tint)


def _crease(rng: np.random.Generator, shape: tuple[int, ...]) -> Plane:
    """A fold across or down the page: a light ridge with a shadow beside it."""
    across = bool(rng.random() < 0.7)
    length, other = (shape[0], shape[1]) if across else (shape[1], shape[0])
    at = length * float(rng.choice([1 / 3, 1 / 2, 2 / 3]) + rng.normal(0, 0.01))
    bend = np.cumsum(rng.normal(0, 0.04, other)).astype(np.float32)
    distance = np.arange(length, dtype=np.float32)[:, None] - at - bend[None, :]
    width = length / 900
    ridge = (
        1 + 0.05 * np.exp(-((distance / width) ** 2)) - 0.22 * np.exp(-(((distance - 2 * width) / (1.6 * width)) ** 2))
    )
    return np.asarray(ridge if across else ridge.T, np.float32)


def lit(page: Picture, rng: np.random.Generator, *, uneven: float, shadow: bool) -> Picture:
    """The page under light that falls off to one side, and under a camera with somebody's shadow on it."""
    if not uneven:
        return page
    high, wide = page.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.meshgrid(
        np.linspace(-1, 1, high, dtype=np.float32), np.linspace(-1, 1, wide, dtype=np.float32), indexing="ij"
    )
    along = x * np.cos(angle) + y * np.sin(angle)
    light = 1 - uneven * 0.35 * np.clip(0.5 + along / 2, 0, 1) ** 1.5
    light -= uneven * 0.12 * _clouds(rng, page.shape, 3)
    if shadow:
        across = x * np.cos(angle + 1.1) + y * np.sin(angle + 1.1)
        light -= 0.3 * uneven / (1 + np.exp(-(across - rng.uniform(0.1, 0.6)) * 14))
    return _bytes(page.astype(np.float32) * light[..., None])


def scratched(page: Picture, rng: np.random.Generator, *, streaks: int, edge: bool) -> Picture:
    """The page with lines that dirt on the glass drags down it, and the dark edge of a lid that was left open."""
    page = page.copy()
    wide = page.shape[1]
    for _ in range(streaks):
        x, width = int(rng.integers(wide // 20, wide - wide // 20)), int(rng.integers(1, 3))
        strength = float(rng.uniform(0.15, 0.5))
        page[:, x : x + width] = (page[:, x : x + width] * (1 - strength)).astype(np.uint8)
    if edge:
        depth = int(wide * rng.uniform(0.005, 0.02))
        fall = np.linspace(0.15, 1, depth, dtype=np.float32)
        if rng.random() < 0.5:
            page[:, :depth] = (page[:, :depth] * fall[None, :, None]).astype(np.uint8)
        else:
            page[-depth:] = (page[-depth:] * fall[::-1, None, None]).astype(np.uint8)
    return page


def blurred(page: Picture, rng: np.random.Generator, *, blur: float, noise: float) -> Picture:
    """The page out of focus by a Gaussian of `blur` pixels, with sensor noise of `noise` grey levels."""
    import cv2

    seen = cv2.GaussianBlur(page, (0, 0), blur) if blur else page
    if not noise:
        return np.asarray(seen, np.uint8)
    grain = rng.standard_normal(page.shape[:2], np.float32) * noise
    return _bytes(seen.astype(np.float32) + grain[..., None])


def _clouds(rng: np.random.Generator, shape: tuple[int, ...], cells: int) -> Plane:
    """Smooth noise from 0 to 1 with about so many clouds across the page."""
    import cv2

    high = max(2, round(cells * shape[0] / shape[1]))
    coarse = rng.random((high, max(2, cells)), np.float32)
    found: Plane = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.clip(found, 0, 1).astype(np.float32)


def _bytes(level: NDArray[np.float32]) -> Picture:
    return np.clip(level, 0, 255).astype(np.uint8)
