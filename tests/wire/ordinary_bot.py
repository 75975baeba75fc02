"""An ordinary discord.py bot that knows nothing of tests; it prints what it hears."""

from __future__ import annotations

import io
import os
import struct
import zlib

import discord
from discord import app_commands

Interaction = discord.Interaction[discord.Client]


def png(shade: int, side: int = 8) -> bytes:
    """A small grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([shade]) * side) * side
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def picture(shade: int, name: str) -> discord.File:
    return discord.File(io.BytesIO(png(shade)), name, description=f"shade {shade}")


class Rename(discord.ui.Modal, title="Rename"):
    name: discord.ui.TextInput[Rename] = discord.ui.TextInput(label="New name", custom_id="name")

    async def on_submit(self, interaction: Interaction) -> None:
        await interaction.response.edit_message(content=f"renamed to {self.name.value}")


class Panel(discord.ui.View):
    """A persistent view: fixed custom ids and no timeout."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Why?", custom_id="panel:why")
    async def why(self, interaction: Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.send_message("only you see this", ephemeral=True)

    @discord.ui.button(label="Rename", custom_id="panel:rename")
    async def rename(self, interaction: Interaction, _: discord.ui.Button[Panel]) -> None:
        await interaction.response.send_modal(Rename())

    @discord.ui.select(
        custom_id="panel:size",
        options=[discord.SelectOption(label=size) for size in ("small", "large")],
    )
    async def size(self, interaction: Interaction, menu: discord.ui.Select[Panel]) -> None:
        await interaction.response.defer()
        await interaction.followup.send(f"size {menu.values[0]}", ephemeral=True)


def gallery(names: list[str]) -> discord.ui.LayoutView:
    """Components V2: pictures by reference to attachments, each with its own button."""
    view = discord.ui.LayoutView(timeout=None)
    box: discord.ui.Container[discord.ui.LayoutView] = discord.ui.Container()
    box.add_item(discord.ui.TextDisplay("a gallery"))
    for number, name in enumerate(names):
        media = discord.MediaGalleryItem(f"attachment://{name}", description=name)
        box.add_item(discord.ui.MediaGallery(media))
        box.add_item(
            discord.ui.ActionRow(discord.ui.Button(label="Like", custom_id=f"like:{number}"))
        )
    return view.add_item(box)


class OrdinaryBot(discord.Client):
    def __init__(self) -> None:
        intents = discord.Intents.default()
        intents.message_content = "WITH_MESSAGE_CONTENT" in os.environ
        super().__init__(intents=intents, guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)
        self.tree.add_command(draw)
        self.tree.add_command(show)

    async def setup_hook(self) -> None:
        self.add_view(Panel())
        await self.tree.sync()

    async def on_ready(self) -> None:
        print("ready")

    async def on_resumed(self) -> None:
        print("resumed")

    async def on_message(self, message: discord.Message) -> None:
        if message.author != self.user:
            print(f"heard {message.author.name} in {message.channel.type}: {message.content}")

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        assert self.user is not None
        if event.user_id == self.user.id:
            return
        print(f"reaction {event.emoji}")
        channel = await self.fetch_channel(event.channel_id)
        assert isinstance(channel, discord.TextChannel | discord.DMChannel)
        message = await channel.fetch_message(event.message_id)
        async for user in message.reactions[0].users():
            print(f"reacted {user.name}")
        await message.add_reaction("✅")

    async def on_raw_reaction_clear(self, _: discord.RawReactionClearEvent) -> None:
        print("reactions cleared")

    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        print(f"reactions cleared of {event.emoji}")

    async def on_raw_message_delete(self, _: discord.RawMessageDeleteEvent) -> None:
        print("message deleted")


@app_commands.command(name="draw", description="variations of a picture")
@app_commands.describe(image="source", prompt="what to do", count="how many")
async def draw(
    interaction: Interaction,
    image: discord.Attachment,
    prompt: app_commands.Range[str, 1, 200],
    count: app_commands.Range[int, 1, 4] = 4,
) -> None:
    await interaction.response.defer(thinking=True)
    source = await image.read()
    await interaction.edit_original_response(
        content=f"{prompt} from {len(source)} bytes",
        attachments=[picture(n * 60, f"v{n}.png") for n in range(count)],
        view=Panel(),
    )
    await interaction.followup.send("saved", ephemeral=True)


@app_commands.command(name="show", description="a message of components")
async def show(interaction: Interaction) -> None:
    await interaction.response.defer(ephemeral=True)
    names = ["a.png", "b.png"]
    files = [picture(9, name) for name in names]
    assert isinstance(interaction.channel, discord.TextChannel | discord.DMChannel)
    message = await interaction.channel.send(view=gallery(names), files=files)
    await message.edit(view=gallery(["c.png"]), attachments=[picture(99, "c.png")])
    await interaction.edit_original_response(content="shown")


if __name__ == "__main__":
    OrdinaryBot().run(os.environ["BOT_TOKEN"])
