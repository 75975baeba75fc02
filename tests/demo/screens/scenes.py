"""What members do until each page of pictures, commands and settings has been shown."""

from __future__ import annotations

from typing import Any

from generation.protocol.events import Reason
from storage.gestures import SHEET
from storage.records import Round
from tests.bot.begun import press
from tests.bot.world import World
from tests.demo.screens.camera import Camera

WORDS = {
    "en": {"star": "a {red|blue} star on a dark blue background", "blue": "make it blue"},
    "ja": {"star": "紺色の背景に浮かぶ{赤い|青い}星、やわらかい光", "blue": "青くして"},
}
LONG = {
    "en": ("an old lighthouse on a cliff, *crashing* waves, __storm__ clouds, ") * 15,
    "ja": "断崖に立つ古い灯台、荒れる波、垂れこめた嵐の雲、" * 42,
}


class Stage:
    """A world with a camera, and the language that its members speak."""

    def __init__(self, world: World, camera: Camera, language: str) -> None:
        self.world = world
        self.camera = camera
        self.language = language

    def words(self, name: str) -> str:
        """Return words that a member would write."""
        return WORDS[self.language][name]

    async def painted(self, member: Any, prompt: str, **options: Any) -> Round:
        """Have a member paint a round."""
        return await self.world.painted(member, prompt, **options)

    async def shown(self, name: str, round_: Round, part: int = 0) -> None:
        """Take a picture of a round's message."""
        await self.camera.take(name, await self.world.message_of(round_, part))

    async def click(self, member: Any, round_: Round, verb: str, place: int | None = None) -> Any:
        """Press a button on a round's message: for a picture, or for the round."""
        about = round_.id
        if place is not None:
            about = (await self.world.store.images.of_round(round_.id))[place].id
        message = await self.world.message_of(round_)
        return await member.click(message, custom_id=f"{verb}:{about}")


async def rounds(stage: Stage) -> None:
    world, alice, bob = stage.world, stage.world.alice, stage.world.bob
    star = stage.words("star")
    await stage.shown("round of 4", await stage.painted(alice, star))
    round_ = await stage.painted(alice, star)
    await stage.click(alice, round_, "like", 0)
    await stage.click(alice, round_, "like", 3)
    await stage.click(bob, round_, "like", 3)
    await world.dislike(alice, (await world.store.images.of_round(round_.id))[1])
    await stage.shown("liked", round_)
    await stage.click(alice, round_, "next")
    await world.done()
    second = await world.newest()
    await stage.shown("next", second)
    panel = await world.ellipsis(alice, second)
    await stage.camera.take("panel of the next", panel)
    await stage.camera.take("settings", await world.in_panel(alice, second, "round-settings"))
    await stage.camera.take("delete", await world.in_panel(alice, second, "delete"))
    await stage.click(bob, round_, "next")
    await world.done()
    await stage.shown("fork", await world.newest())
    for count in (1, 2, 3):
        await stage.shown(f"round of {count}", await stage.painted(alice, star, count=count))
    alone = await world.newest()
    await stage.camera.take("panel of 3", await world.ellipsis(alice, alone))


async def many(stage: Stage) -> None:
    world, alice = stage.world, stage.world.alice
    round_ = await stage.painted(alice, stage.words("star"), count=8)
    for place in (0, 2, 6):
        await stage.click(alice, round_, "like", place)
    await world.dislike(alice, (await world.store.images.of_round(round_.id))[4])
    await stage.shown("round of 8 liked", round_)
    await stage.camera.take("panel of 8", await world.ellipsis(alice, round_))
    await stage.click(alice, round_, "next")
    await world.done()
    await stage.shown("next of 8", await world.newest())
    long = LONG[stage.language][:1000]
    round_ = await stage.painted(alice, long, negative=long[:300], size="3:2", group=True)
    await stage.shown("long prompt", round_)
    await stage.camera.take("panel of a long prompt", await world.ellipsis(alice, round_))
    settings = await world.in_panel(alice, round_, "round-settings")
    await stage.camera.take("settings of a long prompt", settings)
    image = (await world.store.images.of_round(round_.id))[0]
    panel = await world.panel(alice, image)
    await alice.click(panel.response, custom_id=f"details:{image.id}")
    await stage.camera.take("details of a long prompt", panel)


