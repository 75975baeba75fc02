"""Plans: names and words as members enter them, and the requests that come of them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from bot.actions.training.plans import (
    METHODS,
    Plan,
    complete,
    file_name_of,
    numbers_in,
    planned,
    trigger_of,
)
from bot.actions.training.requests import new_request, read, written
from bot.errors import Refusal
from generation.protocol.options import ModelCard
from generation.protocol.training import (
    Checkpoints,
    DreamBooth,
    Lora,
    Objective,
    Optimizer,
    RateSchedule,
    Recipe,
    Taste,
    TextualInversion,
    Train,
)
from generation.requests.training import check_training

CARD = ModelCard(
    name="shapes", licence="MIT", width=96, height=96, has_safety_checker=False, device="CPU"
)


def plan(method: str = "lora", **fields: Any) -> Plan:
    return planned(**{"method": method, "name": "Rocky", "class_word": "shape"} | fields)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *((name, "1 to 40 characters") for name in ("", "   ", "a" * 41, "\u202e\x00")),
        *(
            (name, "can't contain")
            for name in ("a:b", "<a", "b>", "ink, oil", "a/b", "#1", "!?", "{a|b}")
        ),
        *((name, "stands for no style") for name in ("none", "NONE", "なし", "標準")),
    ],
)
def test_names_that_no_style_can_have_are_refused(name: str, said: str) -> None:
    """They would mean something else where the style is called."""
    with pytest.raises(Refusal, match=said):
        plan(name=name)


@pytest.mark.parametrize("name", ["  ink   wash ", "ink\u202e wash", "ink \x00wash"])
def test_space_around_a_name_and_characters_that_nobody_sees_go(name: str) -> None:
    assert plan(name=name).name == "ink wash"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("rocky", "rocky"),
        ("", "Rocky"),
        ("(rocky:1.4)", "rocky 1 4"),
        ("<lora:evil:1>", "lora evil 1"),
        ("{a|b}, c", "a b c"),
        ("@everyone\nline", "everyone line"),
        ("いし　ころ", "いし ころ"),
        ("***", "Rocky"),
        ("x" * 60, "x" * 40),
    ],
)
def test_trigger_words_mean_nothing_else_in_a_prompt(given: str, kept: str) -> None:
    assert plan(trigger=given).trigger == kept


def test_an_embeddings_trigger_is_one_new_word() -> None:
    assert plan("embedding", trigger="rocky stone").trigger == "<rocky-stone>"
    assert trigger_of("", "🗿", "embedding") == "<style>"


def test_a_taste_has_no_trigger_and_is_its_members_alone() -> None:
    taste = plan("taste")
    assert (taste.trigger, taste.class_word, taste.scope) == ("", "", "mine")
    assert plan().scope == "private"


def test_dreambooth_needs_a_class() -> None:
    with pytest.raises(Refusal, match="needs a class word"):
        plan("dreambooth", class_word=" <> ")


@pytest.mark.parametrize("steps", [0, -1, 20_001])
def test_impossible_numbers_of_steps_are_refused(steps: int) -> None:
    with pytest.raises(Refusal, match="here can have 1 to 20,000 steps"):
        plan(steps=steps)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model", ["shapes", "sd15"])
def test_every_method_makes_a_request_that_passes_the_rules(
    method: str, model: str, tmp_path: Path
) -> None:
    stored = json.loads(json.dumps(new_request(plan(method, name="ink? wash"), model)))
    request = read(stored, job="7", data=tmp_path, out=tmp_path)
    card = dataclasses.replace(CARD, name=model)

    check_training(request, card, model)

    assert (request.job, request.data, request.model) == ("7", tmp_path, model)
    assert request.recipe.steps


def test_the_same_plan_asks_for_the_same() -> None:
    assert new_request(plan(), "shapes") == new_request(Plan.read(plan().stored()), "shapes")


def test_the_small_model_adapts_more_layers() -> None:
    small = complete(plan(), base("shapes")).method
    large = complete(plan(), base("sd15")).method
    assert (small, large) == (Lora(mlp=True, conv=True), Lora())
    dreambooth = complete(plan("dreambooth"), base("shapes")).method
    assert dreambooth == DreamBooth(
        instance_prompt="a Rocky shape",
        class_prompt="a shape",
        lora=Lora(mlp=True, conv=True),
    )


def test_the_usual_recipe_is_taken_and_steps_may_be_chosen() -> None:
    usual = complete(plan(), base("shapes"))
    assert usual.recipe == Recipe(
        steps=200, rate=2e-3, batch=4, rate_schedule=RateSchedule.COSINE, snr_gamma=None
    )
    short = complete(plan(steps=4), base("shapes"))
    assert (short.recipe.steps, short.checkpoints.every) == (4, 4)


def test_without_dislikes_a_taste_is_learned_from_likes_alone() -> None:
    likes = complete(dataclasses.replace(plan("taste"), liked=5), base("shapes")).method
    both = complete(dataclasses.replace(plan("taste"), liked=5, disliked=2), base("shapes")).method
    assert (likes, both) == (Taste(objective=Objective.LIKED), Taste(objective=Objective.KTO))


def base(model: str) -> Train:
    return Train(job="", model=model, method=Lora(), data=Path(), out=Path())


@pytest.mark.parametrize(
    "method",
    [
        Lora(rank=4, conv=True),
        TextualInversion(token="<a>", vectors=2),
        DreamBooth(class_prompt="a dog", lora=None, text_encoder=True),
        DreamBooth(class_prompt="a dog", lora=Lora(rank=8)),
        Taste(objective=Objective.PRIOR_PAIRS),
    ],
)
def test_requests_are_read_as_they_were_written(method: Any, tmp_path: Path) -> None:
    request = Train(
        job="3",
        model="shapes",
        method=method,
        data=tmp_path / "data",
        out=tmp_path / "out",
        recipe=Recipe(steps=3, optimizer=Optimizer.PRODIGY, rate_schedule=RateSchedule.LINEAR),
        checkpoints=Checkpoints(every=2, prompts=("a", "b")),
        name="rocky",
        trigger="ロッキー",
    )
    stored = written(request)
    assert str(tmp_path) not in json.dumps(stored)
    assert read(stored, job="3", data=tmp_path / "data", out=tmp_path / "out") == request


@pytest.mark.parametrize(
    ("name", "file"),
    [("ink wash", "ink wash"), ("a/b\\c", "a-b-c"), (".hidden", "hidden"), ("...", "style")],
)
def test_files_are_named_after_the_style(name: str, file: str) -> None:
    assert file_name_of(name) == file
    assert len(file_name_of("字" * 40).encode()) <= 96


def test_numbers_are_read_from_a_line() -> None:
    assert numbers_in(" 2, 5、３ 5") == [2, 3, 5]
    assert numbers_in("") == []
    with pytest.raises(Refusal, match="two"):
        numbers_in("two")
