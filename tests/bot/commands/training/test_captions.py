"""Captions by the host's caption model: proposed, shown in private, changed, never waited for."""

from __future__ import annotations

import itertools
import json
import sqlite3

import pytest

from bot.jobs.training.dataset_captions import DatasetCaptions
from bot.settings import Settings
from storage.datasets import Datasets
from storage.training_records import DESCRIBED, Dataset, DatasetPicture
from tests.bot.captions import LINES
from tests.bot.commands.training.studio import Studio, drawings
from tests.bot.world import World


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"captioner": "tiny"})


def say(world: World, *lines: str) -> None:
    """Have the caption model say this, one picture after the other."""
    (world.notes / LINES).write_text("\n".join(lines), "utf-8")


async def pictures(world: World, dataset_id: int) -> list[DatasetPicture]:
    return await world.store.datasets.pictures(dataset_id)


async def captions(world: World, dataset_id: int) -> list[str]:
    return [picture.caption for picture in await pictures(world, dataset_id)]


async def described(world: World, dataset_id: int) -> list[str]:
    """The captions once nothing is under way."""

    async def over() -> bool:
        return not world.bot.services.background.working

    await world.until(over)
    return await captions(world, dataset_id)


async def first_described(world: World, dataset_id: int) -> None:
    """Wait for the caption of the first picture."""

    async def one() -> bool:
        return (await captions(world, dataset_id))[0] != ""

    await world.until(one)


def asked(world: World) -> list[int]:
    """How many pictures each request to the caption model had."""
    path = world.notes / "captioned.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return [int(line.split()[1]) for line in lines]


def trained(world: World) -> list[str]:
    """The captions of the training that began last."""
    line = (world.notes / "trainings.jsonl").read_text().splitlines()[-1]
    found: list[str] = json.loads(line)["captions"]
    return found


def again(world: World, captioner: str | None, seconds: float = 300.0) -> DatasetCaptions:
    """The captions as another run of the bot, with other settings, has them."""
    services = world.bot.services
    return DatasetCaptions(
        store=services.store,
        queue=services.queue,
        actions=services.datasets,
        cards=services.dataset_cards,
        background=services.background,
        captioner=captioner,
        most_seconds=seconds,
        pauses=(0.01,),
    )


def filled(form: object) -> dict[str, str]:
    """What stands in the fields of a form."""
    components = form.modal["components"]  # type: ignore[attr-defined]
    return {
        each["component"]["custom_id"]: each["component"].get("value", "") for each in components
    }


SAID = ("a red star", "a shape on the left", "arafed picture of <@1> a hat hat hat @everyone")
WRITTEN = [
    "rocky shape, a red star",
    "a rocky shape on the left",
    "rocky shape, picture of a hat everyone",
]


async def test_pictures_get_captions_with_the_trigger(world: World, studio: Studio) -> None:
    say(world, *SAID)
    await studio.begin(world.admin, trigger="rocky", files=drawings(3))
    dataset = await studio.newest()
    assert dataset.plan["captions"] == "model"
    assert await described(world, dataset.id) == WRITTEN

    said = await studio.said(dataset.id)
    assert "I described 3 pictures" in said
    assert "a red star" not in said, "what pictures show is not for everyone"
    shown = world.words((await studio.press(world.admin, "show", dataset.id)).response)
    assert "1: rocky shape, a red star" in shown
    assert "3: rocky shape, picture of a hat everyone" in shown
    form = await studio.press(world.admin, "change", dataset.id)
    assert filled(form)["captions"].splitlines() == [
        f"{number}: {caption}" for number, caption in enumerate(WRITTEN, 1)
    ]
    await studio.press(world.admin, "start", dataset.id)
    await world.done()
    assert trained(world) == WRITTEN


async def test_captions_are_changed_and_follow_the_words_unless_they_were(
    world: World, studio: Studio
) -> None:
    say(world, *SAID)
    await studio.begin(world.admin, trigger="rocky", files=drawings(3))
    dataset = await studio.newest()
    await described(world, dataset.id)
    form = await studio.press(world.admin, "change", dataset.id)
    lines = filled(form)["captions"].splitlines()
    changes = {
        "name": "Rocky",
        "trigger": "stony",
        "class": "star",
        "captions": "\n".join([lines[0], "2: mine, of a rocky shape", "3: "]),
        "left_out": "",
    }
    await world.admin.submit_modal(form, changes)
    expected = ["a red stony star", "mine, of a rocky shape", ""]
    assert await described(world, dataset.id) == expected
    assert asked(world) == [3], "what a member took away is not proposed again"
    assert "I described 2 pictures" in await studio.said(dataset.id)


