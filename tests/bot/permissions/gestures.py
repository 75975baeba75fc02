"""Everything that can be done with styles and trainings, and how the tests do it."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.client import BUTTONS, FORMS
from bot.components.training.dataset_forms import Choice
from bot.views.press import Verb
from tests.bot.painter import png
from tests.bot.permissions.house import House, Person
from tests.bot.permissions.subjects import STEP, Subject, record_of
from tests.bot.styles.workshop import ink

Play = Callable[[House, Person, Subject], Awaitable[Any]]


class Effect(enum.Enum):
    """What a gesture does for those who may."""

    SHOWS = "answers in private, and changes nothing"
    FORM = "opens a form"
    CHANGES = "changes rows"
    PAINTS = "paints with the style"
    CALLS = "paints in any case, with the style for those who may use it"
    SUGGESTS = "suggests it while somebody types"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Gesture:
    """A way to act; `of` is the command, the verb or the form that is registered for it."""

    of: str
    effect: Effect
    play: Play


GESTURES: dict[str, Gesture] = {}
"""All of them, by the names that the table has them under."""


def gesture(name: str, of: str, effect: Effect) -> Callable[[Play], Play]:
    """Return the decorator of a way to act."""

    def declare(play: Play) -> Play:
        assert name not in GESTURES, name
        GESTURES[name] = Gesture(of=of, effect=effect, play=play)
        return play

    return declare


# --- how gestures of a kind are made -----------------------------------------------------------


def command(name: str, effect: Effect, called: str = "", /, **options: Any) -> None:
    """Declare a command; options that are functions are called with person and subject."""

    @gesture(called or f"/{name}", name, effect)
    async def play(house: House, person: Person, subject: Subject) -> Any:
        given = {
            key: value(person, subject) if callable(value) else value
            for key, value in options.items()
        }
        return await house.slash(person, name, **given)


def button(
    verb: Verb,
    effect: Effect,
    about: Callable[[Subject], object] = lambda subject: subject.id,
    *,
    end: str = "",
    values: Callable[[Subject], tuple[str, ...]] = lambda _: (),
) -> None:
    """Declare a button, or a list in which values are chosen."""

    @gesture(verb.value, verb.value, effect)
    async def play(house: House, person: Person, subject: Subject) -> Any:
        custom_id = f"{verb}:{about(subject)}{end}"
        return await house.press(person, custom_id, *values(subject))


def form(
    verb: str,
    effect: Effect,
    values: dict[str, str],
    about: Callable[[Subject], object] = lambda subject: subject.id,
    called: str = "",
    **more: Any,
) -> None:
    """Declare a form that is submitted, whether it was shown or not."""

    @gesture(called or verb, verb, effect)
    async def play(house: House, person: Person, subject: Subject) -> Any:
        return await house.submit(person, f"{verb}:{about(subject)}", values, **more)


def suggestions(name: str, option: str) -> None:
    """Declare the suggestions of an option."""

    @gesture(f"/{name} {option}…", f"{name} {option}", Effect.SUGGESTS)
    async def play(house: House, person: Person, subject: Subject) -> Any:
        return await house.complete(person, name, option, subject.name[2:9])


def by_id(_: Person, subject: Subject) -> str:
    return f"#{subject.id}"


def by_name(_: Person, subject: Subject) -> str:
    return subject.name


def job_of(_: Person, subject: Subject) -> str:
    return str(subject.id)


def image_of(subject: Subject) -> int:
    return subject.image_id


def style_of(subject: Subject) -> int:
    return subject.style_id


def dataset_of(subject: Subject) -> int:
    return subject.image_id


def other_scope(_: Person, subject: Subject) -> str:
    return "mine" if subject.shared else "server"


NEW_NAME = iter(f"other {number}" for number in range(10_000))
SHOWS, FORM, CHANGES = Effect.SHOWS, Effect.FORM, Effect.CHANGES
PAINTS, CALLS = Effect.PAINTS, Effect.CALLS

# --- styles ---------------------------------------------------------------------------------

command("style list", SHOWS)
button(Verb.STYLES, SHOWS, lambda _: 0)
command("style show", SHOWS, name=by_id)
command("style show", SHOWS, "/style show by name", name=by_name)
button(Verb.STYLE, SHOWS)
button(Verb.STYLE_PICK, SHOWS, lambda _: 0, values=lambda subject: (str(subject.id),))
for each in ("show", "rename", "share", "delete", "export", "sweep"):
    suggestions(f"style {each}", "name")

command("style rename", CHANGES, name=by_id, new_name=lambda *_: next(NEW_NAME))
button(Verb.STYLE_RENAME, FORM)


@gesture("style-rename-form", "style-rename-form", CHANGES)
async def rename(house: House, person: Person, subject: Subject) -> Any:
    values = {"name": next(NEW_NAME)}
    return await house.submit(person, f"style-rename-form:{subject.id}", values)


button(Verb.STYLE_LICENCE, FORM)
form("style-licence-form", CHANGES, {"licence": "MIT"})
command("style share", CHANGES, name=by_id, who=other_scope)
button(Verb.STYLE_SHARE, SHOWS)
button(
    Verb.STYLE_SHARED,
    CHANGES,
    values=lambda subject: ("mine" if subject.shared else "server",),
)
command("style delete", SHOWS, name=by_id)
button(Verb.STYLE_DELETE, SHOWS)
button(Verb.STYLE_DELETE_NOW, CHANGES)
command("style export", SHOWS, name=by_id)
button(Verb.STYLE_EXPORT, SHOWS)
command("style sweep", PAINTS, name=by_id, strengths="0, 1")
button(Verb.STYLE_SWEEP, PAINTS)
button(Verb.STYLE_PAINT, FORM)
form("style-paint-form", PAINTS, {"prompt": "a star"})

FILES = iter(range(1000, 10_000))


@gesture("/style add", "style add", CHANGES)
async def add(house: House, person: Person, subject: Subject) -> Any:
    number = next(FILES)
    return await house.slash(person, "style add", file=(f"f{number}.safetensors", ink(number)))


@gesture("/style add of the machine", "style add", CHANGES)
async def add_of_the_machine(house: House, person: Person, subject: Subject) -> Any:
    number = next(FILES)
    path = Path(house.world.notes) / f"f{number}.safetensors"
    path.write_bytes(ink(number))
    return await house.slash(person, "style add", source=str(path))


# --- painting -------------------------------------------------------------------------------

PICTURE = ("picture.png", png((200, 10, 10)))
PICTURED = {"picture": PICTURE, "count": 1, "style": by_name}

command("imagine", PAINTS, "/imagine style", prompt="a star", count=1, style=by_name)
command("imagine", PAINTS, "/imagine style #id", prompt="a star", count=1, style=by_id)
command(
    "imagine",
    PAINTS,
    "/imagine style hash",
    prompt="a star",
    count=1,
    style=lambda _, subject: subject.digest,
)
command("restyle", PAINTS, "/restyle style", prompt="a star", **PICTURED)
command("inpaint", PAINTS, "/inpaint style", prompt="a star", area="upper", **PICTURED)
command("outpaint", PAINTS, "/outpaint style", **PICTURED)
command(
    "compare",
    PAINTS,
    "/compare style",
    prompt="a star",
    style=by_name,
    across="adapter_strength",
    across_values="0, 1",
)
command(
    "imagine",
    CALLS,
    "/imagine <lora:name>",
    count=1,
    prompt=lambda _, subject: f"a star <lora:{subject.name}:0.5>",
)
command(
    "imagine",
    CALLS,
    "/imagine <lora:hash>",
    count=1,
    prompt=lambda _, subject: f"a star <lora:{subject.digest}:0.5>",
)
command(
    "imagine",
    CALLS,
    "/imagine word",
    count=1,
    prompt=lambda _, subject: f"a star, {subject.name}",
)
command(
    "compare",
    CALLS,
    "/compare <lora:name>",
    prompt="a star",
    across="prompt",
    across_values=lambda _, subject: f"star, circle <lora:{subject.name}:1>",
)
for each in ("imagine", "restyle", "inpaint", "outpaint", "compare", "konomi channel", "settings"):
    suggestions(each, "style")


@gesture("/replay record", "replay", PAINTS)
async def replay(house: House, person: Person, subject: Subject) -> Any:
    picture = ("a.png", png((1, 2, 3), record_of(subject.digest)))
    return await house.slash(person, "replay", picture=picture)


@gesture("/replay words", "replay", CALLS)
async def replay_words(house: House, person: Person, subject: Subject) -> Any:
    said = f"a star <lora:{subject.name}:1>\nSteps: 4, Sampler: Euler, Seed: 7, Size: 64x64"
    return await house.slash(
        person, "replay", picture=("a.png", png((1, 2, 3), {"parameters": said}))
    )


command("settings", CHANGES, "/settings style", style=by_name)
command(
    "konomi channel",
    CHANGES,
    "/konomi channel style",
    channel=lambda person, _: person.channel,
    style=by_name,
)


@gesture("style-settings-form", "style-settings-form", CHANGES)
async def settings_form(house: House, person: Person, subject: Subject) -> Any:
    return await house.submit(person, "style-settings-form:0", {"style": subject.name})


STYLED: dict[Verb, Callable[[Subject], object]] = {
    **dict.fromkeys((Verb.NEXT, Verb.RETRY, Verb.PLAIN), lambda subject: subject.id),
    **dict.fromkeys(
        (
            *(Verb.VARY_SUBTLE, Verb.VARY_STRONG, Verb.ZOOM_OUT, Verb.ZOOM_FAR_OUT),
            *(Verb.EXTEND_LEFT, Verb.EXTEND_RIGHT, Verb.EXTEND_UP, Verb.EXTEND_DOWN),
            *(Verb.UPSCALE_2, Verb.UPSCALE_4, Verb.REPAINT, Verb.REPAINT_ANYWAY),
        ),
        image_of,
    ),
}
for verb, about in STYLED.items():
    button(verb, PAINTS, about)
form("next-prompt-form", PAINTS, {"prompt": "a blue star", "negative": ""})
form("vary-prompt-form", PAINTS, {"prompt": "a blue star", "negative": ""}, image_of)
form("restyle-form", PAINTS, {"prompt": "a blue star", "strength": "0.5"}, image_of)

# --- training -------------------------------------------------------------------------------

for each in ("lora", "embedding", "dreambooth", "finetune", "edit", "taste"):
    command(f"train {each}", FORM)


def train_form(called: str, values: dict[str, str], choice: Choice, **more: Any) -> None:
    form(
        "train-form",
        CHANGES,
        {"name": "Rocky", "trigger": "", "class": "", **values},
        lambda _: choice.number(),
        called,
        **more,
    )


TWO = [(f"{number}.png", png((90 * number, 10, 10))) for number in (1, 2)]
train_form("form of lora", {}, Choice(method="lora"), files=TWO[:1], consent=True)
train_form("form of finetune", {}, Choice(method="finetune"), files=TWO[:1], consent=True)
train_form("form of taste", {}, Choice(method="taste", source="likes"), consent=True)
train_form("form of taste by upload", {}, Choice(method="taste"), files=TWO[:1], consent=True)
train_form("form of taste by thread", {}, Choice(method="taste", source="thread"))

command("train rights", SHOWS)
command("train rights", CHANGES, "/train rights granted", granted=lambda who, _: not granted(who))
command("train rights", CHANGES, "/train rights tastes", member_tastes=True)


def granted(person: Person) -> bool:
    """Return True if training is granted where somebody is."""
    return person.granted


command("admin trainings", SHOWS)

# --- data sets --------------------------------------------------------------------------------

button(Verb.DATASET_START, CHANGES)
button(Verb.DATASET_CHANGE, FORM)
form("dataset-change-form", CHANGES, {"name": "Granite", "trigger": "", "class": ""})
button(Verb.DATASET_ADD, FORM)
form("dataset-add-form", CHANGES, {}, files=TWO[1:], consent=True)
button(Verb.DATASET_SHOW, SHOWS)
button(Verb.DATASET_AGREE, CHANGES)
button(Verb.DATASET_CANCEL, CHANGES)

# --- trainings --------------------------------------------------------------------------------

for verb, effect in {
    Verb.TRAIN_PAUSE: CHANGES,
    Verb.TRAIN_RESUME: CHANGES,
    Verb.TRAIN_STOP: CHANGES,
    Verb.TRAIN_CANCEL: SHOWS,
    Verb.TRAIN_CANCEL_NOW: CHANGES,
    Verb.TRAIN_PAINT: FORM,
}.items():
    button(verb, effect)
button(Verb.TRAIN_PICK, SHOWS, values=lambda _: (str(STEP),))
button(Verb.TRAIN_USE, CHANGES, end=f":{STEP}")
form("train-paint-form", PAINTS, {"prompt": "a star"})
command("train status", SHOWS, training=job_of)
command("train pause", CHANGES, training=job_of)
command("train resume", CHANGES, training=job_of)
command("train stop", CHANGES, training=job_of)
command("train list", SHOWS)
for each in ("status", "pause", "resume", "stop"):
    suggestions(f"train {each}", "training")
button(Verb.CANCEL, CHANGES)


@gesture("👍 on the card", "👍", CHANGES)
async def react(house: House, person: Person, subject: Subject) -> None:
    await house.react(person, "👍", subject.message_id)


# --- consents ---------------------------------------------------------------------------------

command("privacy", SHOWS)
command("privacy", SHOWS, "/privacy member", member=lambda _, subject: str(subject.member_id))
button(Verb.PRIVACY, SHOWS, lambda _: 0)
button(Verb.REVOKE, SHOWS, dataset_of)
button(Verb.REVOKE_NOW, CHANGES, dataset_of)
button(Verb.REVOKE_STYLE, SHOWS, style_of)
button(Verb.REVOKE_ALL, SHOWS, lambda _: 0)
button(Verb.REVOKE_ALL_NOW, CHANGES, lambda _: 0)
button(Verb.REVOKE_FOR, SHOWS, lambda subject: subject.member_id)
button(Verb.REVOKE_FOR_NOW, CHANGES, lambda subject: subject.member_id)
button(Verb.RETRAIN, CHANGES, style_of)

REGISTERED = {button_.verb.value for button_ in BUTTONS} | {form_.verb for form_ in FORMS}
"""The verbs of everything that can be pressed or submitted."""
