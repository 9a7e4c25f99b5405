"""What paper, light and scanner add to print, taken away: coloured seals, streaks of the feeder, uneven light."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

_COLOURED = 28  # levels between the channels of a pixel from which it is coloured ink
_FADED = 0.55  # of a pixel's colour, added to its lightness
_THIN = 9  # pixels: a streak is narrower
_FAINT = 5  # levels that a streak is darker than its neighbours, at least
_WHOLE = 0.75  # share of the length of the page that a streak shows in, and of its margins
_MARGIN = 0.04  # of the page at either end, where no table is
_SMALL = 8  # times: how much smaller the picture is for finding its light
_DOT, _DOTTED, _DOTS_BLUR = 40, 0.06, 1.1  # levels of a dot; share of pixels in dots (faxes: 0.02); pixels
_DARKEST = 45  # of paper; darker is no paper


def without_dots(colours: Array) -> Array:
    """The picture, blurred where its gray is made of black and white dots, until they are gray again."""
    import cv2

    gray = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)
    dots = float((cv2.absdiff(gray, cv2.medianBlur(gray, 3)) > _DOT).mean())
    return cv2.GaussianBlur(colours, (0, 0), _DOTS_BLUR) if dots > _DOTTED else colours


def cleaned(colours: Array) -> tuple[Array, Array]:
    """(the picture in gray, the same without coloured ink), both under even light and without streaks."""
    import cv2

    gray = cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY)
    ink = _without_colour(colours, gray)
    streaks = _streaks(gray)
    light = _light(gray)
    pale = ink if ink is gray else _evened(_without_streaks(ink, streaks), light)
    even = _evened(_without_streaks(gray, streaks), light)
    return even, even if ink is gray else pale


def _without_colour(colours: Array, gray: Array) -> Array:
    """The picture in gray, coloured pixels as light as the channel that sees them least, and lighter the more colour
    they have: what is black under a seal has little, and stays."""
    import cv2

    red, green, blue = cv2.split(colours)
    most = cv2.max(cv2.max(red, green), blue)
    least = cv2.min(cv2.min(red, green), blue)
    colour = cv2.subtract(most, least)
    coloured = cv2.morphologyEx(colour, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)) > _COLOURED
    if not coloured.any():
        return gray
    about = cv2.dilate(coloured.astype(np.uint8), np.ones((5, 5), np.uint8))
    ink: Array = np.where(about > 0, cv2.addWeighted(most, 1.0, colour, _FADED, 0), gray)
    return ink


def _streaks(gray: Array) -> tuple[Array, Array]:
    """(columns, rows) along which a thin dark streak runs over the whole page, margins included."""
    return _dark_columns(gray), _dark_columns(np.ascontiguousarray(gray.T))


def _dark_columns(gray: Array) -> Array:
    import cv2

    thin = cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, cv2.getStructuringElement(cv2.MORPH_RECT, (_THIN, 1)))
    seen = cv2.dilate((thin > _FAINT).astype(np.uint8), np.ones((1, 3), np.uint8))
    margin = max(round(_MARGIN * gray.shape[0]), 1)
    whole = seen.mean(axis=0) >= _WHOLE
    ends = np.minimum(seen[:margin].mean(axis=0), seen[-margin:].mean(axis=0)) >= _WHOLE
    return np.flatnonzero(whole & ends)


def _without_streaks(gray: Array, streaks: tuple[Array, Array]) -> Array:
    columns, rows = streaks
    if not len(columns) and not len(rows):
        return gray
    mended = gray.copy()
    _mend(mended, columns)
    _mend(mended.T, rows)
    return mended


def _mend(gray: Array, columns: Array) -> None:
    """Each run of columns as light as its neighbours where it is about as dark as in the margins; print stays."""
    margin = max(round(_MARGIN * gray.shape[0]), 1)
    for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
        if not len(run) or len(run) > _THIN:
            continue
        left, right = max(int(run[0]) - 1, 0), min(int(run[-1]) + 1, gray.shape[1] - 1)
        paper = np.maximum(gray[:, [left]], gray[:, [right]])
        darker = paper.astype(np.int16) - gray[:, run]
        usual = np.median(np.concatenate([darker[:margin], darker[-margin:]]), axis=0)
        gray[:, run] = np.where(darker <= 1.6 * usual + 8, paper, gray[:, run])


def _light(gray: Array) -> Array:
    """How light the paper is at each place; 255 where there is none."""
    import cv2

    small = cv2.resize(gray, None, fx=1 / _SMALL, fy=1 / _SMALL, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    paper = cv2.blur(paper, (15, 15))
    paper[paper < _DARKEST] = 255
    light: Array = cv2.resize(paper, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    return light


def _evened(gray: Array, light: Array) -> Array:
    import cv2

    even: Array = cv2.divide(gray, light, scale=250)
    return even
