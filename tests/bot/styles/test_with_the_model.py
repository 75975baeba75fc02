"""A kohya file is added and painted with by the real worker; what only it can refuse is removed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from safetensors.torch import load, save

from bot.composition import Opened, opened
from bot.settings import Settings
from generation.catalog.files import EMBEDDED
from tests.bot import world as worlds
from tests.bot.styles.workshop import Workshop
from tests.hostile.adapters import CROSS, lora, written
from tests.kohya import write_kohya

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", device="cpu", threads=1, progress_seconds=0.1)


@pytest.fixture
async def parts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opened]:
    monkeypatch.setattr(worlds, "PATIENCE", 300.0)
    async with opened(settings) as parts:
        await parts.generator.ready()
        yield parts


async def test_a_kohya_file_is_added_swept_and_painted_with(
    workshop: Workshop, tmp_path: Path
) -> None:
    world = workshop.world
    file = tmp_path / "ink.safetensors"
    write_kohya(file, EMBEDDED, metadata={"modelspec.license": "MIT"})
    data = file.read_bytes()
    added = await workshop.add(workshop.trainer, file=("ink.safetensors", data), who="server")
    assert "“ink” was added." in workshop.said(added)
    (style,) = await world.store.styles.of_server(world.guild.id)
    assert style.preview_digest is not None
    with Image.open(world.store.files.path(style.preview_digest)) as preview:
        assert preview.width >= 2 * 96

    await world.alice.slash(
        world.channel, "style sweep", name="ink", prompt="a red star", strengths="0, 1", seed=1
    )
    await world.done()
    images = await world.store.images.of_round((await world.newest()).id)
    one, other = (
        Image.open(BytesIO(world.store.files.path(image.digest or "").read_bytes()))
        for image in images
    )
    assert ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox() is not None

    # As deep as its header goes, this one is for the model, but one of its layers is of another.
    wrong = {name.replace("ff_net", "ff_other"): each for name, each in load(data).items()}
    refused = await workshop.add(workshop.trainer, file=("wrong.safetensors", save(wrong)))
    assert "I removed “wrong” again" in workshop.said(refused)
    assert "was made for another kind of model" in workshop.said(refused)
    grand = ("grand.safetensors", written(lora(CROSS, into=2048, out=320)))
    refused = await workshop.add(workshop.trainer, file=grand)
    assert "was made for Stable Diffusion XL" in workshop.said(refused)
    assert len(await world.store.styles.of_server(world.guild.id)) == 1
    await world.painted(world.alice, "a blue circle", count=1, style="ink:0.5")
