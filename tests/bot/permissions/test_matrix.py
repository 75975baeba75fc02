"""Who may do what with styles and trainings: every cell of the table is played."""

from __future__ import annotations

from typing import Any

import pytest
from discord import app_commands

from bot.client import BUTTONS, COMMANDS, FORMS
from bot.views.press import Verb
from tests.bot.permissions.gestures import GESTURES
from tests.bot.permissions.house import PERSONS, House
from tests.bot.permissions.played import Matrix
from tests.bot.permissions.table import SECTIONS, rows

OTHER_COMMANDS = {
    *("about", "help", "queue", "edit", "Edit this", "upscale", "restore", "konomi settings"),
}
"""The commands that name no style and have nothing to do with training."""
OTHER_VERBS = {
    *(Verb.LIKE, Verb.DISLIKE, Verb.PANEL_DISLIKE, Verb.PICTURE_LIKE, Verb.PICTURE_DISLIKE),
    *(Verb.MORE, Verb.BACK, Verb.SINGLE, Verb.SHOW, Verb.ROUND, Verb.PICK, Verb.DETAILS, Verb.FOLD),
    *(Verb.RESET, Verb.DELETE, Verb.DELETE_NOW, Verb.SETTINGS, Verb.HELP),
    *(Verb.SET_SAMPLER, Verb.SET_PRESET, Verb.SET_PICTURES, Verb.SET_STEERING),
    Verb.RESET_SETTINGS,
    # These open forms whose rows are in the table, or ask first.
    *(Verb.CHANGE_PROMPT, Verb.VARY_PROMPT, Verb.RESTYLE, Verb.SET_STYLE),
    # Edits are made without styles.
    *(Verb.EDIT, Verb.EDIT_NUMBERED, Verb.EDIT_AS_ASKED),
}
"""The buttons about rounds and pictures that paint nothing in their styles; see `test_sight`."""
OTHER_FORMS = {"edit-form", "picture-settings-form", "steering-settings-form"}
OTHER_SUGGESTIONS = {"style add licence"}
"""Options that suggest the same to everyone."""
REACTIONS = {"👍"}


def leaves() -> list[Any]:
    """The commands, those of groups by themselves."""
    found: list[Any] = []
    for command in COMMANDS:
        found += command.walk_commands() if isinstance(command, app_commands.Group) else [command]
    return found


def test_nothing_that_is_registered_escapes() -> None:
    commands = {str(each.qualified_name) for each in leaves()}
    suggested = {
        f"{each.qualified_name} {option.display_name}"
        for each in leaves()
        if not isinstance(each, app_commands.ContextMenu)
        for option in each.parameters
        if option.autocomplete
    }
    verbs = {button.verb.value for button in BUTTONS} - {each.value for each in OTHER_VERBS}
    forms = {form.verb for form in FORMS} - OTHER_FORMS
    registered = (commands - OTHER_COMMANDS) | (suggested - OTHER_SUGGESTIONS) | verbs | forms
    assert {each.of for each in GESTURES.values()} - REACTIONS == registered
    assert commands >= OTHER_COMMANDS
    assert {row.gesture for section in SECTIONS for row in rows(section)} == set(GESTURES)


def test_no_other_command_takes_a_style() -> None:
    named = {str(each.qualified_name): each for each in leaves()}
    for name in OTHER_COMMANDS:
        options = getattr(named[name], "parameters", ())
        assert "style" not in {option.name for option in options}, name


@pytest.mark.timeout(600)
@pytest.mark.parametrize("section", SECTIONS)
async def test_each_does_what_they_may_and_no_more(house: House, section: str) -> None:
    matrix = Matrix(house, section)
    wrong = [
        f"{row.gesture} · {row.subject} · {name}: {said}"
        for row in rows(section)
        for name in PERSONS
        if (said := await matrix.wrong(row, house.persons[name]))
    ]
    assert not wrong, "\n".join(wrong)