async def test_a_form_that_was_open_meanwhile_takes_no_caption_away(
    world: World, studio: Studio
) -> None:
    say(world, "hold")
    await studio.begin(world.admin, trigger="rocky", files=drawings(2))
    dataset = await studio.newest()
    form = await studio.press(world.admin, "change", dataset.id)
    fields = filled(form)
    assert fields.get("captions", "") == ""
    world.release()
    before = await described(world, dataset.id)
    await world.admin.submit_modal(form, fields)
    assert await described(world, dataset.id) == before == ["rocky shape, a red star"] * 2


async def test_start_does_not_wait_for_captions(world: World, studio: Studio) -> None:
    say(world, "a blue ring", "hold")
    await studio.begin(world.admin, trigger="rocky", files=drawings(3))
    dataset = await studio.newest()

    async def one() -> bool:
        return "" not in (await captions(world, dataset.id))[:1]

    await world.until(one)
    await world.bot.services.dataset_cards.refresh(dataset.id)
    assert "I'm describing the pictures: 2 are left" in await studio.said(dataset.id)
    await studio.press(world.admin, "start", dataset.id)
    await world.done()
    world.release()
    assert trained(world) == ["rocky shape, a blue ring", "a rocky shape", "a rocky shape"]
    assert await described(world, dataset.id) == ["rocky shape, a blue ring", "", ""]
    assert "the training has started" in await studio.said(dataset.id)


async def test_cancelling_ends_the_describing(world: World, studio: Studio) -> None:
    say(world, "hold")
    await studio.begin(world.admin, files=drawings(2))
    dataset = await studio.newest()
    await studio.press(world.admin, "cancel", dataset.id)
    assert await described(world, dataset.id) == []
    assert "cancelled" in await studio.said(dataset.id)


@pytest.mark.parametrize("line", ["fail model", "fail memory", "fail internal", "poison"])
async def test_whatever_goes_wrong_the_rest_uses_the_template(
    world: World, studio: Studio, line: str
) -> None:
    say(world, "a blue ring", line)
    await studio.begin(world.admin, trigger="rocky", files=drawings(3))
    dataset = await studio.newest()
    assert await described(world, dataset.id) == ["rocky shape, a blue ring", "", ""]
    said = await studio.said(dataset.id)
    assert "I couldn't describe these, so they use the template: 2, 3." in said
    assert "I'm describing" not in said
    await studio.press(world.admin, "start", dataset.id)
    await world.done()
    assert trained(world) == ["rocky shape, a blue ring", "a rocky shape", "a rocky shape"]


async def test_a_caption_model_that_takes_too_long_is_given_up(
    world: World, studio: Studio
) -> None:
    say(world, "a blue ring", "hold")
    await studio.begin(world.admin, trigger="rocky", files=drawings(2))
    dataset = await studio.newest()
    await first_described(world, dataset.id)
    await world.bot.services.dataset_captions.end(dataset.id)
    await described(world, dataset.id)
    more = await studio.press(world.admin, "add", dataset.id)
    slow = again(world, "tiny", seconds=0.2)
    world.bot.services.dataset_captions.begin = slow.begin  # type: ignore[method-assign]
    await world.admin.submit_modal(more, {"pictures": drawings(1, seed=7), "consent": True})
    found = await described(world, dataset.id)
    assert found == ["rocky shape, a blue ring", "", ""]
    assert "template: 2, 3." in await studio.said(dataset.id)


async def test_after_a_restart_without_the_model_nothing_waits_for_it(
    world: World, studio: Studio
) -> None:
    say(world, "hold")
    await studio.begin(world.admin, trigger="rocky", files=drawings(2))
    dataset = await studio.newest()
    await world.bot.services.background.end()
    assert [DESCRIBED in each.facts for each in await pictures(world, dataset.id)] == [False] * 2
    await again(world, None).resume()
    assert await described(world, dataset.id) == ["", ""]
    assert "template: 1, 2." in await studio.said(dataset.id)


async def test_after_a_restart_with_the_model_it_goes_on(world: World, studio: Studio) -> None:
    say(world, "a blue ring", "hold")
    await studio.begin(world.admin, trigger="rocky", files=drawings(2))
    dataset = await studio.newest()
    await first_described(world, dataset.id)
    await world.bot.services.background.end()
    world.release()
    await again(world, "tiny").resume()
    assert await described(world, dataset.id) == [
        "rocky shape, a blue ring",
        "rocky shape, a red star",
    ]
    assert asked(world) == [2, 1], "what was described is not described again"


