"""Who reaches what by id: everything that is registered, from every place, to every other.

Real clients press the buttons that they are shown. Here ids are forged: a button, a form, a command
of a message's menu, a reaction or a reply names something that may be anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from discord import app_commands

import bot
from bot.client import BUTTONS, COMMANDS, FORMS
from bot.settings import Settings
from bot.text import invalid, refusals
from bot.text import messages as text
from bot.text.training import datasets as dataset_text
from bot.text.training import progress as training_text
from bot.views.press import Verb
from storage.gestures import Gesture
from tests.bot.sight import Asker, Scene, Target

RATED, SHOWN, LISTED, ROUND, JOB = "rated", "shown", "listed", "round", "job"
"""What a button is about: a picture to rate; one to show or to go on from; one of a page; …"""
OWN = "own"
"""What is about nothing but the member who acts: their settings and consents, a page of the help.

`tests/bot/permissions` forges the ids of styles, data sets, trainings and consents.
"""
DATASET = "dataset"
"""What is about a data set; `commands/training/test_together.py` tries those of all places."""
TRAINING = "training"
"""What is about a training; `components/test_training_card.py` tries those of all places."""

ABOUT = {
    Verb.LIKE: RATED,
    Verb.DISLIKE: RATED,
    Verb.MORE: SHOWN,
    Verb.BACK: SHOWN,
    Verb.SINGLE: LISTED,
    Verb.NEXT: ROUND,
    Verb.PLAIN: ROUND,
    Verb.RETRY: ROUND,
    Verb.RESET: ROUND,
    Verb.DELETE: ROUND,
    Verb.DELETE_NOW: ROUND,
    Verb.ROUND: ROUND,
    Verb.SETTINGS: ROUND,
    Verb.PICK: SHOWN,
    Verb.PANEL_DISLIKE: RATED,
    Verb.CANCEL: JOB,
    Verb.SHOW: ROUND,
    Verb.EDIT_AS_ASKED: SHOWN,
    Verb.PICTURE_LIKE: RATED,
    Verb.PICTURE_DISLIKE: RATED,
    Verb.DETAILS: SHOWN,
    Verb.FOLD: SHOWN,
    Verb.VARY_SUBTLE: SHOWN,
    Verb.VARY_STRONG: SHOWN,
    Verb.RESTYLE: SHOWN,
    Verb.ZOOM_OUT: SHOWN,
    Verb.ZOOM_FAR_OUT: SHOWN,
    Verb.EXTEND_LEFT: SHOWN,
    Verb.EXTEND_RIGHT: SHOWN,
    Verb.EXTEND_UP: SHOWN,
    Verb.EXTEND_DOWN: SHOWN,
    Verb.UPSCALE_2: SHOWN,
    Verb.UPSCALE_4: SHOWN,
    Verb.EDIT: SHOWN,
    Verb.EDIT_NUMBERED: SHOWN,
    Verb.REPAINT: SHOWN,
    Verb.REPAINT_ANYWAY: SHOWN,
    Verb.CHANGE_PROMPT: ROUND,
    Verb.VARY_PROMPT: SHOWN,
    Verb.HELP: OWN,
    Verb.SET_SAMPLER: OWN,
    Verb.SET_PRESET: OWN,
    Verb.SET_PICTURES: OWN,
    Verb.SET_STEERING: OWN,
    Verb.SET_STYLE: OWN,
    Verb.RESET_SETTINGS: OWN,
    Verb.PRIVACY: OWN,
    Verb.REVOKE: OWN,
    Verb.REVOKE_NOW: OWN,
    Verb.REVOKE_STYLE: OWN,
    Verb.REVOKE_ALL: OWN,
    Verb.REVOKE_ALL_NOW: OWN,
    Verb.REVOKE_FOR: OWN,
    Verb.REVOKE_FOR_NOW: OWN,
    Verb.RETRAIN: OWN,
    Verb.TRAIN_PAUSE: TRAINING,
    Verb.TRAIN_RESUME: TRAINING,
    Verb.TRAIN_STOP: TRAINING,
    Verb.TRAIN_CANCEL: TRAINING,
    Verb.TRAIN_CANCEL_NOW: TRAINING,
    Verb.TRAIN_PICK: TRAINING,
    Verb.TRAIN_USE: TRAINING,
    Verb.TRAIN_PAINT: TRAINING,
    **dict.fromkeys([verb for verb in Verb if verb.startswith("style")], OWN),
    **dict.fromkeys([verb for verb in Verb if verb.startswith("dataset")], DATASET),
}

FIELDS: Mapping[str, Mapping[str, str]] = {
    "edit-form": {"instruction": "make it blue", "keep": "1.5"},
    "restyle-form": {"prompt": "a blue star", "strength": "0.5"},
    "next-prompt-form": {"prompt": "a blue star", "negative": "red"},
    "vary-prompt-form": {"prompt": "a blue star", "negative": "red"},
}
"""The forms about a picture to go on from, or a round, with what is written into their fields."""

OF_ROUNDS = {"next-prompt-form"}
"""The forms about a round."""

OF_TRAININGS = {"train-paint-form"}
"""The forms about a training."""

OF_DATASETS = {"dataset-add-form", "dataset-change-form"}
"""The forms about a data set."""

OWN_FORMS = {
    "train-form",
    *("picture-settings-form", "style-settings-form", "steering-settings-form"),
    *("style-paint-form", "style-rename-form", "style-licence-form"),
}
"""The forms about nothing but the member who sends them."""

CHOOSING = {"edit-form": "picture"}
"""The field of a form that chooses another picture than the one in its custom id."""

ACTS = {Gesture.NEXT: "🔁", Gesture.AGAIN: "🎲", Gesture.EDIT: "✏️", Gesture.DELETE: "❌"}
"""The reactions that do something; the others rate the very message that they stand on."""

MENUS = {"Edit this"}
"""The commands of a message's menu."""

