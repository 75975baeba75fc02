"""`python -m tests.bot.pinned_pages FILE`: what members are shown, written down to be compared.

Members go through gestures of most kinds in English and in Japanese, and each page that they get is
written into the file as it went over the wire.  Ids are numbered as they first appear; nothing else
depends on the run.  So two versions of the bot that show the same write the same file.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import logging
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import simcord
from simcord import interactions

from bot.composition import Opened, create_queue, worker_options
from bot.settings import Settings
from generation.metadata.record import parameter_texts
from generation.process.supervisor import Generator
from generation.protocol.events import Reason
from generation.protocol.requests import Paint
from storage.gestures import SHEET
from storage.records import Round
from storage.store import open_store
from tests.bot.begun import MASK, PICTURE, begin, press
from tests.bot.forked import FORKED
from tests.bot.painter import paints, png
from tests.bot.refused_options import CHOSEN, COMPARED, REFUSED
from tests.bot.world import World, created_bot

LOCALES = ("en-US", "ja")

INSTRUCTIONS = (" ", "add three stars", "seen from above", "move it to the left", "remove all else")


class Book:
    """Writes down what is new to see after each gesture."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pages: list[str] = []
        self._seen: dict[int, str] = {}

    async def write(self, title: str, result: Any = None, *, wait: bool = True) -> Any:
        """Add the answer to a gesture, and the channel's messages that changed with it."""
        if wait:
            await self.world.done()
        self.pages.append(f"=== {title}")
        if result is not None:
            self._answer(result)
        if wait:
            self._channel()
        return result

    def _answer(self, result: Any) -> None:
        if result.modal is not None:
            self._add("form", result.modal)
        for each in (result.response, *result.followups):
            if each is not None and each.flags.ephemeral:
                self.show("in private", each)

    def show(self, where: str, message: Any) -> None:
        """Add a message as it is now."""
        self._add(where, self._shown(message.channel_id, message.id))

    def _channel(self) -> None:
        now = {
            each.id: self._shown(each.channel.id, each.id) for each in self.world.channel.history()
        }
        for number, shown in now.items():
            said = json.dumps(shown, sort_keys=True)
            if not shown["flags"] & 64 and self._seen.get(number) != said:
                self._add("in the channel", shown)
                self._seen[number] = said
        for number in self._seen.keys() - now.keys():
            del self._seen[number]
            self._add("deleted", {"id": number})

    def _shown(self, channel: int, message: int) -> dict[str, Any]:
        stored = self.world.env.backend.get_message(channel, message)
        return {
            "id": stored.id,
            "author": stored.author_id,
            "content": stored.content,
            "flags": stored.flags,
            "components": stored.components,
            "embeds": stored.embeds,
            "attachments": [
                {name: each.get(name) for name in ("filename", "size", "description")}
                for each in stored.attachments
            ],
            "reactions": [reaction.emoji for reaction in stored.reactions],
        }

    def _add(self, where: str, shown: Mapping[str, Any]) -> None:
        self.pages.append(f"{where} {json.dumps(shown, ensure_ascii=False, indent=1)}")


async def pages(locale: str, folder: Path) -> str:
    """Everything that members of this language are shown."""
    async with played(locale, folder) as world:
        book = Book(world)
        book.pages.append(f"=== {locale}: commands {commands(world)}")
        for scene in SCENES:
            await scene(book)
    return numbered("\n".join(book.pages))


def commands(world: World) -> str:
    """The commands as they were told to Discord, names and descriptions in every language."""
    told = [each.json for each in world.env.http_requests if each.path.endswith("/commands")]
    return json.dumps(told, ensure_ascii=False, indent=1)


def numbered(written: str) -> str:
    """Long ids by the order in which they come, and no word of when anything happened."""
    found: dict[str, str] = {}
    written = re.sub(
        r"\b[0-9]{15,20}\b", lambda m: found.setdefault(m[0], f"<id {len(found) + 1}>"), written
    )
    return re.sub(r"<t:[0-9]+(:\w)?>", "<time>", written)


