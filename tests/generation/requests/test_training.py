"""Requests to train: what is refused, and what is estimated before they start."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from generation.protocol.events import Stage, TrainProgress
from generation.protocol.options import DenoiserSize, MemoryProfile, ModelCard
from generation.protocol.problems import Code
from generation.protocol.training import (
    Checkpoints,
    DreamBooth,
    EditTraining,
    Finetune,
    Lora,
    Optimizer,
    Recipe,
    Taste,
    TextualInversion,
    Train,
)
from generation.requests.refused import Refused
from generation.requests.training import check_training
from generation.requests.training_estimates import (
    StepTimes,
    check_resources,
    disk_needed,
    memory_needed,
    seconds_needed,
)

CARD = ModelCard(
    name="sd15", licence="MIT", width=512, height=512, has_safety_checker=False, device="cpu"
)
GB = 10**9
PROFILE = MemoryProfile(
    limit=8 * GB, weights=2 * GB, references=0, row=30_000, pixel=3000, states=(), scale=8, tile=256
)
SIZE = DenoiserSize(parameters=860_000_000, features=200_000)


@pytest.fixture
def request_(tmp_path: Path) -> Train:
    return Train(job="1", model="sd15", method=Lora(), data=tmp_path, out=tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"method": TextualInversion(token="<rocky>")},
        {"method": DreamBooth(lora=None, text_encoder=True)},
        {"method": EditTraining()},
        {"method": Taste()},
        {"name": "ロッキー 2"},
        {"recipe": Recipe(steps=1, batch=64, warmup=1, side=1024, snr_gamma=None)},
        {"checkpoints": Checkpoints(every=1, prompts=("x",) * 16, guidance=1.0)},
    ],
)
def test_what_can_be_done_is_accepted(request_: Train, change: dict[str, Any]) -> None:
    check_training(dataclasses.replace(request_, **change), CARD, "sd15")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model": "sdxl"}, "needs the model sdxl, but sd15 is loaded"),
        ({"data": Path("/nowhere")}, "The folder of training pictures /nowhere does not exist"),
        ({"out": Path("/nowhere")}, "The training's output folder /nowhere does not exist"),
        ({"method": Lora(rank=0)}, "rank must be between 1 and 256, not 0."),
        ({"method": Taste(rank=257)}, "rank must be between 1 and 256, not 257."),
        ({"method": Taste(beta=math.nan)}, "beta must be between "),
        (
            {"method": TextualInversion(token="<x>", vectors=9)},
            "vectors must be between 1 and 8, not 9.",
        ),
        ({"method": TextualInversion(token="")}, "The new word must be a single word"),
        ({"method": TextualInversion(token="two words")}, "The new word must be a single word"),
        ({"method": TextualInversion(token="(a:2)")}, "The new word must be a single word"),
        ({"method": DreamBooth(class_pictures=0)}, "class_pictures must be between 1 and 1000"),
        ({"method": DreamBooth(prior_weight=-1)}, "prior_weight must be between 0 and 10"),
        ({"method": DreamBooth(lora=Lora(rank=999))}, "rank must be between 1 and 256"),
        (
            {"method": DreamBooth(class_data=Path("/nowhere"))},
            "The folder of training pictures /nowhere does not exist",
        ),
        ({"method": DreamBooth(text_encoder=True)}, "only be trained together with the whole UNet"),
        ({"method": Finetune(ema_decay=1.0)}, "ema_decay must be between 0 and"),
        ({"method": EditTraining(drop_text=0.5, drop_image=0.5)}, "add up to at most 0.9"),
        ({"recipe": Recipe(steps=0)}, "steps must be between 1 and"),
        ({"recipe": Recipe(batch=65)}, "batch must be between 1 and 64"),
        ({"recipe": Recipe(accumulation=0)}, "accumulation must be between 1 and"),
        ({"recipe": Recipe(rate=0.0)}, "rate must be between"),
        ({"recipe": Recipe(rate=math.inf)}, "rate must be between"),
        ({"recipe": Recipe(steps=10, warmup=11)}, "warmup must be between 0 and 10, not 11."),
        ({"recipe": Recipe(snr_gamma=-5.0)}, "snr_gamma must be between"),
        ({"recipe": Recipe(side=63)}, "side must be between 64 and 1024, not 63."),
        ({"recipe": Recipe(variants=0)}, "variants must be between 1 and 64"),
        ({"recipe": Recipe(seed=-1)}, "seed must be between 0 and"),
        ({"recipe": Recipe(optimizer=Optimizer.ADAMW_8BIT)}, "adamw-8bit needs a GPU"),
        ({"checkpoints": Checkpoints(every=0)}, "every must be between 1 and"),
        ({"checkpoints": Checkpoints(prompts=("x",) * 17)}, "prompts must be between 0 and 16"),
        ({"checkpoints": Checkpoints(prompts=("x" * 1001,))}, "prompts can have up to 1000"),
        ({"checkpoints": Checkpoints(sample_steps=0)}, "sample_steps must be between 1 and 150"),
        ({"checkpoints": Checkpoints(guidance=0.5)}, "guidance must be between 1 and 30"),
        ({"trigger": "x" * 1001}, "trigger can have up to 1000 characters"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    request_: Train, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_training(dataclasses.replace(request_, **change), CARD, "sd15")
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", ".hidden", "a/b", "a\\b", "a\0b", "a\nb", "c:", "x" * 101, "é" * 51],
)
def test_a_name_that_is_none_of_a_file_is_refused(request_: Train, name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_training(dataclasses.replace(request_, name=name), CARD, "sd15")
    assert refused.value.problem.code is Code.TRAIN_RESULT_NAME


def test_what_fits_into_memory_is_accepted(request_: Train) -> None:
    card = dataclasses.replace(CARD, memory=PROFILE)
    check_resources(request_, card, SIZE, memory=8 * GB, disk=GB)


@pytest.mark.parametrize(
    ("change", "memory", "sentence"),
    [
        ({"recipe": Recipe(batch=8)}, 8 * GB, "Use a batch size of 4 with 2 accumulation steps"),
        ({"recipe": Recipe(batch=8)}, 4 * GB, "Use a batch size of 2 with 4 accumulation steps"),
        ({}, 2.8 * GB, "turn on gradient checkpointing"),
        ({}, 2.32 * GB, "Train at 384 × 384 pixels"),
        ({}, 2 * GB, "Use a smaller model, or allow more memory."),
        ({"method": Finetune()}, 8 * GB, "Train a LoRA instead"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(
    request_: Train, change: dict[str, Any], memory: float, sentence: str
) -> None:
    card = dataclasses.replace(CARD, memory=dataclasses.replace(PROFILE, pixel=1))
    with pytest.raises(Refused) as refused:
        check_resources(
            dataclasses.replace(request_, **change), card, SIZE, memory=int(memory), disk=10**12
        )
    assert sentence in str(refused.value)
    assert f"{memory / GB:.2f} GB may be used" in str(refused.value)


def test_without_a_limit_a_whole_model_is_refused_beyond_the_machines_memory(
    request_: Train,
) -> None:
    whole = dataclasses.replace(request_, method=Finetune())
    assert memory_needed(whole, CARD, SIZE) == pytest.approx(6 * 4 * SIZE.parameters)
    with pytest.raises(Refused, match="Train a LoRA instead"):
        check_resources(whole, CARD, SIZE, memory=16 * GB, disk=10**12)
    check_resources(request_, CARD, SIZE, memory=16 * GB, disk=10**12)


def test_a_disk_that_is_too_small_is_said_before_the_start(request_: Train) -> None:
    whole = dataclasses.replace(request_, method=Finetune())
    with pytest.raises(Refused, match=r"only 20\.00 GB are free"):
        check_resources(whole, CARD, SIZE, memory=10**12, disk=20 * GB)
    assert disk_needed(request_, SIZE) < GB // 2


def test_of_whole_models_only_those_that_are_kept_take_room(request_: Train) -> None:
    whole = dataclasses.replace(request_, method=Finetune(ema_decay=0))
    often = dataclasses.replace(whole, checkpoints=Checkpoints(every=1))

    assert disk_needed(often, SIZE) < 10 * 4 * SIZE.parameters


# The time that is left --------------------------------------------------------------------


def test_the_time_left_is_that_of_the_steps_and_checkpoints_to_come() -> None:
    now = [0.0]
    times = StepTimes(10, lambda: now[0])

    def step(number: int, seconds: float) -> float | None:
        now[0] += seconds
        progress = TrainProgress(job="1", stage=Stage.TRAINING, step=number, steps=100)
        return times.timed(progress).seconds_left

    assert step(1, 99) is None
    assert step(2, 2) == pytest.approx(98 * 2)
    for number in range(3, 11):
        step(number, 2)
    times.checkpoint()
    assert step(11, 30) == pytest.approx(89 * 2 + 8 * 30)
    times.forget()  # a pause
    assert step(12, 5000) == pytest.approx(88 * 2 + 8 * 30)
    assert step(100, 2) == 0


def test_other_stages_say_no_time() -> None:
    times = StepTimes(10, lambda: 0.0)
    preparing = TrainProgress(job="1", stage=Stage.PREPARING, step=1, steps=100)
    assert times.timed(preparing) is preparing


def test_more_steps_larger_pictures_and_slower_machines_take_longer(request_: Train) -> None:
    def seconds(card: ModelCard = CARD, **recipe: int) -> float:
        return seconds_needed(dataclasses.replace(request_, recipe=Recipe(**recipe)), card, SIZE)

    usual = seconds(steps=1000)
    assert seconds(steps=2000) == pytest.approx(2 * usual, rel=0.1)
    assert seconds(steps=1000, side=256) == pytest.approx(usual / 4, rel=0.1)
    gpu = dataclasses.replace(CARD, device="NVIDIA A10")
    assert seconds(gpu, steps=1000) == pytest.approx(usual / 500)
    prior = dataclasses.replace(
        request_, method=DreamBooth(class_prompt="a dog"), recipe=Recipe(steps=1000)
    )
    assert seconds_needed(prior, CARD, SIZE) > usual
