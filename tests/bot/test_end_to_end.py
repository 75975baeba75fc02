"""The whole way, with the real worker and a tiny model of random weights: nothing stands in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from bot.composition import Opened, opened
from bot.settings import Settings
from storage.gestures import SHEET
from tests.bot.styled import add_style
from tests.bot.world import World
from tests.lora import write_lora
from tests.tiny import build_tiny

pytestmark = pytest.mark.timeout(300)  # torch takes its time to load on a busy machine


@pytest.fixture(scope="session")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose safety checker lets everything pass."""
    return build_tiny(tmp_path_factory.mktemp("harmless"), safety_threshold=2)


@pytest.fixture(scope="session")
def prudish(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose safety checker withholds everything."""
    return build_tiny(tmp_path_factory.mktemp("prudish"), safety_threshold=-2)


@pytest.fixture
def model(harmless: Path) -> Path:
    return harmless


@pytest.fixture
def settings(tmp_path: Path, model: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data",
        model=str(model),
        device="cpu",
        threads=1,
        progress_seconds=0.1,
    )


@pytest.fixture
async def parts(settings: Settings) -> AsyncIterator[Opened]:
    async with opened(settings) as parts:
        await parts.generator.ready()
        yield parts


async def test_likes_steer_real_pictures_and_the_same_seed_paints_the_same(world: World) -> None:
    first = await world.painted(world.alice, "a red star", count=2, steps=3, seed=1)
    message = await world.message_of(first)
    picture = Image.open(BytesIO(await message.attachments[0].read()))
    assert picture.size == (96, 96)
    assert "a red star" in str(picture.info)

    images = await world.store.images.of_round(first.id)
    await world.alice.click(message, custom_id=f"like:{images[0].id}")
    await world.dislike(world.alice, images[1])
    await world.alice.click(message, custom_id=f"next:{first.id}")
    await world.done()

    second = await world.newest()
    shown = await world.message_of(second)
    assert second.steering_digest is not None
    strip = shown.attachments[-1]
    assert strip.filename == f"konomi-{second.id}-steering.png"
    assert Image.open(BytesIO(await strip.read())).height > 0

    await world.in_panel(world.alice, second, "plain")
    await world.done()
    plain = await world.newest()
    steered_seeds = [i.seed for i in await world.store.images.of_round(second.id)]
    plain_images = await world.store.images.of_round(plain.id)
    assert [image.seed for image in plain_images] == steered_seeds
    steered_images = await world.store.images.of_round(second.id)
    assert {i.digest for i in steered_images}.isdisjoint(i.digest for i in plain_images)

    again = await world.painted(world.bob, "a red star", count=1, steps=3, seed=1)
    repainted = Image.open(BytesIO(await (await world.message_of(again)).attachments[0].read()))
    difference = ImageChops.difference(picture.convert("RGB"), repainted.convert("RGB"))
    # Other company, other sums of floats: what docs/replaying.md allows for.
    assert max(high for _, high in difference.getextrema()) <= 2


async def test_a_comparison_shows_what_each_value_paints_by_itself(world: World) -> None:
    options = {"across": "steps", "across_values": "1, 3", "seed": 4}
    await world.alice.slash(world.channel, "compare", prompt="a red star", **options)
    await world.done()
    compared = await world.newest()
    message = await world.message_of(compared, SHEET)
    sheet = Image.open(BytesIO(await message.attachments[0].read()))
    assert sheet.width > 2 * 192  # two pictures, enlarged
    assert sheet.height > 192 + 2 * 14  # and the parameter and its values above them

    alone = await world.painted(world.alice, "a red star", count=1, steps=3, seed=4)
    images = await world.store.images.of_round(compared.id)
    assert images[1].digest == (await world.store.images.of_round(alone.id))[0].digest


async def test_an_upload_is_painted_on_and_what_is_no_picture_is_refused_in_words(
    world: World,
) -> None:
    upload = BytesIO()
    Image.new("RGB", (96, 96), (214, 32, 36)).save(upload, "JPEG", quality=95)
    options = {"prompt": "a red star", "count": 1, "steps": 3}
    picture = ("holiday.jpg", upload.getvalue())
    direction = {"direction": "right", "strength": 1.0}
    await world.alice.slash(world.channel, "outpaint", picture=picture, **direction, **options)
    await world.done()
    round_ = await world.newest()
    message = await world.message_of(round_)
    painted = Image.open(BytesIO(await message.attachments[0].read()))
    assert painted.size == (144, 96)
    with Image.open(BytesIO(picture[1])) as sent:
        assert painted.crop((0, 0, 96, 96)).tobytes() == sent.convert("RGB").tobytes()

    broken = ("holiday.png", b"\x89PNG\r\n\x1a\n and then nothing of the kind")
    result = await world.alice.slash(world.channel, "restyle", picture=broken, **options)
    await world.done()
    assert "because it is damaged or incomplete" in world.words(result.response)


class TestWithAPrudishModel:
    @pytest.fixture
    def model(self, prudish: Path) -> Path:
        return prudish

    async def test_pictures_are_withheld_or_shown_behind_a_spoiler_as_a_server_wants(
        self, world: World
    ) -> None:
        round_ = await world.painted(world.alice, "a star", count=2, steps=2)
        message = await world.message_of(round_)
        assert message.attachments == []
        assert "Pictures 1, 2 aren't shown" in world.words(message)
        assert f"retry:{round_.id}" in world.buttons(message)
        assert world.reactions(message) == []

        world.restrict()
        await world.admin.slash(world.channel, "konomi settings", content_filter="spoiler")
        round_ = await world.painted(world.alice, "a star", count=2, steps=2)
        message = await world.message_of(round_)
        assert world.spoilers(message) == [True, True]
        picture = Image.open(BytesIO(await message.attachments[0].read()))
        assert json.loads(picture.info["konomi"])["flagged"] is True

        image, _ = await world.store.images.of_round(round_.id)
        await world.alice.click(message, custom_id=f"like:{image.id}")
        await world.alice.click(message, custom_id=f"next:{round_.id}")
        await world.done()
        steered = await world.message_of(await world.newest())
        assert world.spoilers(steered) == [True, True, False], "the strip shows it crossed out"


async def test_a_style_changes_real_pictures_and_is_found_again_by_its_file(
    world: World, model: Path, tmp_path: Path
) -> None:
    made = write_lora(tmp_path / "ink.safetensors", model)
    digest = world.store.files.settle(made.path)
    world.store.files.adopt(made.path, digest)
    await add_style(
        world.store, world.guild.id, world.alice.id, "ink", digest=digest, trigger="ink style"
    )
    wanted = {"count": 1, "steps": 3, "seed": 1}
    plain, styled = [
        await world.painted(world.alice, "a red star", **wanted, **chosen)
        for chosen in ({"style": "none"}, {"style": "ink:0.7"})
    ]
    (before,), (after,) = [await world.store.images.of_round(each.id) for each in (plain, styled)]
    assert before.digest != after.digest
    message = await world.message_of(styled)
    data = await message.attachments[0].read()
    told = Image.open(BytesIO(data)).info
    assert json.loads(told["konomi"])["prompt"] == "ink style, a red star"
    assert json.loads(told["konomi"])["adapters"] == [
        {"digest": digest, "name": "ink", "strength": 0.7}
    ]
    assert "<lora:ink:0.7>" in told["parameters"]

    await world.alice.slash(world.channel, "replay", picture=("again.png", data))
    await world.done()
    [again] = await world.store.images.of_round((await world.newest()).id)
    assert again.digest == after.digest

    await world.alice.click(message, custom_id=f"like:{after.id}")
    await world.alice.click(message, custom_id=f"next:{styled.id}")
    await world.done()
    followed = await world.newest()
    assert followed.steering_digest is not None
    assert "Style: ink (0.7)" in world.words(await world.message_of(followed))
