"""/style list, show, rename, share, sweep and the buttons of a card."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.actions.styles.naming import checked_name, name_for
from bot.errors import Refusal
from bot.jobs.channel import Upload
from storage.style_records import StyleKind, StyleOrigin, StyleScope
from tests.bot.styles.workshop import SHARED, Workshop
from tests.bot.trained import style_of, trained


async def test_the_list_has_pages_and_opens_cards(workshop: Workshop) -> None:
    world, alice = workshop.world, workshop.world.alice
    empty = await alice.slash(world.channel, "style list")
    assert "There are no styles here yet." in workshop.said(empty)
    for number in range(12):
        await workshop.put(world.admin, f"style {number:02}", scope=SHARED)
    own = await workshop.put(alice, "zebra", strength=0.7)
    await workshop.put(world.bob, "secret")
    listed = await alice.slash(world.channel, "style list")
    assert listed.ephemeral
    said = workshop.said(listed)
    assert "You can use 13 styles here." in said
    assert "**zebra** · LoRA · yours · strength 0.7" in said
    assert "**style 00** · LoRA · this server's\n" in said
    assert "style 09" not in said
    assert "secret" not in said
    page = listed.response
    await alice.click(page, custom_id="styles:1")
    assert "style 09" in world.words(page)
    assert "Page 2 of 2" in world.words(page)
    await alice.click(page, custom_id="styles:0")
    await alice.select(page, [str(own.id)], custom_id="style-pick:0")
    assert "### zebra" in world.words(page)


async def test_a_style_for_another_model_says_so(workshop: Workshop) -> None:
    world = workshop.world
    file = {"embedding": False, "base": "stable-diffusion-xl-v1-base", "context_width": 2048}
    style = await workshop.put(
        world.alice, "grand", architecture="stable-diffusion-xl-v1-base", evaluation={"file": file}
    )
    misfit = "Stable Diffusion XL"
    keeping = world.bot.services.style_keeping
    assert keeping.misfit(style) is None, "nothing is known of the model of these tests"
    shown = await world.alice.slash(world.channel, "style show", name="grand")
    assert f"LoRA for {misfit}" in workshop.said(shown)


async def test_a_card_has_what_its_viewer_may_do(workshop: Workshop) -> None:
    world = workshop.world
    style = await workshop.put(
        world.alice,
        "ink_wash",
        scope=SHARED,
        contributors=(world.bob.id, world.mod.id),
        base_model="shapes",
        trigger="dreamy **bold**",
        evaluation={"fidelity": 0.81, "file": None},
    )
    own = await world.alice.slash(world.channel, "style show", name="INK_WASH")
    said = world.words(own.response)
    assert "### ink\\_wash" in said
    assert "Trained on pictures from 2 members" in said
    assert "Evaluation: similarity to the pictures 0.81" in said
    assert "Made for the model shapes" in said
    assert "Trained on the model" not in said
    assert "Added from a file" in said
    assert "Trigger words: dreamy \\*\\*bold\\*\\*" in said
    assert "Who can use it: everyone in this server" in said
    buttons = [custom_id.partition(":")[0] for custom_id in world.buttons(own.response)]
    assert buttons == [
        *("style-paint", "style-sweep", "style-export"),
        *("style-share", "style-rename", "style-delete"),
    ]
    theirs = await world.bob.slash(world.channel, "style show", name=f"#{style.id}")
    assert f"Added from a file by <@{world.alice.id}>" in world.words(theirs.response)
    buttons = [custom_id.partition(":")[0] for custom_id in world.buttons(theirs.response)]
    assert buttons == ["style-paint", "style-sweep", "revoke-style"], "they gave pictures"
    admins = await world.admin.slash(world.channel, "style show", name=f"#{style.id}")
    buttons = [custom_id.partition(":")[0] for custom_id in world.buttons(admins.response)]
    assert buttons == ["style-paint", "style-sweep", "style-share", "style-delete"]


async def test_a_card_says_no_more_of_the_model_than_is_known(workshop: Workshop) -> None:
    world = workshop.world
    named = {"file": {"embedding": False, "base_model": "dreamy"}}
    for origin, evaluation, base, line in (
        (StyleOrigin.TRAINED, {}, "shapes", "Trained on the model shapes"),
        (StyleOrigin.HOST, named, "dreamy", "Trained on the model dreamy, according to its file"),
        (StyleOrigin.UPLOADED, named, "shapes", "Made for the model shapes"),
        (StyleOrigin.UPLOADED, {}, "", "LoRA"),
    ):
        style = await workshop.put(
            world.alice,
            f"{origin.value} {base}",
            scope=SHARED,
            origin=origin,
            evaluation=evaluation,
            base_model=base,
        )
        shown = await world.bob.slash(world.channel, "style show", name=f"#{style.id}")
        words = world.words(shown.response)
        assert line in words.splitlines()
        assert ("Trained by" in words) is (origin is StyleOrigin.TRAINED)
        assert ("Added from a file by" in words) is (origin is not StyleOrigin.TRAINED)


async def test_a_preview_that_nobody_checked_is_shown_in_age_restricted_channels_alone(
    workshop: Workshop,
) -> None:
    world, alice = workshop.world, workshop.world.alice
    for name, base, checked, shown in (
        ("checked", "dreamy", True, True),
        ("unchecked", "dreamy", False, False),
        ("trained", "dreamy", None, False),
        ("harmless", "shapes", None, True),
    ):
        style = await workshop.put(
            alice,
            name,
            base_model=base,
            preview_digest=(await workshop.put(world.bob, name)).digest,
            evaluation={} if checked is None else {"preview": {"checked": checked}},
        )
        card = (await alice.slash(world.channel, "style show", name=f"#{style.id}")).response
        assert (world.pictures(card), len(card.attachments)) == ((1, 1) if shown else (0, 0)), name
        assert ("only shown in age-restricted channels" in world.words(card)) is not shown, name
        world.restrict()
        card = (await alice.slash(world.channel, "style show", name=f"#{style.id}")).response
        assert len(card.attachments) == 1, name
        world.restrict(False)


async def test_buttons_of_a_card_do_what_they_say(workshop: Workshop) -> None:
    world, alice = workshop.world, workshop.world.alice
    style = await workshop.put(alice, "ink", contributors=(world.bob.id,))
    card = (await alice.slash(world.channel, "style show", name="ink")).response
    form = await alice.click(card, custom_id=f"style-rename:{style.id}")
    await alice.submit_modal(form, {"name": "  Ｏｉｌ   paint "})
    assert "### Oil paint" in world.words(card)
    await alice.click(card, custom_id=f"style-share:{style.id}")
    assert "Who can use “Oil paint”?" in world.words(card)
    await alice.select(card, ["private"], custom_id=f"style-shared:{style.id}")
    now = await world.store.styles.get(style.id)
    assert now is not None
    assert (now.name, now.scope) == ("Oil paint", StyleScope.PRIVATE)
    assert "Who can use it: me and those whose pictures it was trained on" in world.words(card)
    await alice.click(card, custom_id=f"style-delete:{style.id}")
    await alice.click(card, custom_id=f"style:{style.id}")
    assert "### Oil paint" in world.words(card)
    await alice.click(card, custom_id=f"style-delete:{style.id}")
    await alice.click(card, custom_id=f"style-delete-now:{style.id}")
    assert "“Oil paint” was deleted." in world.words(card)
    assert await world.store.styles.get(style.id) is None
    assert world.store.files.used() == 0


async def test_a_file_that_two_styles_have_stays_until_the_last_goes(workshop: Workshop) -> None:
    world = workshop.world
    style = await workshop.put(world.alice, "ink")
    other = await workshop.put(world.bob, "ink too", digest=style.digest)
    for member, each, left in ((world.alice, style, True), (world.bob, other, False)):
        asked = await member.slash(world.channel, "style delete", name=f"#{each.id}")
        await member.click(asked.response, custom_id=f"style-delete-now:{each.id}")
        assert bool(world.store.files.size(style.digest)) is left


async def test_a_large_file_is_not_sent_but_said_where_it_is(workshop: Workshop) -> None:
    world = workshop.world
    style = await workshop.put(workshop.host, "ink")
    path = world.store.files.path(style.digest)
    with path.open("ab") as stream:
        stream.truncate(30 * 2**20)
    told = await workshop.host.slash(world.channel, "style export", name="ink")
    assert str(path.absolute()) in workshop.said(told).replace("\\", "")
    await world.store.styles.delete(style.id)
    style = await workshop.put(world.alice, "wash")
    with world.store.files.path(style.digest).open("ab") as stream:
        stream.truncate(30 * 2**20)
    told = await world.alice.slash(world.channel, "style export", name="wash")
    assert style.digest in workshop.said(told)
    assert str(world.store.files.root.absolute()) not in workshop.said(told).replace("\\", "")


async def test_a_file_that_discord_finds_too_large_is_said_where_it_is(
    workshop: Workshop,
) -> None:
    world = workshop.world
    style = await workshop.put(world.alice, "ink")
    world.env.inject_error("POST", "/webhooks/*", status=413, code=40005)
    told = await world.alice.slash(world.channel, "style export", name="ink")
    assert style.digest in workshop.said(told)


async def test_a_damaged_file_is_not_sent(workshop: Workshop) -> None:
    world = workshop.world
    style = await workshop.put(world.alice, "ink")
    path = world.store.files.path(style.digest)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    told = await world.alice.slash(world.channel, "style export", name="ink")
    assert "The file of “ink” is damaged." in workshop.said(told)


@pytest.mark.parametrize("during", ["the check", "the reading"])
async def test_a_style_that_is_withdrawn_during_an_export_is_not_sent(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, during: str
) -> None:
    world = workshop.world
    job = await trained(world, world.alice, by=[world.alice, world.bob])
    style = await style_of(world, job)
    loop, store = asyncio.get_running_loop(), world.store

    async def revoked() -> None:
        await store.revocations.revoke(world.bob.id, dataset_id=None, retrain=False)

    if during == "the check":
        where: Any = world.store.files
        name, what = "is_whole", world.store.files.is_whole
    else:
        where, name, what = Upload, "read", Upload.read

    def interrupted(*arguments: Any) -> Any:
        done = what(*arguments)
        asyncio.run_coroutine_threadsafe(revoked(), loop).result(10)
        return done

    monkeypatch.setattr(where, name, interrupted)
    told = await world.alice.slash(world.channel, "style export", name=f"#{style.id}")
    assert "Here is the file" not in workshop.said(told)
    assert not [e for e in (told.response, *told.followups) if e and e.attachments]
    assert not store.files.path(style.digest).exists()
    assert workshop.said(told).strip() != ""
    assert "Something went wrong" not in workshop.said(told)


async def test_a_sweep_is_an_ordinary_round(workshop: Workshop) -> None:
    world = workshop.world
    await workshop.put(world.alice, "ink")
    await world.alice.slash(world.channel, "style sweep", name="ink", strengths="0, 0.5, 1", seed=7)
    await world.done()
    (asked,) = world.requests()
    assert asked["axes"] == [["adapter_strength", [0.0, 0.5, 1.0]]]
    assert (asked["seed"], asked["count"]) == (7, 3)
    assert [name for name, *_ in asked["adapters"]] == ["ink"]
    assert "red star" in asked["prompt"]
    refused = await world.alice.slash(world.channel, "style sweep", name="ink", strengths="9, 1")
    assert refused.ephemeral
    await workshop.put(world.alice, "rock", kind=StyleKind.EMBEDDING)
    refused = await world.alice.slash(world.channel, "style sweep", name="rock")
    assert "has no strength to compare" in workshop.said(refused)


async def test_paint_with_it_opens_a_form(workshop: Workshop) -> None:
    world = workshop.world
    style = await workshop.put(world.alice, "ink", scope=SHARED)
    card = (await world.bob.slash(world.channel, "style show", name="ink")).response
    form = await world.bob.click(card, custom_id=f"style-paint:{style.id}")
    await world.bob.submit_modal(form, {"prompt": "a blue circle"})
    await world.done()
    (asked,) = world.requests()
    assert asked["prompt"] == "a blue circle"
    assert [name for name, *_ in asked["adapters"]] == ["ink"]


async def test_a_cards_form_paints_with_that_style_and_not_with_ones_own_of_its_name(
    workshop: Workshop,
) -> None:
    world = workshop.world
    await workshop.put(world.bob, "ink")
    style = await workshop.put(world.alice, "ink", scope=SHARED)
    card = (await world.bob.slash(world.channel, "style show", name=f"#{style.id}")).response
    form = await world.bob.click(card, custom_id=f"style-paint:{style.id}")
    await world.bob.submit_modal(form, {"prompt": "a blue circle"})
    await world.done()
    (asked,) = world.requests()
    assert [digest for *_, digest in asked["adapters"]] == [style.digest]


async def test_an_id_that_is_not_theirs_is_a_name_like_any_other(workshop: Workshop) -> None:
    world = workshop.world
    await workshop.put(world.bob, "ink")
    secret = await workshop.put(world.alice, "secret")
    said = [
        workshop.said(await world.bob.slash(world.channel, "imagine", prompt="a", style=typed))
        for typed in (f"#{secret.id}", f"#{secret.id + 999}")
    ]
    assert [each.replace(f"#{secret.id + 999}", f"#{secret.id}") for each in said] == [said[0]] * 2
    assert "no style" in said[0]
    assert world.requests() == []


# Names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Ｉｎｋ\twash ", "Ink wash"),
        ("墨絵", "墨絵"),
        ("a\u200bb\u202ec", "abc"),
        ("x" * 40, "x" * 40),
        ("ink_v2.1-final", "ink_v2.1-final"),
    ],
)
def test_a_name_is_stored_in_one_line(typed: str, name: str) -> None:
    assert checked_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "x" * 41, "\u200b", "---", "…", "#12", "-ink"),
        *("<lora:ink>", "a:b", "a{b}", "(ink)", "ink|oil", "a/b", "a\\b", "`a`", "@everyone"),
        *("<@1>", "a,b", "墨、絵", "none", "なし", "a：b", "*bold*"),
        *("ナシ", "Ｎｏｎｅ", "Default", "標準"),
        *("\u3164", "\uffa0", "\u115f", "none\u3164"),
    ],
)
def test_other_names_are_refused(typed: str) -> None:
    with pytest.raises(Refusal):
        checked_name(typed)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("ink.safetensors", "ink"),
        ("Ink (v2) [fixed].SAFETENSORS", "Ink v2 fixed"),
        ("../../etc/passwd.safetensors", "passwd"),
        ("C:\\loras\\ink.safetensors", "ink"),
        ("<@123>@everyone.safetensors", "123 everyone"),
        ("\u202e\x00.safetensors", "style"),
        (".safetensors", "style"),
        ("none.safetensors", "style"),
        ("y" * 300, "y" * 40),
    ],
)
def test_a_file_gives_a_name_that_may_be_one(title: str, name: str) -> None:
    assert name_for(title) == name
    assert checked_name(name) == name
