"""What an admin does until each page of styles and training has been shown."""

from __future__ import annotations

from typing import Any

from storage.records import Job
from storage.style_records import StyleKind, StyleScope
from tests.bot.commands.training.studio import Studio, drawings
from tests.bot.styles.workshop import Workshop
from tests.bot.trained import card, reached, started
from tests.demo.screens.scenes import Stage

NAMES = {"en": "Aunt Mia's __rocks__", "ja": "ミアおばさんの岩"}


async def datasets(stage: Stage) -> None:
    world, admin = stage.world, stage.world.admin
    stage.camera.viewer = admin
    studio = Studio(world)
    await studio.grant()
    await stage.camera.take("rights", await admin.slash(world.channel, "train rights"))
    for method in ("lora", "edit", "taste"):
        if method != "taste":
            world.bot.services.rules._hosts = frozenset({admin.id})
        await stage.camera.command_form(f"form {method}", f"/train {method}")
    files = [*drawings(4), ("notes.txt", b"hello")]
    answer = await studio.begin(admin, files=files, consent=False, name=NAMES[stage.language])
    await stage.camera.take("handed over", answer)
    dataset = await studio.newest()
    await stage.camera.take("without consent", await studio.card(dataset.id), now=True)
    await stage.camera.take("refused start", await studio.press(admin, "start", dataset.id))
    for verb in ("add", "change"):
        message = await studio.card(dataset.id)
        await stage.camera.form(f"form {verb}", message, f"dataset-{verb}:{dataset.id}")
    await stage.camera.take("own pictures", await studio.press(admin, "show", dataset.id))
    await stage.camera.take("agreed", await studio.press(admin, "agree", dataset.id))
    await stage.camera.take("dataset", await studio.card(dataset.id), now=True)
    await studio.press(admin, "cancel", dataset.id)
    await stage.camera.take("cancelled", await studio.card(dataset.id))
    round_ = await stage.painted(admin, stage.words("star"))
    for place in range(3):
        await stage.click(admin, round_, "like", place)
    answer = await studio.begin(admin, options={"from": "likes"}, name="likes")
    await stage.camera.take("likes handed over", answer)
    await stage.camera.take("dataset of likes", await studio.card((await studio.newest()).id))


async def trainings(stage: Stage) -> None:
    world, admin = stage.world, stage.world.admin
    stage.camera.viewer = admin
    world.bot.services.rules._hosts = frozenset({admin.id})
    job = await _started(stage, "hold", by=(admin, world.bob))
    waits = await _started(stage, "hold 2")
    await reached(world, job, 3)
    await stage.camera.take("running", await card(world, job))
    await stage.camera.take("waiting", await card(world, waits), now=True)
    message = await card(world, job)
    looked = await admin.select(message, ["2"], custom_id=f"train-pick:{job.id}")
    await stage.camera.take("checkpoint", looked, now=True)
    used = await admin.click(looked.response, custom_id=f"train-use:{job.id}:2")
    await stage.camera.take("checkpoint chosen", used)
    asked = await admin.click(message, custom_id=f"train-cancel:{job.id}")
    await stage.camera.take("cancel asked", asked)
    await admin.click(message, custom_id=f"train-pause:{job.id}")
    await stage.camera.take("paused", await card(world, job), now=True)
    for command in ("list", "status"):
        await stage.camera.take(command, await admin.slash(world.channel, f"train {command}"))
    await stage.camera.take("admin trainings", await admin.slash(world.channel, "admin trainings"))
    await admin.click(await card(world, job), custom_id=f"train-resume:{job.id}")
    world.release()
    await world.done()
    await stage.camera.take("finished", await card(world, job))
    failed = await _started(stage, "fail invalid")
    await world.done()
    await stage.camera.take("failed", await card(world, failed))
    privacy = await admin.slash(world.channel, "privacy")
    await stage.camera.take("privacy", privacy, now=True)
    asked = await admin.click(privacy.response, custom_id=f"revoke:{_revocable(stage, privacy)}")
    await stage.camera.take("revoke asked", asked)
    privacy = await admin.slash(world.channel, "privacy")
    asked = await admin.click(privacy.response, custom_id="revoke-all:0")
    await stage.camera.take("revoke all asked", asked, now=True)
    done = await admin.click(asked.response, custom_id="revoke-all-now:0")
    await stage.camera.take("revoked", done)


async def styles(stage: Stage) -> None:
    world, admin = stage.world, stage.world.admin
    stage.camera.viewer = admin
    shop = Workshop(world=world, trainer=admin, host=admin, elsewhere=None, stranger=None)
    await world.store.training_rights.grant(world.guild.id)
    await stage.camera.take("list empty", await admin.slash(world.channel, "style list"))
    added = await shop.add(admin, "Ink Wash (v2).safetensors", strength=0.8)
    await stage.camera.take("added", added)
    for number in range(11):
        name = f"{NAMES[stage.language]} {number}"
        await shop.put(admin, name, scope=StyleScope.SERVER, trigger="dreamy **bold**")
    own = await shop.put(
        admin,
        NAMES[stage.language],
        kind=StyleKind.LORA,
        contributors=(world.bob.id, world.mod.id),
        base_model="shapes",
        evaluation={"fidelity": 0.81, "file": None},
    )
    listed = await admin.slash(world.channel, "style list")
    await stage.camera.take("list", listed)
    shown = await admin.slash(world.channel, "style show", name=f"#{own.id}")
    await stage.camera.take("show", shown)
    await stage.camera.form("form rename", shown, f"style-rename:{own.id}")
    for verb in ("share", "delete"):
        page = await admin.slash(world.channel, "style show", name=f"#{own.id}")
        await admin.click(page.response, custom_id=f"style-{verb}:{own.id}")
        await stage.camera.take(verb, page)
    exported = await admin.slash(world.channel, "style export", name="Ink Wash v2")
    await stage.camera.take("export", exported)
    await stage.camera.take(
        "unknown", await admin.slash(world.channel, "style show", name="nothing")
    )
    await stage.painted(admin, stage.words("star"), style="Ink Wash v2")
    await stage.camera.take("round", world.ours()[-1])
    await admin.slash(world.channel, "style sweep", name="Ink Wash v2", prompt=stage.words("star"))
    await world.done()
    await stage.camera.take("sweep", world.ours()[-1])


def _revocable(stage: Stage, page: Any) -> str:
    ids = stage.world.buttons(page.response)
    return next(each.partition(":")[2] for each in ids if each.startswith("revoke:"))


async def _started(stage: Stage, name: str, **more: Any) -> Job:
    locale = {"en": "en-US", "ja": "ja"}[stage.language]
    return await started(stage.world, stage.world.admin, name, locale=locale, **more)


SCENES = (datasets, trainings, styles)