WITHOUT_IDS = {
    *("prompt", "negative", "count", "seed", "steps", "guidance", "size", "width", "height"),
    *("scheduler", "feedback", "feedback_start", "feedback_end", "feedback_strength"),
    *("feedback_explore", "feedback_drop", "grid", "group", "across", "across_values", "down"),
    *("down_values", "picture", "mask", "strength", "area", "direction", "times", "noise"),
    *("scratches", "anyway", "instruction", "mode", "obey", "keep", "variety", "sheet"),
    *("group_boards", "add_reactions", "waiting", "pictures_per_day", "content_filter"),
    *("channel", "paint", "member"),
    *("channel", "paint", "training", "granted", "add_role", "remove_role", "member_tastes"),
    *("file", "trigger", "licence", "who", "source", "new_name", "strengths"),
    "captions",
}
"""Options of commands; none names a board, a round, a picture, a job or a message.

A training is named by whoever sees it in the list; see `commands/test_train_manage.py`.
"""
SUGGESTED = {"training", "licence"}
"""Options with suggestions: each has a test of what it suggests to whom, or suggests the same to
everyone."""

GONE = {
    RATED: refusals.PICTURE_GONE("en-US"),
    SHOWN: refusals.PICTURE_GONE("en-US"),
    LISTED: refusals.PICTURE_GONE("en-US"),
    ROUND: refusals.ROUND_GONE("en-US"),
    JOB: refusals.JOB_GONE("en-US"),
    DATASET: dataset_text.GONE("en-US"),
    TRAINING: training_text.GONE("en-US"),
}

NOTHING = 987_654_321
"""An id that was never given."""

OPEN = {"#pictures", "#elsewhere", "#adult", "a thread"}

