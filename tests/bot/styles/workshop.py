"""Members who keep styles in the simulated server, and small real files to add."""

from __future__ import annotations

import dataclasses
from typing import Any

import discord

from storage.style_records import NewStyle, Style, StyleKind, StyleOrigin, StyleScope
from tests.bot.world import World
from tests.hostile.adapters import CROSS, lora, ones, written

WORDS = {"modelspec.trigger_phrase": "inkwash", "modelspec.license": "CC0 1.0"}


def ink(number: int = 0, metadata: dict[str, str] | None = WORDS) -> bytes:
    """Return the file of a LoRA; those of other numbers have other bytes."""
    more = {} if metadata is None else {**metadata, "number": str(number)}
    return written(lora(CROSS, into=64, out=8), more)


def rock() -> bytes:
    """Return the file of an embedding."""
    return written({"<rock>": ones(2, 64)}, {"modelspec.license": "MIT"})


@dataclasses.dataclass
class Workshop:
    """The world with a trainer, a host, and another server."""

    world: World
    trainer: Any
    host: Any
    elsewhere: Any
    stranger: Any

    @property
    def store(self) -> Any:
        return self.world.store

    async def add(self, member: Any, title: str = "ink.safetensors", **options: Any) -> Any:
        """/style add with a file, and wait for its preview."""
        if options.setdefault("file", (title, ink())) is None:
            del options["file"]
        result = await member.slash(self.world.channel, "style add", **options)
        await self.world.done()
        return result

    async def put(
        self, owner: Any, name: str = "ink", *, server: int | None = None, **changes: Any
    ) -> Style:
        """Store a style as if it had been added."""
        files = self.store.files
        folder = files.scratch()
        (folder / "file").write_bytes(ink(sum(name.encode()) + owner.id % 1000))
        digest = files.settle(folder / "file")
        files.adopt(folder / "file", digest)
        files.clear(folder)
        style: dict[str, Any] = {
            "server_id": self.world.guild.id if server is None else server,
            "owner_id": owner.id,
            "name": name,
            "kind": StyleKind.LORA,
            "digest": digest,
            "origin": StyleOrigin.UPLOADED,
            "licence": "CC0 1.0",
            "trigger": "inkwash",
        }
        added: Style = await self.store.styles.add(NewStyle(**style | changes))
        return added

    def said(self, result: Any) -> str:
        """All words of an answer."""
        shown = [each for each in (result.response, *result.followups) if each is not None]
        return "\n".join(f"{each.content}\n{self.world.words(each)}" for each in shown)


async def workshop_in(world: World) -> Workshop:
    env, guild = world.env, world.guild
    role = guild.create_role("Trainers")
    trainer = guild.add_member(env.create_user("trainer"), roles=[role])
    host = guild.add_member(env.create_user("host"))
    world.bot.services.rules._hosts = frozenset({host.id})
    rights = world.store.training_rights
    await rights.grant(guild.id)
    await rights.choose(guild.id, roles=[role.id], member_tastes=False)
    other = env.create_guild("Other", preferred_locale="en-US")
    admins = other.create_role("A", permissions=discord.Permissions(manage_guild=True))
    stranger = other.add_member(env.create_user("stranger"), roles=[admins])
    return Workshop(
        world=world,
        trainer=trainer,
        host=host,
        elsewhere=other.create_text_channel("pictures"),
        stranger=stranger,
    )


SHARED = StyleScope.SERVER
