"""/train: from the form to the start of a training, as the members see it."""

from __future__ import annotations

import asyncio

from bot.actions.asker import Asker
from bot.actions.training.plans import METHODS, SOURCES
from bot.components.training.dataset_forms import Choice, StartForm
from storage.training_records import DatasetState
from tests.bot.commands.training.studio import Studio, drawings, jpeg
from tests.bot.world import World


async def test_pictures_consent_and_a_card_come_of_one_form(world: World, studio: Studio) -> None:
    result = await studio.begin(world.admin, trigger="rocky", files=drawings(4))

    dataset = await studio.newest()
    pictures = await world.store.datasets.pictures(dataset.id)
    [consent] = await world.store.consents.of_dataset(dataset.id)
    assert (dataset.member_id, dataset.channel_id) == (world.admin.id, world.channel.id)
    assert [each.dropped for each in pictures] == [None] * 4
    assert {each.member_id for each in pictures} == {world.admin.id}
    assert all(world.store.files.path(each.digest).is_file() for each in pictures)
    assert consent.words == (
        "These pictures are mine to give. I agree that this training uses them. I can take that "
        "back at any time with /privacy."
    )
    said = await studio.said(dataset.id)
    assert "**Rocky** · LoRA" in said
    assert "Trigger word: **rocky shape**" in said
    assert "4 pictures to train on, out of 4 · 96 × 96 pixels each" in said
    assert f"Consent given by <@{world.admin.id}>" in said
    assert "200 steps" in said
    assert world.pictures(await studio.card(dataset.id)) == 0, "nobody else sees them"
    assert result.ephemeral
    assert "I received your 4 pictures" in world.words(result.response)
    assert world.pictures(result.response) == 1


async def test_start_queues_the_training_once(world: World, studio: Studio) -> None:
    await studio.begin(world.admin)
    dataset = await studio.newest()

    await studio.press(world.admin, "start", dataset.id)

    [training] = await world.store.trainings.of_dataset(dataset.id)
    assert training.request["method"]["kind"] == "lora"
    assert training.request["model"] == "shapes"
    used = await world.store.datasets.get(dataset.id)
    assert used is not None
    assert used.state is DatasetState.USED


async def test_copies_and_small_pictures_are_left_out_and_named(
    world: World, studio: Studio
) -> None:
    [one, two] = drawings(2)
    files = [one, ("again.png", one[1]), ("again.jpg", jpeg(one[1])), two]
    await studio.begin(world.admin, files=files)
    dataset = await studio.newest()
    said = await studio.said(dataset.id)
    assert "2 pictures to train on, out of 4" in said
    assert "nearly the same as others: 2, 3" in said
    assert "Four or more different pictures" in said


async def test_what_is_no_picture_is_named_and_the_rest_is_used(
    world: World, studio: Studio
) -> None:
    files = [*drawings(1), ("notes.txt", b"hello"), ("broken.png", b"\x89PNG\r\n\x1a\nrubbish")]
    result = await studio.begin(world.admin, files=files)
    dataset = await studio.newest()
    assert len(await world.store.datasets.pictures(dataset.id)) == 1
    said = world.words(result.response)
    assert "I couldn't use notes" in said
    assert "I couldn't use broken" in said


async def test_without_any_picture_nothing_is_begun(world: World, studio: Studio) -> None:
    result = await studio.begin(world.admin, files=[("notes.txt", b"hello")])
    assert "I couldn't use notes" in world.words(result.response)
    assert await world.store.datasets.open() == []
    assert world.ours() == []


async def test_without_consent_it_does_not_start_until_it_is_given(
    world: World, studio: Studio
) -> None:
    result = await studio.begin(world.admin, consent=False)
    dataset = await studio.newest()
    assert "You haven't ticked the box" in world.words(result.response)
    assert f"Consent still missing from <@{world.admin.id}>" in await studio.said(dataset.id)

    refused = await studio.press(world.admin, "start", dataset.id)
    assert f"without the consent of <@{world.admin.id}>" in world.words(refused.response)
    assert await world.store.trainings.of_dataset(dataset.id) == []
    other = await studio.press(world.alice, "agree", dataset.id)
    assert "None of these pictures are yours" in world.words(other.response)

    await studio.press(world.admin, "agree", dataset.id)
    [consent] = await world.store.consents.of_dataset(dataset.id)
    assert (consent.member_id, consent.words[:31]) == (
        world.admin.id,
        "These pictures are mine to give",
    )
    assert "I agree" not in await studio.said(dataset.id)
    await studio.press(world.admin, "start", dataset.id)
    assert len(await world.store.trainings.of_dataset(dataset.id)) == 1


