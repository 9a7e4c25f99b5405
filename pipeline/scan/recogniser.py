"""The text recogniser and the text detector of RapidOCR, run on onnxruntime from the models inside its wheel.

The models are opened as files of the installed package: nothing of RapidOCR's own code runs, so that nothing can be
fetched. PP-OCR: Du et al., arXiv:2009.09941; recognition by CTC: Graves et al., ICML 2006.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pipeline.errors import UnreadableInput
from pipeline.scan import INSTALL, is_installed

HEIGHT = 48  # pixels: what the recogniser was trained on
_STEP = 8  # pixels of width for each step of its output
_WIDTHS = 32  # crops are padded to a multiple of this many pixels, so that those of about one width go together
_MOST_PIXELS = 6_000  # of width in one batch: bounds the memory
_WIDEST = 3_200  # pixels; a longer line is squeezed
_DIVISOR = 32  # sides that the detector takes are multiples of it

Array = np.ndarray[Any, Any]


class Models(NamedTuple):
    """The loaded sessions and the recogniser's characters; place 0 of the alphabet is the CTC blank."""

    detector: Any
    recogniser: Any
    alphabet: tuple[str, ...]


def threads() -> int:
    """How many threads recognition may use: NIANBAO_THREADS, else OMP_NUM_THREADS, else all cores."""
    for name in ("NIANBAO_THREADS", "OMP_NUM_THREADS"):
        value = os.environ.get(name, "")
        if value.isdigit() and int(value) > 0:
            return int(value)
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def load_models() -> Models:
    """The models, loaded once a process. Raises UnreadableInput `scan_without_text` where the extra is missing."""
    if not is_installed():
        raise UnreadableInput(f"Reading scans needs the extra: {INSTALL}", code="scan_without_text")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other workers need the cores

    def load(task: str) -> Any:
        return onnxruntime.InferenceSession(str(_model_file(task)), options, providers=["CPUExecutionProvider"])

    recogniser = load("rec")
    characters = recogniser.get_modelmeta().custom_metadata_map["character"].splitlines()
    return Models(load("det"), recogniser, ("", *characters, " "))


def _model_file(task: str) -> Path:
    spec = find_spec("rapidocr")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = sorted(path for folder in folders for path in (Path(folder) / "models").glob(f"*_{task}_*.onnx"))
    if not found:
        raise UnreadableInput(
            f"The installed rapidocr brings no {task} model: {INSTALL} --force-reinstall", code="scan_without_text"
        )
    return found[0]


def recognise(crops: Sequence[Array]) -> list[Array]:
    """For each gray crop (dark on light) the probabilities of each step and character, in the order given.

    Crops of about one width go through the recogniser together.
    """
    models = load_models()
    name = models.recogniser.get_inputs()[0].name
    prepared = [_prepared(crop) for crop in crops]
    order = sorted(range(len(crops)), key=lambda at: prepared[at].shape[1])
    found: list[Array] = [np.zeros((0, 0), dtype=np.float32)] * len(crops)
    for batch in _batches(order, prepared):
        width = _padded(prepared[batch[-1]].shape[1])
        stack = np.zeros((len(batch), 3, HEIGHT, width), dtype=np.float32)
        for place, at in enumerate(batch):
            stack[place, :, :, : prepared[at].shape[1]] = (prepared[at].astype(np.float32) / 127.5 - 1)[None]
        outputs = models.recogniser.run(None, {name: stack})[0]
        for place, at in enumerate(batch):
            found[at] = outputs[place]
    return found


def _prepared(crop: Array) -> Array:
    import cv2

    height, width = crop.shape
    wanted = min(max(round(width * HEIGHT / height), 16), _WIDEST)
    way = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC
    scaled: Array = cv2.resize(crop, (wanted, HEIGHT), interpolation=way)
    return scaled


def _padded(width: int) -> int:
    return max(-(-width // _WIDTHS) * _WIDTHS, 2 * _WIDTHS)


def _batches(order: Sequence[int], crops: Sequence[Array]) -> list[list[int]]:
    """The crops, narrowest first, in batches of one padded width."""
    batches: list[list[int]] = []
    for at in order:
        width = _padded(crops[at].shape[1])
        same = bool(batches) and _padded(crops[batches[-1][0]].shape[1]) == width
        if same and (len(batches[-1]) + 1) * width <= _MOST_PIXELS:
            batches[-1].append(at)
        else:
            batches.append([at])
    return batches


def text_map(gray: Array, side: int) -> Array:
    """How sure the detector is that there is text, for each pixel of a gray picture made smaller:
    its shorter side is `side` then."""
    import cv2

    models = load_models()
    height, width = gray.shape
    scale = min(side / min(height, width), 1.0) if min(height, width) > side else 1.0
    wide, high = (max(round(length * scale / _DIVISOR), 1) * _DIVISOR for length in (width, height))
    small = cv2.resize(gray, (wide, high), interpolation=cv2.INTER_AREA)
    batch = np.repeat((small.astype(np.float32) / 127.5 - 1)[None, None], 3, axis=1)
    found: Array = models.detector.run(None, {models.detector.get_inputs()[0].name: batch})[0][0, 0]
    return found
