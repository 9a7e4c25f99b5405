"""nianbao: figures out of 政府信息公开工作年度报告, each with its place in the source.

>>> from pipeline import extract, load_model        # doctest: +SKIP
>>> extract("report.pdf", load_model()).to_dict()   # doctest: +SKIP
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from pipeline.version import __version__

__all__ = ["__version__", "extract", "load_model"]


class _Package(ModuleType):
    """This package, in which `extract` is always the function although a module of that name exists as well."""

    def __getattr__(self, name: str) -> Any:
        """`extract` and `load_model`, imported only when asked for: `nianbao --help` must not wait for models."""
        if name in ("extract", "load_model"):
            import importlib

            return getattr(importlib.import_module("pipeline.extract"), name)
        raise AttributeError(f"module 'pipeline' has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "extract" and isinstance(value, ModuleType):  # what `import pipeline.extract` does to its parent
            value = value.extract
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
