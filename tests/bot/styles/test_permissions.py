"""Who may do what with whose styles; `tests/bot/permissions` forges every id and asks everybody."""

from __future__ import annotations

from typing import Any

import pytest

from bot.text.styles import keeping as text
from storage.style_records import Style, StyleScope, StyleState
from tests.bot.sight import Scene
from tests.bot.styles.workshop import SHARED, Workshop, ink

NO_SUCH = text.NO_SUCH_STYLE("en-US")
NOT_YOURS = text.NOT_YOURS("en-US")

PRIVATE = StyleScope.PRIVATE
MINE = StyleScope.MINE

WHO = ("owner", "host", "admin", "trainer", "member", "contributor", "stranger")


def actor(workshop: Workshop, who: str) -> Any:
    world = workshop.world
    return {
        "owner": world.alice,
        "host": workshop.host,
        "admin": world.admin,
        "trainer": workshop.trainer,
        "member": world.mod,
        "contributor": world.bob,
        "stranger": workshop.stranger,
    }[who]


def place(workshop: Workshop, who: str) -> Any:
    return workshop.elsewhere if who == "stranger" else workshop.world.channel


async def style_of(workshop: Workshop, scope: StyleScope) -> Style:
    contributors = (workshop.world.bob.id,)
    return await workshop.put(
        workshop.world.alice, "inkwash", scope=scope, contributors=contributors
    )


SEES = {
    MINE: {"owner", "host"},
    PRIVATE: {"owner", "contributor", "host"},
    SHARED: {"owner", "host", "admin", "trainer", "member", "contributor"},
}
CHANGES = {"owner", "host"}
"""Who renames and exports; and who says whom a style is shared with."""
DELETES = {
    MINE: {"owner", "host"},
    PRIVATE: {"owner", "host"},
    SHARED: {"owner", "host", "admin"},
}


@pytest.mark.parametrize(
    ("scope", "granted"), [(MINE, True), (PRIVATE, True), (SHARED, True), (SHARED, False)]
)
async def test_each_does_what_they_may_and_no_more(
    workshop: Workshop, scope: StyleScope, granted: bool
) -> None:
    world = workshop.world
    await world.store.training_rights.grant(world.guild.id, granted=granted)
    for who in WHO:
        style = await style_of(workshop, scope)
        await tried(workshop, who, style)
        await world.store.styles.delete(style.id)


async def tried(workshop: Workshop, who: str, style: Style) -> None:
    """Have a member try everything with somebody's style, in the order in which less is left."""
    store, scope = workshop.store, style.scope
    member, channel = actor(workshop, who), place(workshop, who)
    sees, changes, deletes = who in SEES[scope], who in CHANGES, who in DELETES[scope]
    for typed in ("INKWASH", f"#{style.id}"):
        shown = await member.slash(channel, "style show", name=typed)
        assert (NO_SUCH in workshop.said(shown)) is not sees, who
        assert ("CC0 1.0" in workshop.said(shown)) is sees, who
    offered = await member.autocomplete(channel, "style show", "name", "wash")
    assert bool(offered) is sees, who

    export = await member.slash(channel, "style export", name=f"#{style.id}")
    assert ("Here is the file" in workshop.said(export)) is changes, who
    files = [each for each in (export.response, *export.followups) if each and each.attachments]
    assert bool(files) is changes, who

    await member.slash(channel, "style rename", name=f"#{style.id}", new_name="oil")
    assert ((await now(workshop, style)).name == "oil") is changes, who

    wanted, may = (MINE, deletes) if scope is SHARED else (SHARED, changes)
    await member.slash(channel, "style share", name=f"#{style.id}", who=wanted.value)
    assert ((await now(workshop, style)).scope is wanted) is may, who
    await store.styles.share(style.id, scope)

    asked = await member.slash(channel, "style delete", name=f"#{style.id}")
    assert ("for good?" in workshop.said(asked)) is deletes, who
    assert await now(workshop, style), "it is asked first"
    if deletes:
        await member.click(asked.response, custom_id=f"style-delete-now:{style.id}")
        assert await store.styles.get(style.id) is None, who
        assert store.files.size(style.digest) == 0, who


async def now(workshop: Workshop, style: Style) -> Style:
    found: Style | None = await workshop.store.styles.get(style.id)
    assert found is not None
    return found


@pytest.mark.parametrize("granted", [True, False])
async def test_who_may_add(workshop: Workshop, granted: bool) -> None:
    world = workshop.world
    await world.store.training_rights.grant(world.guild.id, granted=granted)
    adding = {"host", "admin", "trainer"} if granted else {"host"}
    for number, who in enumerate(WHO):
        result = await actor(workshop, who).slash(
            place(workshop, who), "style add", file=(f"{who}.safetensors", ink(number))
        )
        await world.done()
        refused = text.NOT_A_TRAINER("en-US") in workshop.said(result)
        assert refused is (who not in adding), who
    added = await world.store.styles.of_server(world.guild.id)
    assert {style.name for style in added} == adding
    assert not await world.store.styles.of_server(workshop.elsewhere.guild.id)


async def test_ids_that_are_none_are_answered(workshop: Workshop, scene: Scene) -> None:
    asker = scene.asker(workshop.world.alice, "#pictures")
    for about in ("", "x", "-1", "0", "9" * 30, "1:2", "\u0661"):
        for verb in ("style", "style-delete-now", "style-export"):
            answer = await scene.press(asker, f"{verb}:{about}")
            assert workshop.said(answer).strip() == NO_SUCH, (verb, about)


async def test_a_withdrawn_style_is_only_looked_at_unshared_and_deleted(
    workshop: Workshop,
) -> None:
    world, alice = workshop.world, workshop.world.alice
    style = await style_of(workshop, SHARED)
    await world.store.styles.set_state(style.id, StyleState.WITHDRAWN)
    shown = await alice.slash(world.channel, "style show", name="inkwash")
    assert "can't be used any more" in workshop.said(shown)
    buttons = world.buttons(shown.response)
    assert set(buttons) == {f"style-{verb}:{style.id}" for verb in ("share", "rename", "delete")}
    for command in ("export", "sweep"):
        refused = await alice.slash(world.channel, f"style {command}", name="inkwash")
        assert "“inkwash” can't be used any more" in workshop.said(refused)
    await alice.slash(world.channel, "style share", name="inkwash", who="mine")
    refused = await alice.slash(world.channel, "style share", name="inkwash", who="server")
    assert "“inkwash” can't be used any more" in workshop.said(refused)


async def test_in_direct_messages_everyone_has_their_own(workshop: Workshop) -> None:
    world = workshop.world
    style = await workshop.put(world.alice, "inkwash", server=0, scope=SHARED)
    theirs = await world.bob.user.slash("style show", name=f"#{style.id}")
    assert NO_SUCH in workshop.said(theirs)
    own = await world.alice.user.slash("style show", name="inkwash")
    assert "CC0 1.0" in workshop.said(own)
    refused = await world.alice.user.slash("style add", file=("ink.safetensors", ink()))
    assert text.NOT_A_TRAINER("en-US") in workshop.said(refused)
