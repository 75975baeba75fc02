"""A server in which training is granted, and what members do there to begin one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from random import Random
from typing import Any

from PIL import Image

from generation.images.sanitize import png_of
from generation.shapes.world import draw, random_scene
from storage.training_records import Dataset
from tests.bot.world import World

Files = list[tuple[str, bytes]]


def drawings(count: int, seed: int = 1) -> Files:
    """Return different drawings as files."""
    random = Random(seed)
    return [
        (f"drawing-{number}.png", png_of(draw(random_scene(random)))) for number in range(count)
    ]


def jpeg(data: bytes) -> bytes:
    """Return a picture once more, as a JPEG."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


class Studio:
    """What members do; `admin` trains, as the host granted it."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def grant(self, **choices: Any) -> None:
        """Grant training to the server, with its own choices."""
        rights = self.world.store.training_rights
        await rights.grant(self.world.guild.id)
        await rights.choose(
            self.world.guild.id,
            roles=choices.get("roles", ()),
            member_tastes=choices.get("member_tastes", False),
        )

    async def form(self, member: Any, command: str, channel: Any = None, **options: Any) -> Any:
        """Use a command of /train; its form is the response."""
        return await member.slash(channel or self.world.channel, f"train {command}", **options)

    async def begin(
        self,
        member: Any,
        command: str = "lora",
        *,
        files: Sequence[tuple[str, bytes]] | None = None,
        consent: bool = True,
        options: dict[str, Any] | None = None,
        channel: Any = None,
        **fields: Any,
    ) -> Any:
        """Begin a training: the command, and its form filled in."""
        shown = await self.form(member, command, channel, **options or {})
        assert shown.modal is not None, self.world.words(shown.response)
        names = {each["component"]["custom_id"] for each in shown.modal["components"]}
        filled: dict[str, Any] = {"name": "Rocky", "trigger": "", "class": "shape"} | fields
        filled["pictures"] = files if files is not None else drawings(2)
        filled["consent"] = consent
        return await member.submit_modal(shown, {k: v for k, v in filled.items() if k in names})

    async def newest(self) -> Dataset:
        """The data set that was opened last."""
        newest = await self.world.store.datasets.open()
        return newest[-1]

    async def card(self, dataset_id: int) -> Any:
        """The message that shows a data set."""
        dataset = await self.world.store.datasets.get(dataset_id)
        assert dataset is not None
        for channel in (self.world.channel, *self.world.channel.threads):
            if channel.id == dataset.channel_id:
                (found,) = [e for e in channel.history() if e.id == dataset.message_id]
                return found
        raise AssertionError("its channel is not there")

    async def press(self, member: Any, verb: str, dataset_id: int) -> Any:
        """Press a button of a data set's card."""
        card = await self.card(dataset_id)
        return await member.click(card, custom_id=f"dataset-{verb}:{dataset_id}")

    async def said(self, dataset_id: int) -> str:
        """All text on a data set's card."""
        return self.world.words(await self.card(dataset_id))
