"""A taste LoRA from a folder to its file, by each objective, on a tiny model."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from statistics import fmean

import pytest
import torch
from safetensors.torch import load_file

from generation.models.model import Model
from generation.models.noise import chance_of
from generation.protocol.events import Trained
from generation.protocol.problems import Code
from generation.protocol.requests import Source
from generation.protocol.training import Checkpoints, Objective, Recipe, Taste, Train
from generation.requests.refused import Refused
from generation.training.controls import Controls
from generation.training.data.folders import read_folder
from generation.training.loop import TrainingTask
from generation.training.methods import taste
from generation.training.preference.ratings import prior_noise
from generation.training.run import run
from tests.generation.training.preference.rated_folder import (
    ASKED,
    put,
    put_list,
    rated_rounds,
)

RECIPE = Recipe(steps=2, batch=2, rate=1e-3)


def request_of(tmp_path: Path, objective: Objective, recipe: Recipe = RECIPE) -> Train:
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "out").mkdir(exist_ok=True)
    return Train(
        job="job",
        model="tiny",
        method=Taste(objective=objective, rank=2, beta=100.0),
        data=tmp_path / "data",
        out=tmp_path / "out",
        recipe=recipe,
        checkpoints=Checkpoints(every=10, prompts=("a",), sample_steps=1),
    )


def begun(model: Model, request: Train) -> TrainingTask:
    """Prepare a training to its end, and return its task."""
    method, examples = request.method, read_folder(request.data)[0]
    assert isinstance(method, Taste)
    preparing = taste.begin(model, request, method, examples)
    while True:
        try:
            next(preparing)
        except StopIteration as end:
            task: TrainingTask = end.value
            return task


def refused(model: Model, request: Train) -> Code:
    with pytest.raises(Refused) as refusal:
        begun(model, request)
    return refusal.value.problem.code


@pytest.mark.parametrize("objective", Objective)
def test_every_objective_makes_a_lora_and_leaves_the_base_alone(
    model: Model, tmp_path: Path, objective: Objective
) -> None:
    request = request_of(tmp_path, objective)
    rated_rounds(request.data)
    before = {name: tensor.clone() for name, tensor in model.unet.state_dict().items()}

    *_, last = run(model, request, Controls())

    assert isinstance(last, Trained)
    tensors = load_file(last.result)
    assert all(name.startswith("unet.") for name in tensors)
    assert any(tensor.any() for name, tensor in tensors.items() if "lora_B" in name)
    after = model.unet.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


@pytest.mark.parametrize(
    ("objective", "loss"),
    [
        (Objective.KTO, 0.5),
        (Objective.PAIRS, math.log(2)),
        (Objective.PRIOR_PAIRS, math.log(2)),
    ],
)
def test_before_the_first_step_the_model_is_its_own_reference(
    model: Model, tmp_path: Path, objective: Objective, loss: float
) -> None:
    request = request_of(tmp_path, objective)
    rated_rounds(request.data)

    task = begun(model, request)

    assert task.loss(0, chance_of(0, 0)).item() == pytest.approx(loss, abs=1e-4)
    assert fmean(task.validation()) == pytest.approx(loss, abs=1e-4)


def test_pairs_share_timestep_and_noise_unless_each_has_its_own(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    errors = taste.row_errors

    def watched(model: Model, rows: object, timesteps: torch.Tensor, noise: torch.Tensor, levels):
        seen.append((timesteps, noise))
        return errors(model, rows, timesteps, noise, levels)

    monkeypatch.setattr(taste, "row_errors", watched)
    request = request_of(tmp_path, Objective.PAIRS, dataclasses.replace(RECIPE, batch=4))
    rated_rounds(request.data)
    begun(model, request).loss(0, chance_of(0, 0))
    prior = dataclasses.replace(request, method=Taste(objective=Objective.PRIOR_PAIRS, rank=2))
    begun(model, prior).loss(0, chance_of(0, 0))

    for timesteps, noise in seen:
        assert torch.equal(timesteps[:2], timesteps[2:])
        own = noise is not seen[0][1] and noise is not seen[1][1]
        assert torch.equal(noise[:2], noise[2:]) is not own
    noises = [prior_noise(seed, (1, 4, 12, 12))[0] for seed in range(4)]
    assert all(any(torch.equal(row, each) for each in noises) for row in seen[2][1])


def test_what_an_objective_needs_is_said(model: Model, tmp_path: Path) -> None:
    pairs = request_of(tmp_path, Objective.PAIRS)
    kto = request_of(tmp_path, Objective.KTO)
    prior = request_of(tmp_path, Objective.PRIOR_PAIRS)
    names = ("a.png", "b.png")
    source = Source(path=tmp_path / "source.png", digest="0" * 64)
    put(pairs.data, "a.png", seed=1)
    put(pairs.data, "b.png", dataclasses.replace(ASKED, source=source), seed=2)

    put_list(pairs.data, *({"file_name": name, "rating": -1} for name in names))
    assert refused(model, kto) is Code.TRAIN_NO_LIKES
    put_list(pairs.data, *({"file_name": name, "rating": 1} for name in names))
    assert refused(model, kto) is Code.TRAIN_NO_DISLIKES
    votes = zip(names, (1, -1), strict=True)
    rows = [{"file_name": name, "rating": rating} for name, rating in votes]
    put_list(pairs.data, *rows)
    assert refused(model, pairs) is Code.TRAIN_NO_RATED_PAIRS
    put_list(pairs.data, *(row | {"round": 1} for row in rows))
    assert refused(model, prior) is Code.TRAIN_NO_PRIOR_NOISE


def test_prior_pairs_take_pictures_as_they_were_painted(model: Model, tmp_path: Path) -> None:
    """A picture that was flipped did not begin from its noise."""
    request = request_of(tmp_path, Objective.PRIOR_PAIRS)
    rated_rounds(request.data)
    flipped = dataclasses.replace(request, recipe=dataclasses.replace(RECIPE, flip=True))

    losses = [list(begun(model, each).validation()) for each in (request, flipped)]

    assert losses[0] == losses[1] != []