SEES: Mapping[tuple[str, str], set[str]] = {
    ("alice", "#pictures"): OPEN | {"#private"},
    ("alice", "a private thread"): OPEN | {"#private", "a private thread"},
    ("alice", "alice's direct messages"): {"alice's direct messages"},
    ("bob", "#pictures"): OPEN,
    ("bob", "#adult"): OPEN,
    ("bob", "#unread"): OPEN | {"#unread"},
    ("bob", "bob's direct messages"): {"bob's direct messages"},
    ("bob", "the other server"): {"the other server"},
    ("mod", "#pictures"): OPEN,
    ("warden", "#pictures"): OPEN | {"a private thread"},
}
"""Who sees what is posted where, by where they are. Alice asked for all but what is Bob's own."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"safety_checker": "somebody/some"})


def test_nothing_that_is_registered_escapes() -> None:
    assert {button.verb for button in BUTTONS} == set(ABOUT)
    assert {form.verb for form in FORMS} == set(FIELDS) | OWN_FORMS | OF_TRAININGS | OF_DATASETS
    rating = {gesture for gesture in Gesture if gesture.rates}
    assert set(Gesture) == rating | set(ACTS) | {Gesture.MOODBOARD}
    for command in leaves():
        if isinstance(command, app_commands.ContextMenu):
            assert str(command.name) in MENUS
            continue
        for option in command.parameters:
            if option.name == "style" or (of_styles(command) and option.name == "name"):
                continue  # Names a style, which is looked for among those that the member sees.
            assert option.name in WITHOUT_IDS, f"{command.name} {option.name}"
            assert not option.autocomplete or option.name in SUGGESTED, option.name


def of_styles(command: Any) -> bool:
    """Return True for the commands of the group `style`."""
    return str(command.qualified_name).startswith("style ")


def test_no_handler_looks_anything_up_past_the_rule() -> None:
    package = Path(bot.__file__).parent
    for folder in ("commands", "components"):
        for path in (package / folder).rglob("*.py"):
            found = re.findall(r"store\.(?:boards|rounds|images|jobs)\b.*", path.read_text("utf-8"))
            assert not found, path.name


def leaves() -> list[Any]:
    """The commands, those of groups by themselves."""
    found: list[Any] = []
    for command in COMMANDS:
        found += command.walk_commands() if isinstance(command, app_commands.Group) else [command]
    return found


def asker_in(scene: Scene, who: str, where: str) -> Asker:
    world = scene.world
    actor: Any = scene.warden if who == "warden" else getattr(world, who)
    if where == "the other server":
        actor = scene.bob_there
    elif "direct" in where:
        actor = actor.user
    return scene.asker(actor, where)


async def targets(scene: Scene) -> list[Target]:
    """A round in each place, one more that is not posted yet, and flagged ones."""
    alice, bob = scene.world.alice.id, scene.world.bob.id
    bobs = ("bob's direct messages", "the other server")
    found = [
        await scene.put(place, bob if place in bobs else alice, flagged=flagged)
        for place in scene.channels
        for flagged in (False, True)
    ]
    return [*found, await scene.put("#private", alice, posted=False)]


def fields(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """A form's fields as Discord sends them."""
    return [
        {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
        for name, value in values.items()
    ]


def kind_of(form: str) -> str:
    """What a form is about."""
    return ROUND if form in OF_ROUNDS else SHOWN


def about_in(form: str, target: Target) -> int:
    """The id that a form about a target carries."""
    return target.round.id if form in OF_ROUNDS else target.image.id


async def forged(scene: Scene, asker: Asker, target: Target) -> list[tuple[str, str, Any]]:
    """Try everything that names a picture or a round: its name, its kind, and the answer."""
    tried = []
    for verb, kind in ABOUT.items():
        if kind == OWN:
            continue
        elsewhere = {ROUND: target.round.id, JOB: NOTHING, DATASET: NOTHING, TRAINING: NOTHING}
        about = elsewhere.get(kind, target.image.id)
        tried.append((verb.value, kind, await scene.press(asker, f"{verb}:{about}")))
    for verb, values in FIELDS.items():
        sent = await scene.submit(asker, f"{verb}:{about_in(verb, target)}", fields(values))
        tried.append((verb, kind_of(verb), sent))
    for verb, field in CHOOSING.items():
        values = {**FIELDS[verb], field: str(target.image.id)}
        sent = await scene.submit(asker, f"{verb}:{NOTHING}", fields(values))
        tried.append((f"{verb} {field}", SHOWN, sent))
    return tried


async def test_what_a_member_does_not_see_is_as_good_as_gone(scene: Scene) -> None:
    everything = await targets(scene)
    assert {target.place for target in everything} == set(scene.channels)
    for (who, where), places in SEES.items():
        asker = asker_in(scene, who, where)
        unseen = [target for target in everything if target.place not in places]
        before, wrong = await scene.state(), []
        for target in unseen:
            for name, kind, result in await forged(scene, asker, target):
                answer = scene.answer(result)
                if answer != GONE[kind] or scene.pictures(result) or result.modal:
                    wrong.append((target.place, name, answer[:80]))
            if "direct" not in where:
                answer = scene.answer(await scene.choose(asker, "Edit this", target.message_id))
                if answer != invalid.EDIT_NO_PICTURE("en-US"):
                    wrong.append((target.place, "Edit this", answer[:80]))
        assert wrong == [], (who, where)
        assert await scene.state() == before, (who, where)
        assert not [each.place for each in unseen if each.secret in scene.said_in(asker)]


async def test_reactions_and_replies_reach_no_further(scene: Scene) -> None:
    asker, everything = asker_in(scene, "bob", "#pictures"), await targets(scene)
    unseen = [target for target in everything if target.place not in SEES["bob", "#pictures"]]
    for target in unseen:
        kept, emojis = await scene.state(), list(ACTS.values())
        for emoji in emojis:
            await scene.react(asker, emoji, target.message_id)
            await scene.env.advance_time(130)
        given = [row for row in await scene.state() if row not in kept]
        assert all(row[0] == "reactions" for row in given), (target.place, given)
        assert target.secret not in scene.said_in(asker)

        # Like a reply to anything else: a prompt of its own, which is another round.
        await scene.reply(asker, "a blue star", target.message_id)
        await scene.world.done()
        newest = await scene.world.newest()
        assert (newest.parameters["prompt"], newest.source_digest) == ("a blue star", None)


@pytest.mark.parametrize(
    ("who", "where", "place"),
    [
        ("bob", "#pictures", "#pictures"),
        ("bob", "#pictures", "#elsewhere"),
        ("bob", "#pictures", "#adult"),
        ("alice", "#pictures", "#private"),
        ("alice", "a private thread", "a private thread"),
        ("alice", "alice's direct messages", "alice's direct messages"),
    ],
)
async def test_what_a_member_sees_they_reach(
    scene: Scene, who: str, where: str, place: str
) -> None:
    asker = asker_in(scene, who, where)
    target = await scene.put(place, scene.world.alice.id)
    for verb, kind in ABOUT.items():
        if kind in (JOB, OWN, DATASET, TRAINING) or verb is Verb.DELETE_NOW:
            continue
        about = target.round.id if kind == ROUND else target.image.id
        result = await scene.press(asker, f"{verb}:{about}")
        answer = scene.answer(result)
        assert answer not in GONE.values(), verb
        if verb in (Verb.MORE, Verb.BACK, Verb.DETAILS):
            assert scene.pictures(result) == 1, verb
        if verb is Verb.DETAILS:
            assert target.secret in answer
        await scene.world.done()
    for verb, values in FIELDS.items():
        sent = await scene.submit(asker, f"{verb}:{about_in(verb, target)}", fields(values))
        assert scene.answer(sent) not in GONE.values(), verb
        await scene.world.done()


@pytest.mark.parametrize("where", ["#pictures", "#adult"])
async def test_flagged_pictures_are_shown_where_the_filter_shows_them_and_nowhere_else(
    scene: Scene, where: str
) -> None:
    asker = asker_in(scene, "bob", where)
    places = ("#pictures", "#adult")
    flagged = [await scene.put(place, scene.world.alice.id, flagged=True) for place in places]
    refused = refusals.PICTURE_HIDDEN("en-US")
    for target in flagged:
        for name, kind, result in await forged(scene, asker, target):
            answer = scene.answer(result)
            if kind == SHOWN:
                assert (answer == refused) is (where == "#pictures"), (target.place, name)
            if where == "#pictures":
                assert scene.pictures(result) == 0 or kind == ROUND, (target.place, name)
            elif name in (Verb.BACK, Verb.SINGLE):
                assert scene.pictures(result) == 1, (target.place, name)
            if name == Verb.SINGLE and where == "#pictures":
                assert text.HIDDEN_HERE("en-US", number=1) in answer
            await scene.world.done()


class TestModeratingFromElsewhere:
    """Who moderates one channel does not moderate the others by that."""

    @pytest.mark.parametrize(
        ("who", "place", "may"),
        [
            ("mod", "#pictures", True),
            ("mod", "#elsewhere", False),
            ("alice", "#elsewhere", True),
            ("bob", "#pictures", False),
        ],
    )
    async def test_rounds_and_jobs(self, scene: Scene, who: str, place: str, may: bool) -> None:
        asker = asker_in(scene, who, "#pictures")
        target = await scene.put(place, scene.world.alice.id)
        job = await scene.job(place, scene.world.alice.id, target.round)

        cancelled = scene.answer(await scene.press(asker, f"cancel:{job.id}"))
        deleted = scene.answer(await scene.press(asker, f"delete:{target.round.id}"))
        asked_only = await scene.store.rounds.get(target.round.id)
        await scene.press(asker, f"delete-now:{target.round.id}")

        assert (refusals.NOT_YOURS_TO_CANCEL("en-US") in cancelled) is not may
        assert (refusals.NOT_YOURS_TO_DELETE("en-US") in deleted) is not may
        assert asked_only is not None
        assert (await scene.store.rounds.get(target.round.id) is None) is may

    async def test_jobs_that_are_not_seen_are_as_good_as_over(self, scene: Scene) -> None:
        alice, bob = scene.world.alice.id, scene.world.bob.id
        hidden = await scene.put("#private", alice)
        direct = await scene.put("alice's direct messages", alice)
        jobs = [await scene.job(each.place, alice, each.round) for each in (hidden, direct)]
        asker = asker_in(scene, "mod", "#pictures")
        told = {
            scene.answer(await scene.press(asker, f"cancel:{id_}"))
            for id_ in (*(job.id for job in jobs), NOTHING)
        }
        assert told == {GONE[JOB]}
        assert len(await scene.store.jobs.pending()) == 2

        # One's own can be cancelled from anywhere in the server, as /queue offers.
        own = await scene.job("#elsewhere", bob, hidden.round)
        await scene.press(asker_in(scene, "bob", "#pictures"), f"cancel:{own.id}")
        assert own.id not in {job.id for job in await scene.store.jobs.pending()}


class TestWhatIsNoId:
    IDS = (
        *("0", "-1", "", "x", " 1", "1 ", "1e3", "+1", "1_0", "１２", "٣", "²", "1\n", "\n"),
        *(str(2**63 - 1), str(2**63), str(2**64), "9" * 30, "9" * 85, "0x10", "1:2"),
    )

    async def test_buttons_answer_as_if_it_were_gone(self, scene: Scene) -> None:
        asker = asker_in(scene, "bob", "#pictures")
        before = await scene.state()
        for verb, kind in ABOUT.items():
            if kind == OWN:
                continue
            few = (str(2**63), "１２", "9" * 30)
            for written in self.IDS if verb in (Verb.LIKE, Verb.NEXT, Verb.CANCEL) else few:
                answer = scene.answer(await scene.press(asker, f"{verb}:{written}"))
                assert answer == GONE[kind], (verb, written)
        assert await scene.state() == before

    async def test_forms_and_their_choices_do_too(self, scene: Scene) -> None:
        asker = asker_in(scene, "bob", "#pictures")
        before = await scene.state()
        for verb, values in FIELDS.items():
            for written in self.IDS:
                sent = await scene.submit(asker, f"{verb}:{written}", fields(values))
                assert scene.answer(sent) == GONE[kind_of(verb)], (verb, written)
        for verb, field in CHOOSING.items():
            for written in self.IDS:
                sent = await scene.submit(
                    asker, f"{verb}:{NOTHING}", fields({**FIELDS[verb], field: written})
                )
                assert scene.answer(sent) == GONE[SHOWN], (verb, field, written)
        assert await scene.state() == before


class TestFormsOfAnotherShape:
    """None of this comes from a real client, and none of it is a fault of ours."""

    async def test_a_missing_field_is_asked_for(self, scene: Scene) -> None:
        asker = asker_in(scene, "bob", "#pictures")
        target = await scene.put("#pictures", scene.world.alice.id)
        before = await scene.state()
        incomplete = refusals.FORM_INCOMPLETE("en-US")
        for verb, values in FIELDS.items():
            for missing in values:
                left = {name: value for name, value in values.items() if name != missing}
                sent = await scene.submit(asker, f"{verb}:{about_in(verb, target)}", fields(left))
                assert scene.answer(sent) == incomplete, (verb, missing)
            for odd in odd_components(next(iter(values))):
                sent = await scene.submit(asker, f"{verb}:{about_in(verb, target)}", odd)
                assert scene.answer(sent) == incomplete, (verb, odd)
        assert await scene.state() == before

    async def test_more_fields_than_there_are_change_nothing(self, scene: Scene) -> None:
        asker = asker_in(scene, "bob", "#pictures")
        target = await scene.put("#pictures", scene.world.alice.id)
        for verb, values in FIELDS.items():
            doubled = fields({"admin": "1", **values}) + fields(values)
            sent = await scene.submit(asker, f"{verb}:{about_in(verb, target)}", doubled)
            assert not sent.ephemeral, scene.answer(sent)
            await scene.world.done()

    @pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e999", "", "１", "x" * 4000])
    async def test_numbers_that_are_none_are_refused(self, scene: Scene, number: str) -> None:
        asker = asker_in(scene, "bob", "#pictures")
        target = await scene.put("#pictures", scene.world.alice.id)
        for verb, field in (("edit-form", "keep"), ("restyle-form", "strength")):
            values = {**FIELDS[verb], field: number}
            sent = await scene.submit(asker, f"{verb}:{about_in(verb, target)}", fields(values))
            empty_means_the_usual = (verb, number) == ("edit-form", "")
            a_digit_all_the_same = number == "１"
            assert sent.ephemeral or empty_means_the_usual or a_digit_all_the_same
            await scene.world.done()


def odd_components(name: str) -> list[Any]:
    """The fields of a form as nobody sends them."""
    return [
        [],
        [None],
        ["text", 7, [], {}],
        [{"type": 18, "component": None}],
        [{"type": 18, "component": "text"}],
        [{"type": 18, "component": [{"type": 4, "custom_id": name, "value": 7}]}],
        [{"type": 18, "component": {"type": 4, "custom_id": name}}],
        [{"type": 18, "component": {"type": 4, "custom_id": 7, "value": "text"}}],
        [{"type": 18, "component": {"type": 3, "custom_id": name, "values": []}}],
        [{"type": 18, "component": {"type": 3, "custom_id": name, "values": {"0": "text"}}}],
        [{"type": 18, "component": {"type": 3, "custom_id": name, "values": [None]}}],
        [{"type": 1, "components": {"custom_id": name, "value": "text"}}],
    ]
