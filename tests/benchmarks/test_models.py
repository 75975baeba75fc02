"""Random models have the sizes of the models that they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from benchmarks.models import build_unet, located


@pytest.mark.parametrize(
    ("name", "parameters"), [("sd15-sized", 859_520_964), ("sdxl-sized", 2_567_463_684)]
)
def test_a_unet_has_as_many_parameters_as_the_published_one(name: str, parameters: int) -> None:
    with torch.device("meta"):
        unet = build_unet(name)
    assert sum(parameter.numel() for parameter in unet.parameters()) == parameters


def test_a_model_that_was_built_is_not_built_again(tmp_path: Path) -> None:
    built = tmp_path / "sd15-sized"
    built.mkdir()
    (built / "model_index.json").write_text("{}")

    assert located("sd15-sized", tmp_path) == str(built)


def test_other_models_are_found_as_everywhere(tmp_path: Path) -> None:
    assert located("shapes", tmp_path) == "shapes"
    assert not any(tmp_path.iterdir())