@pytest.mark.usefixtures("expected_faults")
@pytest.mark.parametrize("failing", [1, 2])
async def test_a_disk_that_fails_for_a_moment_ends_no_describing(
    world: World, studio: Studio, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    say(world, "hold")
    await studio.begin(world.admin, trigger="rocky", files=drawings(2))
    dataset = await studio.newest()
    await world.bot.services.background.end()
    world.release()
    read, reads = Datasets.get, itertools.count(1)

    async def get(self: Datasets, dataset_id: int) -> Dataset | None:
        if next(reads) == failing:
            raise sqlite3.OperationalError("disk I/O error")
        return await read(self, dataset_id)

    monkeypatch.setattr(Datasets, "get", get)
    again(world, "tiny").begin(dataset.id)
    assert await described(world, dataset.id) == ["rocky shape, a red star"] * 2
    assert "I described 2 pictures" in await studio.said(dataset.id)


async def test_a_picture_that_is_taken_back_meanwhile_takes_its_caption_along(
    world: World, studio: Studio
) -> None:
    say(world, "hold")
    await studio.begin(world.admin, trigger="rocky", files=drawings(3))
    dataset = await studio.newest()
    gone, *rest = await pictures(world, dataset.id)
    await world.store.datasets.delete_pictures(dataset.id, [gone.id])
    world.release()
    assert await described(world, dataset.id) == ["rocky shape, a red star"] * 2
    assert [each.id for each in await pictures(world, dataset.id)] == [each.id for each in rest]


async def test_only_pictures_of_who_agreed_are_described(world: World, studio: Studio) -> None:
    await studio.begin(world.admin, trigger="rocky", files=drawings(2), consent=False)
    dataset = await studio.newest()
    assert await described(world, dataset.id) == ["", ""]
    assert asked(world) == []
    assert "escrib" not in await studio.said(dataset.id)
    await studio.press(world.admin, "agree", dataset.id)
    assert await described(world, dataset.id) == ["rocky shape, a red star"] * 2


async def test_copies_are_described_as_they_may_take_the_others_place(
    world: World, studio: Studio
) -> None:
    one, two = drawings(2)
    await studio.begin(world.admin, trigger="rocky", files=[one, ("again.png", one[1]), two])
    dataset = await studio.newest()
    assert await described(world, dataset.id) == ["rocky shape, a red star"] * 3
    assert "I described 2 pictures" in await studio.said(dataset.id)


async def test_added_pictures_are_described_too(world: World, studio: Studio) -> None:
    say(world, "hold")
    await studio.begin(world.admin, trigger="rocky", files=drawings(2))
    dataset = await studio.newest()
    form = await studio.press(world.admin, "add", dataset.id)
    await world.admin.submit_modal(form, {"pictures": drawings(2, seed=7), "consent": True})
    world.release()
    assert await described(world, dataset.id) == ["rocky shape, a red star"] * 4
    assert asked(world) == [2, 2]


@pytest.mark.parametrize(
    ("command", "options"),
    [("lora", {"captions": "template"}), ("embedding", {"captions": "own"})],
)
async def test_who_asks_for_something_else_gets_that(
    world: World, studio: Studio, command: str, options: dict[str, str]
) -> None:
    await studio.begin(world.admin, command, options=options, files=drawings(2))
    dataset = await studio.newest()
    assert await described(world, dataset.id) == ["", ""]
    assert asked(world) == []


async def test_dreambooth_uses_the_captions(world: World, studio: Studio) -> None:
    await studio.begin(world.admin, "dreambooth", trigger="rocky", files=drawings(2))
    dataset = await studio.newest()
    await described(world, dataset.id)
    await studio.press(world.admin, "start", dataset.id)
    [training] = await world.store.trainings.of_dataset(dataset.id)
    assert training.request["method"]["instance_prompt"] == ""
    assert training.request["method"]["class_prompt"] == "a shape"
    await world.done()
    assert trained(world) == ["rocky shape, a red star"] * 2


async def test_an_embedding_has_its_token_in_each_caption(world: World, studio: Studio) -> None:
    await studio.begin(world.admin, "embedding", trigger="ink", files=drawings(2))
    dataset = await studio.newest()
    assert await described(world, dataset.id) == ["<ink> shape, a red star"] * 2
