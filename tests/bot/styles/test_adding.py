"""/style add: files are fetched, examined, stored, and painted with once."""

from __future__ import annotations

import errno
import pickle
from pathlib import Path

import pytest

from storage.style_records import StyleKind, StyleOrigin, StyleScope
from tests.bot.styles.workshop import WORDS, Workshop, ink, rock
from tests.hostile.adapters import FILES, lora, written


async def test_a_file_becomes_a_style_with_a_preview(workshop: Workshop) -> None:
    world = workshop.world
    result = await workshop.add(workshop.trainer, "Ink Wash (v2).safetensors", strength=0.8)
    (style,) = await world.store.styles.of_server(world.guild.id)
    assert (style.name, style.kind, style.trigger) == ("Ink Wash v2", StyleKind.LORA, "inkwash")
    assert (style.strength, style.scope, style.licence) == (0.8, StyleScope.MINE, "CC0 1.0")
    assert style.owner_id == workshop.trainer.id
    assert style.origin is StyleOrigin.UPLOADED
    assert world.store.files.path(style.digest).read_bytes() == ink()
    assert style.preview_digest is not None
    assert world.store.files.size(style.preview_digest) > 0

    (asked,) = world.requests()
    assert (asked["prompt"], asked["seed"], asked["count"], asked["grid"]) == (
        "inkwash, a red star on a blue background",
        1,
        4,
        True,
    )
    assert asked["filter"] == "withhold"
    said = workshop.said(result)
    assert result.ephemeral
    assert "“Ink Wash v2” was added." in said
    assert "Trigger words: inkwash" in said
    assert "Licence: CC0 1.0" in said
    assert "Strength: 0.8" in said
    (card,) = [each for each in (result.response, *result.followups) if each]
    assert world.pictures(card) == 1


async def test_a_preview_stops_when_its_style_is_deleted(workshop: Workshop) -> None:
    world = workshop.world
    style = await workshop.put(world.alice, "ink", trigger="hold")
    other = await workshop.put(world.alice, "oil", trigger="oil")
    previews = world.bot.services.style_previews
    previews.begin(style)

    async def painting() -> bool:
        return len(world.requests()) == 1

    await world.until(painting)
    previews.begin(other)
    shown = await world.alice.slash(world.channel, "style show", name="ink")
    await world.alice.click(shown.response, custom_id=f"style-delete:{style.id}")
    await world.alice.click(shown.response, custom_id=f"style-delete-now:{style.id}")
    await world.done()
    assert not previews.is_painting(style)
    painted = await world.store.styles.get(other.id)
    assert painted is not None
    assert painted.preview_digest is not None


async def test_an_embedding_has_its_own_word(workshop: Workshop) -> None:
    world = workshop.world
    await workshop.add(workshop.trainer, file=("rock.safetensors", rock()))
    (style,) = await world.store.styles.of_server(world.guild.id)
    assert (style.kind, style.trigger, style.strength) == (StyleKind.EMBEDDING, "<rock>", 1.0)
    assert world.requests()[0]["prompt"] == "rock"


async def test_what_the_file_says_of_its_licence_goes_before_what_is_typed(
    workshop: Workshop,
) -> None:
    world = workshop.world
    await workshop.add(workshop.trainer, licence="MIT")
    nothing = ("wash.safetensors", ink(1, None))
    await workshop.add(workshop.trainer, file=nothing, licence="CC BY 4.0", trigger="a wash")
    ink_, wash = await world.store.styles.of_server(world.guild.id)
    assert (ink_.licence, wash.licence, wash.trigger) == ("CC0 1.0", "CC BY 4.0", "a wash")


async def test_a_licence_is_asked_for_before_a_style_is_shared(workshop: Workshop) -> None:
    world = workshop.world
    result = await workshop.add(
        workshop.trainer, file=("ink.safetensors", ink(0, None)), who="server"
    )
    (style,) = await world.store.styles.of_server(world.guild.id)
    assert style.scope is StyleScope.MINE
    assert "The file doesn't name a licence." in workshop.said(result)
    refused = await workshop.trainer.slash(world.channel, "style share", name="ink", who="server")
    assert "Before you share the style, say which one it has" in workshop.said(refused)

    shown = await workshop.trainer.slash(world.channel, "style show", name="ink")
    form = await workshop.trainer.click(shown.response, custom_id=f"style-licence:{style.id}")
    await workshop.trainer.submit_modal(form, {"licence": " CC BY\n4.0 "})
    await workshop.trainer.slash(world.channel, "style share", name="ink", who="server")
    (style,) = await world.store.styles.of_server(world.guild.id)
    assert (style.licence, style.scope) == ("CC BY 4.0", StyleScope.SERVER)


async def test_the_same_file_again_is_named(workshop: Workshop) -> None:
    world = workshop.world
    await workshop.add(workshop.trainer)
    result = await workshop.add(workshop.trainer, "other.safetensors")
    assert "You already have this file here, as “ink”." in workshop.said(result)
    assert len(await world.store.styles.of_server(world.guild.id)) == 1
    await workshop.add(workshop.host)
    assert len(await world.store.styles.of_server(world.guild.id)) == 2


