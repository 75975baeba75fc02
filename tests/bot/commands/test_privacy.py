"""/privacy: what a member agreed to, taken back by button, from anywhere, by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from bot.actions.training.revocation import ConsentActions
from bot.settings import Settings
from bot.text.training import revocation as text
from bot.views.training.revocation import take_back, take_back_style
from storage.style_records import Style, StyleState
from storage.training_records import Dataset, StyleFate
from tests.bot.sight import Scene
from tests.bot.world import World
from tests.storage.learning import begun, existing, picture_of, places_of, put_together, trained


async def given(world: World, *members: Any, name: str = "rocky") -> Dataset:
    """A data set with a picture and the consent of each member, the first of whom starts it."""
    contents = {member.id: [picture_of(member.id)] for member in members}
    return await put_together(
        world.store, contents, name=name, server=world.guild.id, channel=world.channel.id
    )


async def of_both(world: World) -> tuple[Dataset, Style]:
    """A style of alice's that was trained on her pictures and bob's."""
    dataset = await given(world, world.alice, world.bob)
    return dataset, await trained(world.store, dataset)


async def privacy(world: World, member: Any, *, of: str | None = None) -> Any:
    return await member.slash(world.channel, "privacy", **({} if of is None else {"member": of}))


def told(world: World) -> list[str]:
    return [world.words(message) for message in world.ours()]


async def at_rest(world: World) -> None:
    """Wait until every revocation is seen through; nobody trains here."""

    async def over() -> bool:
        return not world.bot.services.background.working

    await world.until(over)
    assert await world.store.revocations.open() == []


async def test_it_lists_what_a_member_agreed_to(world: World) -> None:
    await given(world, world.alice, world.bob)
    await given(world, world.bob, name="*stone*")

    page = await privacy(world, world.bob)
    assert page.ephemeral
    words = world.words(page.response)
    assert "**rocky** · 1 picture · Studio" in words
    assert "**\\*stone\\*** · 1 picture" in words
    assert f"> I, {world.bob.id}, agree." in words
    assert words.index("stone") < words.index("rocky"), "the newest first"
    assert set(world.buttons(page.response)) == {"revoke:1", "revoke:2", "revoke-all:0"}

    page = await privacy(world, world.mod)
    assert world.words(page.response) == text.NONE("en")


async def test_what_was_cancelled_before_it_began_is_over(world: World) -> None:
    dataset = await given(world, world.bob)
    await world.store.datasets.close(dataset.id)

    page = await privacy(world, world.bob)
    assert world.words(page.response) == text.NONE("en")


async def test_many_are_on_several_pages(world: World) -> None:
    for number in range(10):
        await given(world, world.bob, name=f"name {number}")

    page = await privacy(world, world.bob)
    assert [f"revoke:{each}" in world.buttons(page.response) for each in (10, 3, 2)] == [
        *(True, True, False)
    ]
    page = await world.bob.click(page.response, custom_id="privacy:8")
    assert set(world.buttons(page.response)) == {
        "revoke:1",
        "revoke:2",
        "privacy:0",
        "revoke-all:0",
    }


async def test_asked_first_then_taken_back_and_others_are_told_without_a_name(
    world: World, settings: Any
) -> None:
    dataset, style = await of_both(world)
    page = await privacy(world, world.bob)

    asked = await world.bob.click(page.response, custom_id=f"revoke:{dataset.id}")
    words = world.words(asked.response)
    assert "This deletes your picture" in words
    assert "**rocky** can't be used until it has been retrained" in words
    assert (await existing(world.store, style.id)).state is StyleState.READY, "not yet"
    kept = await world.bob.click(asked.response, custom_id="privacy:0")
    assert f"revoke:{dataset.id}" in world.buttons(kept.response)
    asked = await world.bob.click(kept.response, custom_id=f"revoke:{dataset.id}")
    done = await world.bob.click(asked.response, custom_id=f"revoke-now:{dataset.id}")
    await at_rest(world)

    assert "Your consent was taken back" in world.words(done.response)
    assert (await existing(world.store, style.id)).state is StyleState.WITHDRAWN
    assert places_of(settings.data_dir, picture_of(world.bob.id)) == []
    [message] = told(world)
    assert f"<@{world.alice.id}>: a contributor took back their consent" in message
    assert "**rocky** is being retrained" in message
    assert str(world.bob.id) not in message
    page = await privacy(world, world.bob)
    assert world.words(page.response) == text.NONE("en")


async def test_from_direct_messages_without_grant_and_after_leaving(world: World) -> None:
    dataset, style = await of_both(world)
    await world.store.training_rights.grant(world.guild.id, granted=False)
    user = world.bob.user
    world.guild.remove_member(world.bob)

    page = await user.slash("privacy")
    asked = await user.click(page.response, custom_id=f"revoke:{dataset.id}")
    assert "**rocky** will be deleted" in world.words(asked.response), "nobody may train it anew"
    await user.click(asked.response, custom_id=f"revoke-now:{dataset.id}")
    await at_rest(world)

    assert await world.store.styles.get(style.id) is None


async def test_everything_at_once(world: World) -> None:
    await of_both(world)
    await begun(world.store, await given(world, world.bob, name="stone"))
    page = await privacy(world, world.bob)

    asked = await world.bob.click(page.response, custom_id="revoke-all:0")
    assert "This deletes your 2 pictures" in world.words(asked.response)
    assert "The training of **stone** will be cancelled" in world.words(asked.response)
    await world.bob.click(asked.response, custom_id="revoke-all-now:0")
    await at_rest(world)

    assert await world.store.consents.missing(1) == []
    assert [each.stands for each in await world.store.consents.of_member(world.bob.id)] == [
        *(False, False)
    ]
    assert len(told(world)) == 1, "bob started the other one himself"


async def test_forged_buttons_do_nothing(scene: Scene) -> None:
    world = scene.world
    dataset, style = await of_both(world)
    mod = scene.asker(world.mod, "#pictures")
    nothing = text.NOTHING_OF_YOURS("en")
    ids = (dataset.id, 0, 99, 10**30, "x")
    for verb in ("revoke", "revoke-now"):
        for about in ids:
            answer = await scene.press(mod, f"{verb}:{about}")
            assert scene.answer(answer) == nothing, (verb, about)
    for custom_id in (f"revoke-style:{style.id}", "revoke-style:99", "revoke-all:0"):
        assert scene.answer(await scene.press(mod, custom_id)) == nothing
    assert scene.answer(await scene.press(mod, "revoke-all-now:0")) == nothing
    for verb in ("revoke-for", "revoke-for-now"):
        answer = await scene.press(mod, f"{verb}:{world.bob.id}")
        assert scene.answer(answer) == text.HOSTS_ONLY("en")
    for about in (style.id, 99):
        answer = await scene.press(mod, f"retrain:{about}")
        assert scene.answer(answer) == text.NOTHING_TO_RETRY("en")

    assert await existing(world.store, style.id) == style
    assert len(await world.store.datasets.pictures(dataset.id)) == 2


async def test_buttons_of_cards_ask_in_private(scene: Scene) -> None:
    world = scene.world
    dataset, style = await of_both(world)
    bob = scene.asker(world.bob, "#pictures")

    for button in (take_back(dataset.id, "en"), take_back_style(style.id, "en")):
        asked = await scene.press(bob, button.custom_id or "")
        assert asked.ephemeral
        assert set(world.buttons(asked.response)) == {f"revoke-now:{dataset.id}", "privacy:0"}


async def test_the_host_acts_for_a_member_who_asks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, style = await of_both(world)
    refused = await privacy(world, world.mod, of=str(world.bob.id))
    assert world.words(refused.response) == text.HOSTS_ONLY("en")
    monkeypatch.setattr(world.bot.services.rules, "_hosts", frozenset([world.mod.id]))

    unread = await privacy(world, world.mod, of="bob")
    assert "isn't a member's id" in world.words(unread.response)
    page = await privacy(world, world.mod, of=f"<@{world.bob.id}>")
    assert f"What <@{world.bob.id}> agreed to" in world.words(page.response)
    asked = await world.mod.click(page.response, custom_id=f"revoke-for:{world.bob.id}")
    await world.mod.click(asked.response, custom_id=f"revoke-for-now:{world.bob.id}")
    await at_rest(world)

    assert (await existing(world.store, style.id)).state is StyleState.WITHDRAWN
    assert [each.member_id for each in await world.store.datasets.pictures(dataset.id)] == [
        world.alice.id
    ]


async def test_styles_are_deleted_if_the_host_wants_that(world: World, settings: Settings) -> None:
    dataset, style = await of_both(world)
    services = world.bot.services
    consents = ConsentActions(
        settings=settings.model_copy(update={"revoked_styles": "delete"}),
        store=world.store,
        queue=world.parts.queue,
        rules=services.rules,
        training_rules=services.training_rules,
    )
    [revoked] = await consents.take_back(world.bob.id, dataset.id)

    assert [each.fate for each in revoked.outcomes] == [StyleFate.DELETED]
    assert await world.store.styles.get(style.id) is None


async def test_pressed_twice_it_is_taken_back_once(world: World) -> None:
    dataset, _ = await of_both(world)
    asked = []
    for _ in range(2):
        page = await privacy(world, world.bob)
        asked.append(await world.bob.click(page.response, custom_id=f"revoke:{dataset.id}"))
    answers = [
        await world.bob.click(each.response, custom_id=f"revoke-now:{dataset.id}") for each in asked
    ]
    await at_rest(world)

    assert world.words(answers[1].response) == text.NOTHING_OF_YOURS("en")
    assert len(told(world)) == 1
    assert len(await world.store.jobs.pending()) == 1


async def test_a_style_that_cannot_be_made_anew_is_said_once_and_tried_again(scene: Scene) -> None:
    world = scene.world
    _, style = await of_both(world)
    before = len(world.ours())
    [revocation] = await world.store.revocations.revoke(world.bob.id)
    await world.store.revocations.done(revocation.id)
    [job] = await world.store.jobs.pending()
    await world.store.jobs.fail(job.id, "memory")
    for _ in range(2):
        await world.bot.services.revocations.take_up()
        await at_rest(world)
    [message] = world.ours()[before:]
    assert "ended without a result" in world.words(message)
    assert f"retrain:{style.id}" in world.buttons(message)

    refused = await world.mod.click(message, custom_id=f"retrain:{style.id}")
    assert world.words(refused.response) == text.NOTHING_TO_RETRY("en")
    done = await world.alice.click(message, custom_id=f"retrain:{style.id}")
    assert world.words(done.response) == text.RETRYING("en")
    assert [each.id > job.id for each in await world.store.jobs.pending()] == [True]
