"""The states of references: independent of who reads them, shared, and kept in a budget."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from generation.fabric.reference_cache import (
    NoiseLevel,
    ReferenceCache,
    StateKey,
    Wanted,
    reference_noise,
)
from generation.fabric.steering import RatedImage
from generation.fabric.unet import ReferenceAttention
from generation.images.tensors import digest_of
from generation.models.model import Model
from generation.protocol.events import Finished
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Feedback, Paint, Reference
from tests.generation.loop import Worker, pixels, running
from tests.generation.painted import read_record

A, B, C = (RatedImage(name, 12, 12) for name in "abc")


@pytest.fixture
def states(model: Model) -> ReferenceCache:
    states = ReferenceCache(model, ReferenceAttention(model.unet), budget=2**30)
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        for picture in (A, B, C):
            states.encode(picture, torch.rand((1, 3, 96, 96), generator=generator))
    return states


def at(picture: RatedImage, *timesteps: float) -> list[StateKey]:
    return [StateKey(picture, NoiseLevel(timestep, 0.5)) for timestep in timesteps]


def wanted(*needs: StateKey) -> Wanted:
    return Wanted(pictures={need.picture for need in needs}, needs=set(needs))


def test_noise_is_a_function_of_content_and_timestep() -> None:
    like = torch.empty((1, 4, 12, 12))
    noise = reference_noise("a", 951.0, like=like)
    torch.randn(3)

    assert torch.equal(noise, reference_noise("a", 951.0, like=like))
    assert not torch.equal(noise, reference_noise("a", 950.0, like=like))
    assert not torch.equal(noise, reference_noise("b", 951.0, like=like))
    assert abs(noise.std() - 1) < 0.1


def test_states_do_not_depend_on_the_batch_that_made_them(states: ReferenceCache) -> None:
    states.make(at(A, 900.0))
    [alone] = states.group([(A, 1.0)], NoiseLevel(900.0, 0.5), slice(0, 1)).states
    states.make([*at(B, 500.0, 20.0), *at(A, 900.0), *at(C, 900.0)])
    [in_batch] = states.group([(A, 1.0)], NoiseLevel(900.0, 0.5), slice(0, 1)).states

    assert all(torch.allclose(x, y, atol=1e-4) for x, y in zip(alone, in_batch, strict=True))


def test_only_what_is_missing_is_asked_for(states: ReferenceCache) -> None:
    states.make(at(A, 900.0))

    assert states.missing([*at(A, 900.0, 800.0), *at(B, 900.0), *at(A, 800.0)]) == [
        *at(A, 800.0),
        *at(B, 900.0),
    ]


def test_what_was_read_longest_ago_is_forgotten_first(states: ReferenceCache) -> None:
    states.make([*at(A, 900.0), *at(B, 900.0), *at(C, 900.0)])
    states.group([(A, 1.0)], NoiseLevel(900.0, 0.5), slice(0, 1))
    whole = states.size

    states.shrink(whole - 1, wanted())

    assert (states.knows(A), states.knows(B), states.knows(C)) == (True, False, True)
    assert states.size < whole


def test_what_is_still_wanted_is_never_forgotten(states: ReferenceCache) -> None:
    states.make([*at(A, 900.0, 800.0, 700.0), *at(B, 900.0)])
    ahead = at(A, 800.0, 700.0)

    states.shrink(0, wanted(*ahead))

    assert states.missing(ahead) == []
    assert states.missing(at(A, 900.0)) == at(A, 900.0)
    assert not states.knows(B)


def test_forgetting_everything_leaves_nothing_counted(states: ReferenceCache) -> None:
    states.make([*at(A, 900.0, 800.0), *at(B, 900.0)])
    states.shrink(0, wanted())

    assert states.size == 0


@pytest.fixture(scope="module")
def options(tiny_folder: Path) -> WorkerOptions:
    return WorkerOptions(model=str(tiny_folder), device="cpu", threads=1)


@pytest.fixture(scope="module")
def worker(options: WorkerOptions) -> Iterator[Worker]:
    with running(options) as worker:
        yield worker


@pytest.fixture
def plain(options: WorkerOptions, tmp_path: Path) -> Paint:
    return Paint(job="job", model=options.model, prompt="a star", count=2, steps=4, out=tmp_path)


@pytest.fixture
def red(tmp_path: Path) -> Reference:
    return drawn(tmp_path / "red.png", "red", (96, 96))


@pytest.fixture
def blue(tmp_path: Path) -> Reference:
    return drawn(tmp_path / "blue.png", "blue", (160, 80))


def drawn(path: Path, colour: str, size: tuple[int, int]) -> Reference:
    Image.new("RGB", size, colour).save(path)
    return Reference(path=path, digest=digest_of(path.read_bytes()))


def painted(finished: Finished) -> np.ndarray:
    return np.stack([pixels(picture.path) for picture in finished.pictures])


def test_likes_and_dislikes_change_the_picture(
    worker: Worker, plain: Paint, red: Reference, blue: Reference
) -> None:
    without = painted(worker.paint(plain))
    liked = painted(worker.paint(dataclasses.replace(plain, liked=(red,))))
    disliked = painted(worker.paint(dataclasses.replace(plain, disliked=(blue,))))

    assert np.abs(liked - without).mean() > 0.3
    assert np.abs(disliked - without).mean() > 0.3


@pytest.mark.parametrize("strength", [0.0, 1e-12])
def test_references_that_weigh_next_to_nothing_change_nothing(
    worker: Worker, plain: Paint, red: Reference, strength: float
) -> None:
    without = painted(worker.paint(plain))
    steered = dataclasses.replace(plain, liked=(red,), feedback=Feedback(strength=strength))

    assert np.abs(painted(worker.paint(steered)) - without).max() <= 2


def test_steering_is_the_same_in_company_and_with_cached_states(
    worker: Worker,
    options: WorkerOptions,
    plain: Paint,
    red: Reference,
    blue: Reference,
    tmp_path: Path,
) -> None:
    steered = dataclasses.replace(plain, liked=(red,), disliked=(blue,), scheduler="pndm")
    (tmp_path / "other").mkdir()
    other = dataclasses.replace(
        steered, job="other", liked=(blue, red), disliked=(), seed=9, out=tmp_path / "other"
    )
    with running(options) as fresh:
        alone = painted(fresh.paint(steered))

    for _ in range(2):
        events = worker.events(other, steered)
        [mine] = [e for e in events if isinstance(e, Finished) and e.job == "job"]
        assert np.abs(painted(mine) - alone).max() <= 2


def test_a_small_budget_changes_time_but_not_pictures(
    worker: Worker, options: WorkerOptions, plain: Paint, red: Reference, blue: Reference
) -> None:
    steered = dataclasses.replace(plain, liked=(red, blue), disliked=(blue,))
    with running(dataclasses.replace(options, reference_cache_mb=0)) as tight:
        forgetful = painted(tight.paint(steered))

    assert np.abs(painted(worker.paint(steered)) - forgetful).max() <= 2


def test_without_guidance_dislikes_have_nobody_to_speak_to(
    worker: Worker, plain: Paint, blue: Reference
) -> None:
    unguided = dataclasses.replace(plain, guidance=1.0)
    disliked = worker.paint(dataclasses.replace(unguided, disliked=(blue,)))

    steered, alone = painted(disliked), painted(worker.paint(unguided))
    assert np.abs(steered - alone).max() <= 2
    assert disliked.steering is None


def test_pictures_that_explore_are_painted_without_the_likes(
    worker: Worker, plain: Paint, red: Reference, blue: Reference
) -> None:
    rated = dataclasses.replace(plain, liked=(red,), disliked=(blue,))
    half = dataclasses.replace(rated, feedback=Feedback(explore=0.5))
    gently = Feedback(dislike_scale=half.feedback.dislike_scale / 2)
    without = painted(worker.paint(dataclasses.replace(plain, disliked=(blue,), feedback=gently)))
    whole = painted(worker.paint(dataclasses.replace(rated, feedback=Feedback(explore=0))))
    steered = painted(worker.paint(half))

    assert np.abs(steered[0] - whole[0]).max() <= 2
    assert np.abs(steered[1] - without[1]).max() <= 2
    assert np.abs(steered[0] - without[0]).mean() > 0.3


def test_a_picture_that_explored_names_no_likes(
    worker: Worker, plain: Paint, red: Reference, blue: Reference
) -> None:
    half = dataclasses.replace(
        plain, liked=(red,), disliked=(blue,), feedback=Feedback(explore=0.5)
    )
    first, second = (read_record(made.path) for made in worker.paint(half).pictures if made.path)

    assert first
    assert first["feedback"]["liked"] == [[red.digest, 1.0]]
    assert first["feedback"]["dislike_scale"] == 0.5
    assert second
    assert second["feedback"]["liked"] == []
    assert second["feedback"]["dislike_scale"] == 0.25


def test_a_picture_that_explored_away_from_the_likes_names_them_as_disliked(
    worker: Worker, plain: Paint, red: Reference, blue: Reference
) -> None:
    away = Feedback(explore=0.5, explore_avoid=0.8, explore_guidance=0.5)
    rated = dataclasses.replace(plain, liked=(red,), disliked=(blue,), feedback=away)
    finished = worker.paint(rated)
    _, second = (read_record(made.path) for made in finished.pictures if made.path)
    same = Feedback(start=0.0, end=0.5, dislike_scale=0.8)
    alone = dataclasses.replace(
        plain,
        disliked=(red, blue),
        feedback=same,
        guidance=1 + (plain.guidance - 1) / 2,
        out=plain.out / "alone",
    )
    alone.out.mkdir()

    assert second
    assert second["feedback"]["liked"] == []
    assert second["feedback"]["disliked"] == [[red.digest, 1.0], [blue.digest, 1.0]]
    assert second["feedback"]["dislike_scale"] == 0.8
    assert np.abs(painted(finished)[1] - painted(worker.paint(alone))[1]).max() <= 2


def test_the_strip_shows_the_liked_as_liked_whatever_keeps_away_from_them(
    worker: Worker, plain: Paint, red: Reference, blue: Reference
) -> None:
    strips = []
    for avoid in (0.0, 0.8):
        feedback = Feedback(explore=0.5, explore_avoid=avoid)
        rated = dataclasses.replace(plain, liked=(red,), disliked=(blue,), feedback=feedback)
        finished = worker.paint(rated)
        assert finished.steering
        with Image.open(finished.steering) as strip:
            strips.append(strip.size)
    assert strips[0] == strips[1]


def test_the_strip_shows_what_steered(
    worker: Worker, plain: Paint, red: Reference, blue: Reference
) -> None:
    finished = worker.paint(dataclasses.replace(plain, liked=(red,), disliked=(blue,)))
    unsteered = worker.paint(plain)

    assert finished.steering == plain.out / "steering.png"
    assert unsteered.steering is None
    with Image.open(plain.out / "steering.png") as strip:
        colours = {colour for _, colour in strip.convert("RGB").getcolors(maxcolors=2**16) or ()}
    assert {(255, 0, 0), (0, 0, 255)} <= colours


def test_schedules_that_round_to_one_timestep_share_no_states(states: ReferenceCache) -> None:
    near = [StateKey(A, NoiseLevel(900.0, signal)) for signal in (0.02, 0.03)]
    states.make(near)

    first, second = (
        states.group([(A, 1.0)], need.noise_level, slice(0, 1)).states[0][0] for need in near
    )
    assert not torch.equal(first, second)