async def test_a_file_whose_name_is_taken_gets_a_number(workshop: Workshop) -> None:
    world = workshop.world
    await workshop.add(workshop.trainer)
    await workshop.add(workshop.trainer, file=("INK.safetensors", ink(1)))
    taken = await workshop.add(workshop.trainer, file=("x.safetensors", ink(2)), name="ink 2")
    names = [style.name for style in await world.store.styles.of_server(world.guild.id)]
    assert names == ["ink", "INK 2"]
    assert "There is already a style named “ink 2” here." in workshop.said(taken)


async def test_what_the_painter_refuses_is_removed_again(workshop: Workshop) -> None:
    world = workshop.world
    result = await workshop.add(workshop.trainer, trigger="fail invalid")
    assert await world.store.styles.of_server(world.guild.id) == []
    assert "I removed “ink” again, because I can't paint with it." in workshop.said(result)
    assert world.store.files.used() == 0


async def test_what_kills_the_painter_is_removed_again(workshop: Workshop) -> None:
    world = workshop.world
    result = await workshop.add(workshop.trainer, trigger="poison")
    assert await world.store.styles.of_server(world.guild.id) == []
    assert "crashed me several times" in workshop.said(result)
    assert len(world.requests()) == 3
    await world.painted(world.alice)


async def test_other_failures_leave_the_style(workshop: Workshop) -> None:
    world = workshop.world
    result = await workshop.add(workshop.trainer, trigger="fail internal")
    (style,) = await world.store.styles.of_server(world.guild.id)
    assert style.preview_digest is None
    assert "“ink” was added." in workshop.said(result)
    assert len(world.requests()) > 1, "it may have been a full disk"


async def test_a_preview_is_painted_once_the_disk_has_room(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = workshop.world
    full = [OSError(errno.ENOSPC, "No space left on device")] * 2
    scratch = world.store.files.scratch

    def crowded() -> Path:
        # Of previews alone: what is added is fetched before.
        if full and world.store.files.used():
            raise full.pop()
        return scratch()

    monkeypatch.setattr(world.store.files, "scratch", crowded)
    await workshop.add(workshop.trainer)
    await world.done()
    assert full == []
    (style,) = await world.store.styles.of_server(world.guild.id)
    assert style.preview_digest is not None


@pytest.mark.parametrize(
    "name", ["a pickle", "overlapping tensors", "NaN", "a name with NUL and escapes", "LoHa"]
)
async def test_hostile_files_are_answered_in_a_sentence(workshop: Workshop, name: str) -> None:
    world = workshop.world
    said, make = FILES[name]
    result = await workshop.add(workshop.trainer, file=("ink.safetensors", make()))
    answer = workshop.said(result).replace("\\", "")
    assert answer.strip() == f"The adapter ink {said}"
    assert await world.store.styles.of_server(world.guild.id) == []
    assert world.requests() == []
    assert world.store.files.used() == 0


async def test_other_files_are_not_even_fetched(workshop: Workshop) -> None:
    for name in ("ink.pt", "ink.ckpt", "ink.safetensors.bin"):
        result = await workshop.add(workshop.trainer, file=(name, pickle.dumps(1)))
        assert "Other formats can run code" in workshop.said(result)


async def test_a_host_adds_a_file_of_the_machine(workshop: Workshop, tmp_path: Path) -> None:
    world = workshop.world
    path = tmp_path / "wash.safetensors"
    path.write_bytes(ink(3))
    path.chmod(0o644)
    await workshop.add(workshop.host, file=None, source=str(path), who="server")
    (style,) = await world.store.styles.of_server(world.guild.id)
    assert (style.name, style.origin) == ("wash", StyleOrigin.HOST)
    assert style.scope is StyleScope.SERVER
    # The host's own file stays theirs.
    assert path.stat().st_mode & 0o777 == 0o644
    kept = world.store.files.path(style.digest)
    assert not kept.samefile(path)


@pytest.mark.parametrize("source", ["/nowhere.safetensors", "no hub id", "../up/ink", "a/b:c.bin"])
async def test_a_source_that_is_none_is_named(workshop: Workshop, source: str) -> None:
    result = await workshop.add(workshop.host, file=None, source=source)
    assert "I can't find" in workshop.said(result)


async def test_only_hosts_reach_files_of_the_machine(workshop: Workshop, tmp_path: Path) -> None:
    path = tmp_path / "wash.safetensors"
    path.write_bytes(written(lora(), WORDS))
    for source in (str(path), "owner/ink"):
        result = await workshop.add(workshop.trainer, file=None, source=source)
        assert "Only whoever runs me can add files from this machine" in workshop.said(result)


async def test_previews_of_an_earlier_run_are_painted(workshop: Workshop) -> None:
    world = workshop.world
    style = await workshop.put(workshop.trainer)
    world.bot.services.style_previews.resume()
    await world.done()
    now = await world.store.styles.get(style.id)
    assert now is not None
    assert now.preview_digest is not None