async def test_two_presses_of_start_at_once_start_once(world: World, studio: Studio) -> None:
    await studio.begin(world.admin)
    dataset = await studio.newest()
    asker = Asker(
        member_id=world.admin.id,
        server_id=world.guild.id,
        channel_id=world.channel.id,
        locale="en-US",
        manages_server=True,
    )
    start = world.bot.services.datasets.start
    ended = await asyncio.gather(
        *(start(asker, dataset.id) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in ended) == ["Job", *["Refusal"] * 3]
    assert len(await world.store.trainings.of_dataset(dataset.id)) == 1


async def test_the_form_changes_name_words_captions_and_what_is_left_out(
    world: World, studio: Studio
) -> None:
    await studio.begin(world.admin, options={"captions": "own"}, files=drawings(4))
    dataset = await studio.newest()
    assert "These still need captions: 1, 2, 3, 4" in await studio.said(dataset.id)
    refused = await studio.press(world.admin, "start", dataset.id)
    assert "These pictures still need captions: 1, 2, 3, 4" in world.words(refused.response)

    form = await studio.press(world.admin, "change", dataset.id)
    shown = {each["component"]["custom_id"]: each["component"] for each in form.modal["components"]}
    assert shown["captions"]["value"] == "1: \n2: \n3: \n4: "
    await world.admin.submit_modal(
        form,
        {
            "name": "Stone",
            "trigger": "stony",
            "class": "thing",
            "captions": "1: on grass\n2：a stony thing\n4: on sand",
            "left_out": "3",
        },
    )

    pictures = await world.store.datasets.pictures(dataset.id)
    assert [each.caption for each in pictures] == ["on grass", "a stony thing", "", "on sand"]
    assert [each.dropped for each in pictures] == [None, None, "removed", None]
    said = await studio.said(dataset.id)
    assert "**Stone**" in said
    assert "Left out as you asked: 3" in said
    assert "These still need captions" not in said
    await studio.press(world.admin, "start", dataset.id)
    [training] = await world.store.trainings.of_dataset(dataset.id)
    assert (training.request["name"], training.request["trigger"]) == ("Stone", "stony")


async def test_cancel_deletes_the_pictures_and_their_files(world: World, studio: Studio) -> None:
    await studio.begin(world.admin)
    dataset = await studio.newest()
    pictures = await world.store.datasets.pictures(dataset.id)

    await studio.press(world.admin, "cancel", dataset.id)

    assert await world.store.datasets.pictures(dataset.id) == []
    assert not any(world.store.files.path(each.digest).exists() for each in pictures)
    assert "cancelled; the pictures were deleted" in await studio.said(dataset.id)
    assert world.buttons(await studio.card(dataset.id)) == {}


async def test_names_are_taken_once(world: World, studio: Studio) -> None:
    await studio.begin(world.admin, name="Rocky")
    again = await studio.begin(world.admin, name=" ｒｏｃｋｙ ")
    assert "already have a style or a training named" in world.words(again.response)
    assert len(await world.store.datasets.open()) == 1


async def test_dreambooth_asks_for_the_class_and_pairs_for_instructions(
    world: World, studio: Studio
) -> None:
    form = await studio.form(world.admin, "dreambooth")
    fields = {
        each["component"]["custom_id"]: each["component"] for each in form.modal["components"]
    }
    assert fields["class"]["required"]
    assert len(form.modal["components"]) == 5
    refused = await studio.form(world.admin, "edit")
    assert "Only whoever runs me may train a whole model" in world.words(refused.response)


async def test_every_text_of_the_forms_fits_discord(world: World, studio: Studio) -> None:
    for locale in ("en-US", "ja"):
        for method in METHODS:
            for source in SOURCES:
                form = StartForm(locale, Choice(method=method, source=source)).to_dict()
                assert len(form["title"]) <= 45
                assert len(form["components"]) <= 5
                for label in form["components"]:
                    assert len(label["label"]) <= 45
                    assert len(label["description"]) <= 100


async def test_the_card_comes_once_discord_is_back(world: World, studio: Studio) -> None:
    """Nobody has to hand their pictures over twice."""
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=12)
    result = await studio.begin(world.admin)
    assert "I received your 2 pictures" in world.words(result.response)
    dataset = await studio.newest()

    async def posted() -> bool:
        now = await world.store.datasets.get(dataset.id)
        return now is not None and now.message_id is not None

    await world.until(posted)
    assert "**Rocky** · LoRA" in await studio.said(dataset.id)
    assert len(world.ours()) == 1


async def test_a_card_says_what_was_pressed_once_discord_is_back(
    world: World, studio: Studio
) -> None:
    await studio.begin(world.admin)
    dataset = await studio.newest()
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=503, times=12)

    await studio.press(world.admin, "cancel", dataset.id)

    async def closed() -> bool:
        return not world.buttons(await studio.card(dataset.id))

    await world.until(closed)


async def test_where_the_bot_may_not_post_the_member_is_told_and_nothing_is_begun(
    world: World, studio: Studio
) -> None:
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
    result = await studio.begin(world.admin)
    assert "I can't post the training's card here" in world.words(result.response)
    assert await world.store.datasets.open() == []
    result = await studio.begin(world.admin)
    assert "I received your 2 pictures" in world.words(result.response)


async def test_a_card_says_what_was_pressed_once_its_channel_is_open_again(
    world: World, studio: Studio
) -> None:
    await studio.begin(world.admin)
    dataset = await studio.newest()
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=403, code=50001, times=3)
    await studio.press(world.admin, "cancel", dataset.id)

    async def closed() -> bool:
        return not world.buttons(await studio.card(dataset.id))

    await world.until(closed)


async def test_pictures_whose_files_are_gone_are_named_before_the_start(
    world: World, studio: Studio
) -> None:
    await studio.begin(world.admin, files=drawings(3))
    dataset = await studio.newest()
    _, second, _ = await world.store.datasets.pictures(dataset.id)
    world.store.files.path(second.digest).unlink()

    shown = await studio.press(world.admin, "show", dataset.id)
    assert len(shown.response.attachments) == 1
    refused = await studio.press(world.admin, "start", dataset.id)
    assert "The files of these pictures are gone: 2." in world.words(refused.response)

    form = await studio.press(world.admin, "change", dataset.id)
    await world.admin.submit_modal(form, {"name": "Rocky", "class": "shape", "left_out": "2"})
    await studio.press(world.admin, "start", dataset.id)
    await world.done()
    (training,) = await world.store.trainings.of_dataset(dataset.id)
    assert await world.store.styles.of_job(training.job_id) is not None
