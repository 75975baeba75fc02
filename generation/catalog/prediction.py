"""Find out what a model predicts, noise or velocity, where no scheduler_config.json says it.

Single files hold weights alone.  Some say by markers what they were trained for: tensors called
`v_pred` and `ztsnr` (NoobAI XL), metadata of the ModelSpec and of kohya's scripts, or a .yaml file
of the same name beside it, as Stable Diffusion 2 had.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generation.catalog.entries import find
from generation.catalog.file_kinds import STABLE_DIFFUSION_2, UNET, FileKind
from generation.catalog.folder_kinds import read_settings
from generation.catalog.headers import Header, read_floats
from generation.catalog.single_files import identify
from generation.protocol.options import Prediction

CONFIGS: Mapping[Prediction, Mapping[str, Any]] = {
    Prediction.AUTO: {},
    Prediction.EPSILON: {"prediction_type": "epsilon", "rescale_betas_zero_snr": False},
    Prediction.VELOCITY: {"prediction_type": "v_prediction", "rescale_betas_zero_snr": False},
    # Lin et al., arXiv 2305.08891: the schedule ends in pure noise, where sampling must begin.
    Prediction.VELOCITY_ZERO_SNR: {
        "prediction_type": "v_prediction",
        "rescale_betas_zero_snr": True,
        "timestep_spacing": "trailing",
    },
}
"""Settings of the noise schedule by what a model predicts."""

WORDS = {
    Prediction.EPSILON: "noise",
    Prediction.VELOCITY: "velocity",
    Prediction.VELOCITY_ZERO_SNR: "velocity, with zero terminal SNR",
}
"""What a model predicts, for people."""

VELOCITY_WORDS = {"v", "v-prediction", "v_prediction", "vprediction", "vpred", "v_pred", "velocity"}
EPSILON_WORDS = {"epsilon", "eps"}
TRUE_WORDS = {"true", "1"}
MAX_YAML_BYTES = 2**16

VELOCITY_NORM = f"{UNET}output_blocks.11.1.transformer_blocks.0.norm1.bias"
VELOCITY_SPREAD = 0.09
"""Spread of a bias above which a Stable Diffusion 2 predicts velocity, as ComfyUI tells them."""


def prediction_of(name: str, path: Path, host: Prediction) -> Prediction:
    """Return what a model predicts: as the host says, else the catalogue, else its files at `path`.

    name: the model's; host: the host's setting.
    """
    known = find(name)
    for said in (host, known.prediction if known else Prediction.AUTO):
        if said is not Prediction.AUTO:
            return said
    if path.is_file():
        return prediction_of_file(path, *identify(path))
    config = dict(read_settings(path / "scheduler" / "scheduler_config.json"))
    config |= known.scheduler if known else {}
    if config.get("prediction_type") != "v_prediction":
        return Prediction.EPSILON
    ends_in_noise = bool(config.get("rescale_betas_zero_snr"))
    return Prediction.VELOCITY_ZERO_SNR if ends_in_noise else Prediction.VELOCITY


def prediction_of_file(file: Path, header: Header, kind: FileKind) -> Prediction:
    """Return what a single file predicts, by its markers; noise if it has none."""
    ends_in_noise = _ends_in_noise(header)
    velocity = _by_markers(header)
    if velocity is None:
        velocity = _by_yaml(file.with_suffix(".yaml"))
    if velocity is None and kind is STABLE_DIFFUSION_2:
        velocity = _by_spread(file, header)
    if velocity is None:
        velocity = ends_in_noise  # pure noise says nothing to a model that predicts noise
    if not velocity:
        return Prediction.EPSILON
    return Prediction.VELOCITY_ZERO_SNR if ends_in_noise else Prediction.VELOCITY


def _by_markers(header: Header) -> bool | None:
    if "v_pred" in header.tensors:
        return True
    said = {
        header.metadata.get(key, "").strip().lower()
        for key in ("modelspec.prediction_type", "modelspec.predict_key", "prediction_type")
    }
    parameterized = header.metadata.get("ss_v_parameterization", "").strip().lower()
    if said & VELOCITY_WORDS or parameterized in TRUE_WORDS:
        return True
    architecture = header.metadata.get("modelspec.architecture", "").lower()
    if architecture.endswith("-768-v"):
        return True
    return False if said & EPSILON_WORDS else None


def _ends_in_noise(header: Header) -> bool:
    """Return True if it was trained with zero terminal SNR."""
    said = header.metadata.get("ss_zero_terminal_snr", "").strip().lower()
    return "ztsnr" in header.tensors or said in TRUE_WORDS


def _by_yaml(file: Path) -> bool | None:
    """Read the configuration that some programs keep beside a file."""
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_YAML_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"^\s*parameterization:\s*[\"']?(\w+)", text, re.MULTILINE)
    if found is None:
        # Without the line, these configurations mean noise.
        return False if "diffusion" in text and "model:" in text else None
    return found[1].lower() in VELOCITY_WORDS


def _by_spread(file: Path, header: Header) -> bool | None:
    tensor = header.tensors.get(VELOCITY_NORM)
    values = read_floats(file, tensor) if tensor else None
    return statistics.pstdev(values) > VELOCITY_SPREAD if values else None
