"""Pictures too large for Discord are sent as copies, and the originals are kept."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from bot.jobs.attachments import MOST_BYTES, most_bytes, size_of
from generation.metadata.chunks import texts_in
from tests.bot.begun import unfolded
from tests.bot.painter import HUGE
from tests.bot.world import World


async def test_a_picture_larger_than_discord_takes_is_shown_as_a_jpeg(world: World) -> None:
    round_ = await world.painted(world.alice, "a huge signed star", count=2)

    message = await world.message_of(round_)
    names = [f"konomi-{round_.id}-1.jpg", f"konomi-{round_.id}-2.png"]
    assert [each.filename for each in message.attachments] == names
    (gallery,) = [each for each in world.raw(message) if each["type"] == 12]
    shown = [item["media"]["url"] for item in gallery["items"]]
    assert [url.rpartition("/")[2] for url in shown] == names
    assert "Shown as a JPEG because the PNG is too large for Discord: 1." in world.words(message)
    copy = await message.attachments[0].read()
    assert len(copy) <= MOST_BYTES
    assert Image.open(BytesIO(copy)).size == (HUGE, HUGE)
    image = (await world.store.images.of_round(round_.id))[0]
    assert image.digest is not None
    kept = world.store.files.path(image.digest)
    assert size_of(kept) > MOST_BYTES
    assert texts_in(copy) == texts_in(kept.read_bytes())

    await world.alice.click(message, custom_id=f"like:{image.id}")
    assert "Shown as a JPEG" in world.words(await world.message_of(round_))
    result = await world.panel(world.alice, image)
    words = await unfolded(world, world.alice, result.response)
    assert "The JPEG contains all of these" in words


async def test_a_copy_is_painted_again_like_the_picture_itself(world: World) -> None:
    round_ = await world.painted(world.alice, "a huge signed star", count=1, seed=5)
    message = await world.message_of(round_)
    copy = await message.attachments[0].read()

    await world.alice.slash(world.channel, "replay", picture=("saved.jpg", copy))
    await world.done()

    again = await world.newest()
    assert again.id != round_.id
    assert world.requests()[-1]["seed"] == 5
    assert "Recreated from the picture's saved settings" in world.words(
        await world.message_of(again)
    )


def test_pictures_share_what_a_message_may_hold(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    sheet.write_bytes(bytes(9 * 2**20))

    assert most_bytes(1) == most_bytes(2) == MOST_BYTES
    assert 4 * most_bytes(4) <= 24 * 2**20
    assert 4 * most_bytes(4, [sheet]) <= 15 * 2**20
    assert most_bytes(4, [tmp_path / "gone.png"]) == most_bytes(4)