async def pictures(stage: Stage) -> None:
    world, alice, camera = stage.world, stage.world.alice, stage.camera
    round_ = await stage.painted(alice, stage.words("star"), seed=5)
    images = await world.store.images.of_round(round_.id)
    panel = await world.panel(alice, images[0])
    await camera.take("picture", await world.panel(alice, images[1]))
    for verb in ("edit", "restyle", "vary-prompt"):
        await camera.form(f"form {verb}", panel, f"{verb}:{images[0].id}")
    await alice.click(panel.response, custom_id=f"details:{images[0].id}")
    await camera.take("picture with details", panel)
    form = await press(world, alice, "edit", round_, 1)
    await alice.submit_modal(form, {"instruction": stage.words("blue"), "keep": "1.5"})
    await world.done()
    await stage.shown("edited", await world.newest())
    for verb in ("vary-strong", "zoom-out", "extend-left", "upscale-2", "repaint"):
        await press(world, alice, verb, round_)
        await world.done()
        await stage.shown(verb, await world.newest())
    made = await world.newest()
    inner = (await world.store.images.of_round(made.id))[0]
    panel = await world.panel(alice, inner)
    await alice.click(panel.response, custom_id=f"details:{inner.id}")
    await camera.take("panel of what was made", panel)
    panel = await world.ellipsis(alice, round_)
    await camera.form("form change-prompt", panel, f"change-prompt:{round_.id}")


async def words(stage: Stage) -> None:
    world, alice, camera = stage.world, stage.world.alice, stage.camera
    for section in range(6):
        page = await alice.slash(world.channel, "help")
        if section:
            await alice.click(page.response, custom_id=f"help:{section}")
        await camera.take(f"help {section}", page)
    for name in ("about", "queue", "privacy", "settings"):
        await camera.take(name, await alice.slash(world.channel, name))
    chosen = {"size": "3:2", "count": 2, "feedback": "closer", "feedback_strength": 1.5}
    page = await alice.slash(world.channel, "settings", **chosen)
    await camera.take("settings changed", page)
    for verb in ("set-pictures", "set-steering"):
        await camera.form(f"form {verb}", page, f"{verb}:0")


async def server(stage: Stage) -> None:
    world, admin, camera = stage.world, stage.world.admin, stage.camera
    camera.viewer = admin
    page = await admin.slash(world.channel, "konomi settings")
    await camera.take("konomi settings", page)
    asked = {"group_boards": True, "waiting": 1, "content_filter": "spoiler"}
    page = await admin.slash(world.channel, "konomi settings", **asked)
    await camera.take("konomi settings changed", page)
    page = await admin.slash(world.channel, "konomi channel", channel=world.channel, paint=True)
    await camera.take("konomi channel", page)


async def comparisons(stage: Stage) -> None:
    world, alice, camera = stage.world, stage.world.alice, stage.camera
    asked = {"across": "steps", "across_values": "10, 20, 30", "down": "guidance"}
    asked |= {"down_values": "3 6", "prompt": stage.words("star")}
    await alice.slash(world.channel, "compare", **asked)
    await world.done()
    round_ = await world.newest()
    message = await world.message_of(round_, SHEET)
    await camera.take("comparison", message)
    image = (await world.store.images.of_round(round_.id))[0]
    single = await alice.click(message, custom_id=f"single:{image.id}")
    await camera.take("its pictures", single)
    panel = await alice.click(message, custom_id=f"round:{round_.id}")
    await camera.take("its panel", panel)


async def refusals(stage: Stage) -> None:
    world, alice, camera = stage.world, stage.world.alice, stage.camera
    refused: tuple[dict[str, Any], ...] = (
        {"steps": 5000},
        {"size": "huge"},
        {"prompt": "a {red star"},
        {"guidance": 99.0},
    )
    for number, options in enumerate(refused):
        prompt = options.pop("prompt", stage.words("star"))
        await camera.take(f"refused {number}", await world.imagine(alice, prompt, **options))
    for reason in Reason:
        await world.imagine(alice, f"fail {reason.value}")
        await world.done()
        await camera.take(f"failed {reason.value}", world.ours()[-1])
    await world.imagine(alice, "unsafe star", count=2)
    await world.done()
    await camera.take("withheld", world.ours()[-1])
    await world.mod.send(world.channel, f"<@{world.bot.user.id}>")  # type: ignore[union-attr]
    await world.done()
    await camera.take("mention without words", world.ours()[-1])


async def waiting(stage: Stage) -> None:
    world, alice, camera = stage.world, stage.world.alice, stage.camera
    prompt = f"hold {stage.words('star')}"
    *waits, refused = [await world.imagine(alice, f"{prompt} {n}", count=4) for n in range(5)]
    await world.until(lambda: _previewed(world))
    await camera.take("painting", waits[0])
    await camera.take("waiting", waits[1])
    await camera.take("too many wait", refused)
    await camera.take("queue", await alice.slash(world.channel, "queue"), now=True)
    world.release()
    await world.done()


async def _previewed(world: World) -> bool:
    return any(world.pictures(each) for each in world.ours())


SCENES = (rounds, many, pictures, comparisons, waiting, words, server, refusals)
