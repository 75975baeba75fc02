"""Rounds that earlier versions posted in several messages, with buttons under each picture."""

from __future__ import annotations

import pytest
import pytest_asyncio
from discord import MediaGalleryItem, ui

from bot.views import press
from bot.views.page import Page
from bot.views.shown import Shown, picture_name
from storage.records import Round
from tests.bot.world import World


def earlier_page(shown: Shown) -> Page:
    """The message as earlier versions drew it: 👍 👎 ⋯ under each picture, then the round's."""
    container: ui.Container[Page] = ui.Container()
    for image in shown.here:
        container.add_item(ui.MediaGallery(MediaGalleryItem(f"attachment://{picture_name(image)}")))
        buttons: list[ui.Button[Page]] = [
            ui.Button(emoji="👍", custom_id=f"like:{image.id}"),
            ui.Button(emoji="👎", custom_id=f"dislike:{image.id}"),
            ui.Button(label="⋯", custom_id=f"more:{image.id}"),
        ]
        container.add_item(ui.ActionRow(*buttons))
    if shown.is_last:
        about = shown.round.id
        controls = (press.next_round, press.plain, press.reset, press.delete)
        container.add_item(ui.ActionRow(*(each(about, "en-US") for each in controls)))
    return Page(container)


@pytest_asyncio.fixture
async def earlier(world: World) -> Round:
    """A round of six pictures in two messages."""
    round_ = await world.painted(world.alice, count=6)
    (post,) = await world.store.rounds.posts(round_.id)
    async with world.store._database.transaction() as transaction:
        await transaction.rows(
            "UPDATE rounds SET parameters = json_remove(parameters, '$.pictures_a_message')"
        )
        await transaction.rows("DELETE FROM posts")
    await world.bot.services.channels.remove(post.channel_id, post.message_id)
    pages, channels = world.bot.services.pages, world.bot.services.channels
    for part in (0, 1):
        shown = await pages.shown(round_.id, part)
        message_id = await channels.post(
            world.channel.id,
            earlier_page(shown),
            nonce=f"earlier-{part}",
            uploads=pages.uploads(shown),
        )
        await world.store.rounds.posted(round_.id, part, world.channel.id, message_id)
    return round_


@pytest.mark.parametrize(("position", "part"), [(1, 0), (5, 1)])
async def test_presses_rate_and_draw_the_message_anew(
    world: World, earlier: Round, position: int, part: int
) -> None:
    image = (await world.store.images.of_round(earlier.id))[position]
    message = await world.message_of(earlier, part)
    await world.alice.click(message, custom_id=f"like:{image.id}")
    assert world.buttons(message)[f"like:{image.id}"] == f"👍{position + 1} (1)"
    assert world.galleries(message) == [(4, 2)[part]]
    assert (f"round:{earlier.id}" in world.buttons(message)) is (part == 1)


async def test_the_other_old_buttons_do_what_they_did(world: World, earlier: Round) -> None:
    images = await world.store.images.of_round(earlier.id)
    first, last = [await world.message_of(earlier, part) for part in (0, 1)]
    panel = await world.alice.click(last, custom_id=f"more:{images[4].id}")
    assert "Picture 5 of round 1" in world.words(panel.response)
    asked = (await world.alice.click(last, custom_id=f"delete:{earlier.id}")).response
    assert asked.flags.ephemeral
    await world.alice.click(first, custom_id=f"dislike:{images[0].id}")
    (rating,) = await world.store.ratings.of_image(images[0].id)
    assert rating.value == -1

    await world.alice.click(asked, custom_id=f"delete-now:{earlier.id}")
    await world.done()
    assert world.ours() == []


async def test_reactions_count_within_their_message(world: World, earlier: Round) -> None:
    images = await world.store.images.of_round(earlier.id)
    first, last = [await world.message_of(earlier, part) for part in (0, 1)]
    await world.alice.react(last, "2️⃣")
    await world.bob.react(first, "👎")
    await world.done()
    assert world.buttons(last)[f"like:{images[5].id}"] == "👍6 (1)"
    rated = [await world.store.ratings.of_image(image.id) for image in images]
    assert [[rating.value for rating in each] for each in rated] == [[-1]] * 4 + [[], [1]]
    panel = (await world.ellipsis(world.alice, earlier)).response
    assert world.buttons(panel)[f"panel-dislike:{images[0].id}"] == "👎1 (1)"


async def test_shown_again_it_keeps_its_two_messages(world: World, earlier: Round) -> None:
    before = await world.store.rounds.posts(earlier.id)
    await world.bot.services.results.show_again(earlier.id)
    await world.done()
    assert await world.store.rounds.posts(earlier.id) == before
    assert [world.galleries(world.message(post.message_id)) for post in before] == [[4], [2]]
