"""Rights that end between what somebody is shown and what they press or send."""

from __future__ import annotations

import dataclasses

from bot.text.styles import keeping
from bot.text.styles import painting as painting_text
from bot.text.training import datasets, progress, rights
from storage.style_records import StyleScope
from tests.bot.permissions.gestures import GESTURES
from tests.bot.permissions.house import House, changes
from tests.bot.permissions.subjects import Subject, Subjects

AFTER_THE_ROLE = {
    ("dataset-start", "open"): datasets.NOT_YOURS,
    ("dataset-change-form", "open"): datasets.NOT_YOURS,
    ("dataset-cancel", "open"): datasets.NOT_YOURS,
    ("train-stop", "running"): progress.NOT_YOURS,
    ("train-use", "running"): progress.NOT_YOURS,
    ("/train stop", "running"): progress.NOT_YOURS,
    ("form of lora", "open"): rights.NOT_A_TRAINER,
    ("/style add", "open"): keeping.NOT_A_TRAINER,
}
"""What is said to a trainer whose role was taken away after they saw a card or a form."""


async def refused(house: House, name: str, gesture: str, subject: Subject) -> str:
    """Have somebody act in vain; return what they are told."""
    before = house.state()
    result = await GESTURES[gesture].play(house, house.persons[name], subject)
    await house.at_rest()
    assert changes(before, house.state()) == [], gesture
    assert result.modal is None, gesture
    assert result.ephemeral, gesture
    return house.words(result)


async def test_a_role_that_was_taken_away_counts_no_more(house: House) -> None:
    subjects, trainer = Subjects(house), house.persons["trainer"]
    await house.turn_of(trainer, member_tastes=False)
    subject = await subjects.get("open")
    form = await GESTURES["dataset-change"].play(house, trainer, subject)
    assert form.modal is not None
    for _, kind in AFTER_THE_ROLE:
        await subjects.get(kind)
    house.env.backend.remove_member_role(house.guild.id, house.trainer.id, house.role.id)
    for (gesture, kind), phrase in AFTER_THE_ROLE.items():
        said = await refused(house, "trainer", gesture, await subjects.get(kind))
        assert said == phrase("en-US"), gesture


async def test_a_style_that_was_taken_away_is_used_no_more(house: House) -> None:
    """By a form that was open, by a personal usual style, and by one's own last round."""
    subjects, member = Subjects(house), house.persons["member"]
    subject = await subjects.get("shared")
    await GESTURES["/settings style"].play(house, member, subject)
    await GESTURES["/imagine style"].play(house, member, subject)
    await house.at_rest()
    painted = await house.world.newest()
    await house.store.styles.share(subject.id, StyleScope.MINE)

    said = await refused(house, "member", "style-paint-form", subject)
    assert said == keeping.NO_SUCH_STYLE("en-US")
    said = await refused(house, "member", "next", Subject(id=painted.id))
    assert said == painting_text.NOT_USABLE("en-US")
    await house.slash(member, "imagine", prompt="a star", count=1)
    await house.at_rest()
    newest = await house.world.newest()
    assert newest.id != painted.id
    assert newest.parameters["styles"] == []


async def test_a_button_means_its_own_style_not_another_of_the_name(house: House) -> None:
    subjects, uploader = Subjects(house), house.persons["uploader"]
    for gesture, kind in (("style-paint-form", "private"), ("train-paint-form", "done")):
        subject = await subjects.get(kind)
        own = await subjects.style(
            StyleScope.MINE, owner_id=house.uploader.id, name=subject.name or "rocky"
        )
        await GESTURES[gesture].play(house, uploader, subject)
        await house.at_rest()
        newest = await house.world.newest()
        assert [each["style_id"] for each in newest.parameters["styles"]] == [subject.style_id]
        assert own.id != subject.style_id


async def test_a_member_who_left_and_came_back_has_no_more_than_others(house: House) -> None:
    subjects = Subjects(house)
    subject = await subjects.get("open")
    house.guild.remove_member(house.trainer)
    again = house.guild.add_member(house.trainer.user)
    await house.env.settle()
    house.persons["trainer"] = dataclasses.replace(house.persons["trainer"], actor=again)
    said = await refused(house, "trainer", "dataset-cancel", subject)
    assert said == datasets.NOT_YOURS("en-US")