@asynccontextmanager
async def played(
    locale: str, folder: Path, painter: Callable[..., None] = paints
) -> AsyncIterator[World]:
    """A world whose members have Discord in this language."""
    notes = folder / "notes"
    notes.mkdir(parents=True)
    settings = Settings(data_dir=folder / "data", progress_seconds=0.1)
    options = dataclasses.replace(worker_options(settings), models_dir=notes)
    async with (
        open_store(settings.data_dir) as store,
        Generator(options, target=painter, context=FORKED, patience=1.0, pause=0.01) as generator,
        create_queue(settings, store, generator) as queue,
    ):
        await generator.ready()
        parts = Opened(store=store, generator=generator, queue=queue)
        async with (
            created_bot(settings, parts) as bot,
            simcord.run(bot, settle_timeout=20.0) as env,
        ):
            with speaking(locale), env.time_context():
                yield World(env, bot, parts, notes)
            await bot.services.background.end()


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Have SimCord, whose members all speak English, say this language of whoever acts."""
    theirs = interactions.base_payload

    def payload(*given: Any, **named: Any) -> Any:
        record, told = theirs(*given, **named)
        return record, told | {"locale": locale}

    interactions.base_payload = payload
    try:
        yield
    finally:
        interactions.base_payload = theirs


# --- gestures ---------------------------------------------------------------------------------


async def words(book: Book) -> None:
    world = book.world
    for name in ("help", "about", "queue"):
        await book.write(name, await world.alice.slash(world.channel, name))


async def rounds(book: Book) -> None:
    world, alice = book.world, book.world.alice
    await book.write("imagine", await world.imagine(alice, "a {red|blue} star", negative="grey"))
    first = await world.newest()
    await rate(book, alice, "like", first, 0)
    panel = await book.write("round panel", await clicked(book, alice, f"round:{first.id}", first))
    disliked = (await world.store.images.of_round(first.id))[1]
    pressed = await alice.click(panel.response, custom_id=f"panel-dislike:{disliked.id}")
    await book.write("dislike 1", pressed)
    await rate(book, world.bob, "like", first, 3)
    await book.write("another's next", await clicked(book, world.bob, f"next:{first.id}", first))
    await book.write("next", await clicked(book, alice, f"next:{first.id}", first))
    steered = await world.newest()
    await book.write("settings", await world.in_panel(alice, steered, "round-settings"))
    await book.write("plain", await world.in_panel(alice, steered, "plain"))
    for name, member in (("another's reset", world.bob), ("reset", alice)):
        await book.write(name, await world.in_panel(member, steered, "reset"))
    await alice.react(await world.message_of(first), "🔁")
    await book.write("🔁")
    last = await world.newest()
    await book.write("another's delete", await world.in_panel(world.bob, last, "delete"))
    asked = await book.write("delete", await world.in_panel(alice, last, "delete"))
    await book.write("yes", await alice.click(asked.response, custom_id=f"delete-now:{last.id}"))
    many = {"count": 6, "grid": True, "group": True, "size": "192x96", "feedback": "paper"}
    await book.write("many", await world.imagine(alice, "a red cat " + "*_" * 500, **many))


async def panels(book: Book) -> None:
    world, alice = book.world, book.world.alice
    round_ = await world.painted(alice, seed=5, steps=30)
    await book.write("a round to go on from")
    image = (await world.store.images.of_round(round_.id))[0]
    await book.write("panel", await world.panel(alice, image))
    for verb in ("vary-subtle", "zoom-out", "extend-left", "upscale-2", "repaint"):
        await book.write(verb, await press(world, alice, verb, round_))
    made = await world.newest()
    inner = (await world.store.images.of_round(made.id))[0]
    panel = await book.write("its panel", await world.panel(alice, inner))
    back = await alice.click(panel.response, custom_id=f"back:{image.id}")
    await book.write("back", back)
    for strength in ("0.5", "much"):
        form = await book.write("restyle form", await press(world, alice, "restyle", round_))
        asked = {"prompt": "a blue star", "strength": strength}
        await book.write(f"restyle {strength}", await alice.submit_modal(form, asked))


async def edits(book: Book) -> None:
    world, alice = book.world, book.world.alice
    round_ = await world.painted(alice)
    await book.write("a round to edit")
    for instruction, keep in (("make it blue", "1,8"), ("make it red", "9"), ("add dots", "much")):
        form = await book.write("edit form", await press(world, alice, "edit", round_, 1))
        asked = {"instruction": instruction, "keep": keep}
        await book.write(f"edit {asked}", await alice.submit_modal(form, asked))
    message = await world.message_of(round_)
    menu = await world.bob.context_menu(world.channel, "Edit this", message)
    await book.write("edit by the menu", menu)
    upload = {"picture": ("holiday.png", PICTURE)}
    settings: tuple[dict[str, Any], ...] = (
        {"obey": 9.0, "keep": 1.2, "count": 4},
        {"sheet": True},
        {"variety": True},
        {"keep": 7.0},
    )
    for more in settings:
        asked = upload | {"instruction": "make it blue"} | more
        await book.write(f"/edit {more}", await alice.slash(world.channel, "edit", **asked))
    for instruction in INSTRUCTIONS:
        asked = upload | {"instruction": instruction}
        await book.write(
            f"/edit {instruction!r}", await alice.slash(world.channel, "edit", **asked)
        )


async def comparisons(book: Book) -> None:
    world, alice = book.world, book.world.alice
    asked = {"across": "steps", "across_values": "10, 20, 30", "prompt": "a red star"}
    asked |= {"down": "guidance", "down_values": "3 6"}
    await book.write("compare", await alice.slash(world.channel, "compare", **asked))
    round_ = await world.newest()
    image = (await world.store.images.of_round(round_.id))[0]
    message = await world.message_of(round_, SHEET)
    single = await alice.click(message, custom_id=f"single:{image.id}")
    await book.write("its pictures", single)
    liked = await alice.click(single.response, custom_id=f"like:{image.id}")
    await book.write("like", liked)
    for options in COMPARED:
        result = await alice.slash(world.channel, "compare", prompt="a red star", **options)
        await book.write(f"compare {options}", result)


async def uploads(book: Book) -> None:
    world, alice = book.world, book.world.alice
    begun: tuple[tuple[str, dict[str, Any]], ...] = (
        ("restyle", {"strength": 0.5, "count": 2}),
        ("restyle", {"strength": 1.5}),
        ("restyle", {"strength": 0.01}),
        ("restyle", {"data": b"<svg/>"}),
        ("restyle", {"data": PICTURE[:60]}),
        ("inpaint", {"area": "middle"}),
        ("inpaint", {"mask": ("mask.png", MASK)}),
        ("inpaint", {}),
        ("outpaint", {"direction": "right"}),
    )
    for command, options in begun:
        said = {name: value for name, value in options.items() if name not in ("data", "mask")}
        await book.write(f"{command} {said}", await begin(world, command, **options))
    upload = ("holiday.png", PICTURE)
    for command in ("upscale", "restore"):
        await book.write(command, await alice.slash(world.channel, command, picture=upload))
    request = Paint(job="", model="shapes", prompt="a star", width=64, height=96, out=Path())
    ours = png((1, 2, 3), parameter_texts(request, 7, 64, 96))
    another = dataclasses.replace(request, model="sd15")
    others = png((1, 2, 3), parameter_texts(another, 7, 64, 96))
    for name, data in {"ours": ours, "another model's": others, "no record": PICTURE}.items():
        asked = {"picture": ("a.png", data)}
        await book.write(f"replay {name}", await alice.slash(world.channel, "replay", **asked))


async def refusals(book: Book) -> None:
    world = book.world
    for options in REFUSED:
        said = {name: str(value)[:40] for name, value in options.items()}
        await book.write(f"imagine {said}", await world.imagine(world.bob, **options))
    for reason in Reason:
        await book.write(
            f"failed, {reason.value}", await world.imagine(world.mod, f"fail {reason.value}")
        )
    await book.write("withheld", await world.imagine(world.mod, "unsafe star", count=2))
    await world.mod.send(world.channel, f"<@{world.bot.user.id}>")  # type: ignore[union-attr]
    await book.write("mention without words")
    await world.mod.send(world.channel, f"<@{world.bot.user.id}> a star")  # type: ignore[union-attr]
    await book.write("mention")


async def waiting(book: Book) -> None:
    world, alice = book.world, book.world.alice
    *waits, refused = [await world.imagine(alice, f"hold {n}", count=8) for n in range(5)]
    await book.write("too many wait", refused, wait=False)
    queue = await alice.slash(world.channel, "queue")
    await book.write("queue", queue, wait=False)
    book.show("one that waits", waits[1].response)
    first, *others, last = world.buttons(queue.response)
    another = await world.bob.click(waits[-1].response, custom_id=last)
    await book.write("another's cancel", another, wait=False)
    # Several that are painted at once would end in an order of their own.
    for each in (last, *others):
        result = await alice.click(queue.response, custom_id=each)
        await book.write(f"cancel {each}", result, wait=False)
    again = await alice.slash(world.channel, "queue")
    world.release()
    await book.write("painted and cancelled")
    await book.write("too late", await alice.click(again.response, custom_id=first))


async def settings(book: Book) -> None:
    world, admin = book.world, book.world.admin
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"group_boards": True, "add_reactions": False, "waiting": 1, "content_filter": "spoiler"},
        {"waiting": 1000},
        {"pictures_per_day": 1},
    )
    for change in changes:
        result = await admin.slash(world.channel, "konomi settings", **change)
        await book.write(f"settings {change}", result)
    await book.write("daily limit", await world.imagine(world.bob, count=2))
    for paint in (True, False):
        asked = {"channel": world.channel, "paint": paint}
        await book.write(
            f"channel {paint}", await admin.slash(world.channel, "konomi channel", **asked)
        )


async def own_settings(book: Book) -> None:
    world, alice = book.world, book.world.alice
    await book.write("own settings", await alice.slash(world.channel, "settings"))
    for options in CHOSEN:
        said = {name: str(value)[:40] for name, value in options.items()}
        await book.write(
            f"/settings {said}", await alice.slash(world.channel, "settings", **options)
        )
    chosen = {"size": "3:2", "count": 2, "feedback": "closer", "feedback_strength": 1.5}
    page = await alice.slash(world.channel, "settings", **chosen)
    await book.write("own settings changed", page)
    for verb in ("set-pictures", "set-style", "set-steering", "reset-settings"):
        await book.write(verb, await alice.click(page.response, custom_id=f"{verb}:0"))
    page = await alice.slash(world.channel, "help")
    for section in range(1, 6):
        result = await alice.click(page.response, custom_id=f"help:{section}")
        book.show(f"help {section}", page.response)
        await book.write(f"pressed help {section}", result)


SCENES = (
    words,
    rounds,
    panels,
    edits,
    comparisons,
    uploads,
    refusals,
    waiting,
    settings,
    own_settings,
)


async def rate(book: Book, member: Any, verb: str, round_: Round, position: int) -> None:
    image = (await book.world.store.images.of_round(round_.id))[position]
    await book.write(
        f"{verb} {position}", await clicked(book, member, f"{verb}:{image.id}", round_)
    )


async def clicked(book: Book, member: Any, custom_id: str, round_: Round) -> Any:
    return await member.click(await book.world.message_of(round_), custom_id=custom_id)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bot.pinned_pages", description=__doc__)
    parser.add_argument("file", type=Path)
    file = parser.parse_args().file
    logging.disable(logging.CRITICAL)  # faults that are asked for
    with tempfile.TemporaryDirectory() as folder:
        written = [asyncio.run(pages(locale, Path(folder) / locale)) for locale in LOCALES]
    file.write_text("\n".join(written) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
