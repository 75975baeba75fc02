"""The card of a data set, in both languages, and the sheet of its pictures."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.actions.training.choice import DUPLICATE, REMOVED, SMALL, judged
from bot.actions.training.plans import Plan
from bot.actions.training.preparations import Cost, Preparation, agreement
from bot.jobs.training.contact_sheet import CELL, write_sheet
from bot.views.training.dataset_card import cost_line, dataset_page
from storage.training_records import DESCRIBED, Consent, Dataset, DatasetState
from tests.bot.actions.training.rows import row

PLAN = Plan(method="lora", name="*Rocky*", trigger="rocky", class_word="shape")


def prepared(locale: str = "en-US", plan: Plan = PLAN, **fields: Any) -> Preparation:
    dataset = Dataset(
        id=4,
        server_id=7,
        channel_id=70,
        member_id=1,
        message_id=None,
        locale=locale,
        plan=plan.stored(),
        state=DatasetState.OPEN,
        created_at=0.0,
    )
    pictures = [
        row(0, facts={"width": 512, "height": 768, "sharpness": 0.001}),
        row(1, "0", dropped=DUPLICATE),
        row(2, dropped=SMALL),
        row(3, dropped=REMOVED),
        row(4, member_id=2, facts={"width": 96, "height": 96, "sharpness": 0.5}),
    ]
    consent = Consent(
        dataset_id=4, member_id=1, words="Yes.", locale="en", given_at=0.0, revoked_at=None
    )
    values: dict[str, Any] = {
        "dataset": dataset,
        "plan": plan,
        "pictures": judged(pictures),
        "consents": [consent],
        "missing": [2],
        "cost": Cost(steps=200, seconds=100.0, bytes=33_000_000, side=96),
    }
    return Preparation(**values | fields)


def words(page: Any) -> str:
    """All text on a page."""

    def texts(components: Any) -> list[str]:
        found = []
        for each in components:
            if each.get("type") == 10:
                found.append(each["content"])
            found += texts(each.get("components", ()))
        return found

    return "\n".join(texts(page.to_components()))


def test_it_says_what_there_is_and_what_is_left_out_and_why() -> None:
    said = words(dataset_page(prepared()))

    assert said.splitlines() == [
        r"**\*Rocky\*** · LoRA · being prepared by <@1>",
        "Trigger word: **rocky shape**",
        "2 pictures to train on, out of 5 · 96 × 96 to 512 × 768 pixels",
        "Four or more different pictures work better.",
        "Left out because they are nearly the same as others: 2",
        "Left out because they are too small (the model paints at 96 pixels): 3",
        "Left out as you asked: 4",
        "These look blurred: 1. If they are, leave them out under **Change**.",
        "Consent given by <@1>",
        "Consent still missing from <@2>",
        "If some of the pictures are yours, pressing **I agree** means: “These pictures are mine "
        "to give. I agree that this training uses them. I can take that back at any time with "
        "/privacy.”",
        "200 steps, about 2 minutes if nobody paints in the meantime, up to 33 MB of disk space",
    ]


def test_consent_that_is_missing_comes_before_the_start() -> None:
    asked = prepared()
    for missing, first in ((asked.missing, "dataset-agree"), ((), "dataset-start")):
        page = dataset_page(dataclasses.replace(asked, missing=missing))
        [container] = page.to_components()
        rows = [each["components"] for each in container["components"] if each["type"] == 1]
        buttons = [button for row in rows for button in row]
        assert buttons[0]["custom_id"].startswith(first)
        green = [each["custom_id"] for each in buttons if each["style"] == 3]
        assert green == [buttons[0]["custom_id"]]


def test_it_speaks_the_language_of_who_prepares_it() -> None:
    said = words(dataset_page(prepared("ja")))
    assert "学習に使う画像：5 枚中 2 枚" in said
    assert "同意がまだ：<@2>" in said
    assert agreement(PLAN, "ja").words in said
    assert agreement(PLAN, "ja").words.startswith("提供する権利のある画像です。")


def test_of_one_that_is_over_only_the_consent_can_be_taken_back() -> None:
    for state, buttons in ((DatasetState.USED, 1), (DatasetState.CLOSED, 0)):
        dataset = dataclasses.replace(prepared().dataset, state=state)
        page = dataset_page(prepared(dataset=dataset))
        assert "Rocky" in words(page)
        rows = page.to_components()[1:]
        assert [len(row["components"]) for row in rows] == [1] * buttons


def test_a_taste_says_how_many_ratings_there_are() -> None:
    taste = Plan(method="taste", name="Mine", source="likes", liked=12, disliked=1)
    said = words(dataset_page(prepared(plan=taste)))
    assert "12 liked and 1 disliked. About 40 of each work best." in said
    assert "Trigger word:" not in said


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (Cost(steps=1), "1 step; I'll know how long"),
        (Cost(steps=1000, seconds=5, bytes=1), "1,000 steps, about 1 minute if"),
        (Cost(steps=2, seconds=7000, bytes=3_400_000_000), "117 minutes"),
        (Cost(steps=2, seconds=7000, bytes=3_400_000_000), "up to 3.4 GB"),
    ],
)
def test_the_cost_is_in_words(cost: Cost, said: str) -> None:
    assert said in cost_line("en-US", cost)


def test_the_sheet_shows_pictures_of_every_shape_in_rows(tmp_path: Path) -> None:
    paths = []
    for number, size in enumerate([(1, 1), (900, 20), (20, 900), (96, 96)] * 4, 1):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", size, (200, number, 0)).save(path)
        paths.append((number, path, number % 2 == 0))

    with Image.open(write_sheet(paths, tmp_path / "sheet.jpg")) as sheet:
        assert sheet.format == "JPEG"
        assert sheet.width > 5 * CELL
        assert sheet.height > 4 * CELL


MODEL = dataclasses.replace(PLAN, captions="model")


@pytest.mark.parametrize(
    ("locale", "left", "done", "none"),
    [
        ("en-US", "describing the pictures: 2 are left", "I described 1 picture:", "template: 2."),
        ("ja", "残り 2 枚", "1 枚の説明文を作りました", "使う画像：2。"),
    ],
)
def test_the_card_says_how_far_the_caption_model_is(
    locale: str, left: str, done: str, none: str
) -> None:
    waiting = [row(0), row(1), row(2, member_id=2)]
    card = words(dataset_page(prepared(locale, MODEL, pictures=judged(waiting))))
    assert left in card, "those of member 2, who has not agreed, are not described"
    over = [row(0, caption="a star", facts={DESCRIBED: "a star"}), row(1, facts={DESCRIBED: ""})]
    card = words(dataset_page(prepared(locale, MODEL, pictures=judged(over))))
    assert done in card
    assert none in card
    assert "a star" not in card, "what pictures show is for those who see them"
    card = words(dataset_page(prepared(locale, PLAN, pictures=judged(waiting))))
    assert left not in card
