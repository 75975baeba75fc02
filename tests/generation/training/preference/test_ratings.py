"""Rated pictures: the list, what our own files say beside it, pairs, and the noise they had."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch

from generation.models.model import Model
from generation.protocol.problems import Code
from generation.protocol.requests import Source
from generation.requests.refused import Refused
from generation.sampling.guidance import Guidance
from generation.sampling.trajectory import Trajectory
from generation.training.data.folders import read_folder
from generation.training.preference.ratings import RatedExample, pairs_of, prior_noise, ratings_of
from tests.generation.sampling.test_trajectory import UNSTEERED
from tests.generation.training.preference.rated_folder import (
    ASKED,
    put,
    put_list,
    rated_rounds,
)


def ratings(folder: Path) -> list[RatedExample]:
    return ratings_of(read_folder(folder)[0])


def refused(folder: Path) -> Code:
    with pytest.raises(Refused) as refusal:
        ratings(folder)
    return refusal.value.problem.code


def test_a_list_that_says_everything(tmp_path: Path) -> None:
    put(tmp_path, "a.png", None)
    put_list(
        tmp_path,
        {"file_name": "a.png", "prompt": "a cat", "seed": 3, "rating": -1, "round": "2", "more": 0},
    )

    [rated] = ratings(tmp_path)

    assert (rated.example.caption, rated.seed, rated.round) == ("a cat", 3, "2")
    assert not rated.liked
    assert rated.size == (96, 96)


def test_our_own_pictures_say_what_the_list_leaves_out(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    put_list(tmp_path, {"file_name": "a.png", "rating": 1})

    [rated] = ratings(tmp_path)

    assert (rated.example.caption, rated.seed, rated.round) == ("a red star", 7, None)
    assert rated.liked


def test_a_picture_that_began_from_another_has_no_prior_noise(tmp_path: Path) -> None:
    source = Source(path=tmp_path / "source.png", digest="0" * 64)
    put(tmp_path, "a.png", dataclasses.replace(ASKED, source=source))
    put_list(tmp_path, {"file_name": "a.png", "rating": 1, "seed": 7})

    assert ratings(tmp_path)[0].seed is None


def test_pictures_without_a_rating_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, "a.png", seed=1)
    put(tmp_path, "b.png", seed=2)
    put_list(tmp_path, {"file_name": "a.png"}, {"file_name": "b.png", "rating": 1})

    assert [each.example.name for each in ratings(tmp_path)] == ["b.png"]


@pytest.mark.parametrize("rating", [2, 0, True, "1"])
def test_a_rating_that_is_none_is_named(tmp_path: Path, rating: Any) -> None:
    put(tmp_path, "a.png")
    put_list(tmp_path, {"file_name": "a.png", "rating": rating})

    with pytest.raises(Refused, match=r"a\.png"):
        ratings(tmp_path)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7", 2**70])
def test_a_seed_that_cannot_be_one_is_not_known(tmp_path: Path, seed: Any) -> None:
    put(tmp_path, "a.png", None)
    put_list(tmp_path, {"file_name": "a.png", "rating": 1, "prompt": "a", "seed": seed})

    assert ratings(tmp_path)[0].seed is None


def test_without_ratings_or_a_prompt_there_is_nothing_to_learn(tmp_path: Path) -> None:
    put(tmp_path, "a.png", None)
    assert refused(tmp_path) is Code.TRAIN_RATINGS_MISSING
    put_list(tmp_path, {"file_name": "a.png", "rating": 1})
    assert refused(tmp_path) is Code.TRAIN_NO_CAPTION


def test_pairs_are_of_one_round(tmp_path: Path) -> None:
    rated = ratings(rated_rounds(tmp_path, 2))
    alone = [dataclasses.replace(each, round=None) for each in rated]

    pairs = {(rated[one].example.name, rated[other].example.name) for one, other in pairs_of(rated)}

    assert pairs == {
        (f"{number}-{one}.png", f"{number}-{other}.png")
        for number in (0, 1)
        for one in (0, 3)
        for other in (1, 2)
    }
    assert not pairs_of(alone)


@pytest.mark.parametrize("sampler", ["euler_a", "ddim"])
def test_the_prior_noise_is_what_a_trajectory_begins_with(model: Model, sampler: str) -> None:
    scheduler = model.scheduler(sampler, 4, 11)
    condition = model.unconditional(96, 96)
    guidance = Guidance(positive=condition, negative=None, scale=1.0, steering=UNSTEERED)
    like = model.empty_latents(96, 96)
    trajectory = Trajectory(model, guidance, scheduler, seed=11, like=like)

    noise = prior_noise(11, model.latent_format.shape(96, 96))

    assert torch.equal(noise * scheduler.init_noise_sigma, trajectory.latents)
