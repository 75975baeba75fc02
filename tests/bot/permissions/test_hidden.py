"""Nothing tells of what one may not see: no count, no order, no suggestion, no direct message."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from storage.style_records import StyleScope
from tests.bot.permissions.gestures import GESTURES, REGISTERED, Effect
from tests.bot.permissions.house import House, Person
from tests.bot.permissions.played import Matrix
from tests.bot.permissions.subjects import Subjects
from tests.bot.permissions.table import SECTIONS, rows

SUGGESTING = (
    *(("style show", "name"), ("imagine", "style"), ("settings", "style")),
    *(("konomi channel", "style"), ("train status", "training")),
)
"""An option for each way to find what is suggested."""
LISTS = ("style list", "train list")
IN_PLACE = ("member", "admin", "revoked")
ELSEWHERE = ("admin²", "owner²", "host²")


async def answers(house: House, names: tuple[str, ...]) -> dict[str, str]:
    """Return all that is listed and suggested to somebody, with nothing typed and with a letter."""
    found = {}
    for name in names:
        person = house.persons[name]
        for command in LISTS:
            found[f"{name} {command}"] = house.answer(await house.slash(person, command))
        for page in (0, 1):
            pressed = await house.press(person, f"styles:{page}")
            found[f"{name} page {page}"] = house.answer(pressed)
        for command, option in SUGGESTING:
            for typed in ("", "e"):
                suggested = await house.complete(person, command, option, typed)
                found[f"{name} {command} {option} {typed}"] = house.answer(suggested)
    return found


async def test_others_styles_change_no_answer(house: House) -> None:
    """Neither those of the same server that are private, nor any of another server."""
    subjects = Subjects(house)
    await subjects.get("shared")
    before = await answers(house, (*IN_PLACE, *ELSEWHERE))
    for _ in range(12):
        subjects.forget()
        for kind in ("mine", "private", "mine word"):
            await subjects.get(kind)
    await subjects.style(StyleScope.SERVER, server_id=house.other.id + 1)
    assert await answers(house, (*IN_PLACE, *ELSEWHERE)) == before


async def test_another_servers_shared_styles_and_trainings_change_no_answer(house: House) -> None:
    subjects = Subjects(house)
    here = await answers(house, IN_PLACE)
    there = await answers(house, ELSEWHERE)
    for kind in ("shared", "shared word", "running", "done"):
        await subjects.get(kind)
    assert await answers(house, ELSEWHERE) == there
    assert await answers(house, IN_PLACE) != here


def forgeable() -> Iterator[tuple[str, str]]:
    """Yield each button and form that is about something, with what it is about."""
    seen = set()
    for section in SECTIONS:
        for row in rows(section):
            about = row.subject not in ("nothing", "given") and "liked" not in row.subject
            if about and GESTURES[row.gesture].of in REGISTERED and row.gesture not in seen:
                seen.add(row.gesture)
                yield row.gesture, row.subject


@pytest.mark.parametrize("who", ["owner", "host"])
async def test_direct_messages_reach_nothing_of_a_server(house: House, who: str) -> None:
    actor = getattr(house, who).user
    channel = actor.dm_channel
    origin = house.env.backend.create_message(channel.id, house.me, "a message of ours").id
    alone = dataclasses.replace(house.persons[who], actor=actor, channel=channel, origin=origin)
    matrix = Matrix(house, "styles seen")
    wrong = [
        f"{gesture} · {subject}: {said}"
        for gesture, subject in forgeable()
        if (said := await in_private(matrix, gesture, subject, alone))
    ]
    assert not wrong, "\n".join(wrong)


async def in_private(matrix: Matrix, gesture: str, subject: str, person: Person) -> str | None:
    """Return what somebody learns or changes in a direct message, or None."""
    assert GESTURES[gesture].effect is not Effect.SUGGESTS
    return await matrix.told_apart(gesture, await matrix.subjects.get(subject), person)
