"""Buttons as they are drawn: old messages keep working, and every press is answered."""

from __future__ import annotations

from bot.client import BUTTONS
from bot.views import press
from bot.views.press import Verb, custom_id


def test_the_custom_ids_on_old_messages_stay_as_they_are() -> None:
    assert custom_id(Verb.LIKE, 12) == "like:12"
    assert {str(verb) for verb in Verb} == {
        *("like", "dislike", "more", "back", "single", "next", "plain", "retry", "show"),
        *("reset", "delete", "cancel", "vary-subtle", "vary-strong", "restyle", "zoom-out"),
        *("zoom-far-out", "extend-left", "extend-right", "extend-up", "extend-down"),
        *("upscale-2", "upscale-4", "edit", "edit-numbered", "repaint", "repaint-anyway"),
        *("delete-now", "round", "pick", "panel-dislike", "round-settings", "change-prompt"),
        *("picture-like", "picture-dislike", "details", "fold", "edit-as-asked"),
        *("vary-prompt", "help", "set-sampler", "set-preset", "set-pictures", "set-steering"),
        "set-style",
        *("reset-settings", "privacy", "revoke", "revoke-now", "revoke-style", "revoke-all"),
        *("revoke-all-now", "revoke-for", "revoke-for-now", "retrain"),
        *("dataset-start", "dataset-change", "dataset-add", "dataset-show", "dataset-agree"),
        "dataset-cancel",
        *("train-pause", "train-resume", "train-stop", "train-cancel", "train-cancel-now"),
        *("train-pick", "train-use", "train-paint"),
        *("styles", "style", "style-pick", "style-paint", "style-sweep", "style-rename"),
        *("style-share", "style-shared", "style-licence", "style-export", "style-delete"),
        "style-delete-now",
    }


def test_every_verb_has_one_handler() -> None:
    assert sorted(button.verb for button in BUTTONS) == sorted(Verb)
    for button in BUTTONS:
        assert button.__discord_ui_compiled_template__.fullmatch(custom_id(button.verb, 7))


def test_votes_stand_on_a_button_once_there_are_some() -> None:
    assert [each.label for each in press.rate_in_panel(12, 0, 0, 0)] == [None, None]
    liked, _ = press.rate_in_panel(12, 3, 0, 1)
    assert (str(liked.emoji), liked.label, liked.custom_id) == ("👍", "3", "picture-like:12")


def test_a_panels_buttons_stand_in_rows_in_the_members_language() -> None:
    rows = press.go_on_rows(7, "ja")
    assert [len(row.children) for row in rows] == [3, 3, 2, 2, 4]
    ids = [child.custom_id for row in rows for child in row.children]  # type: ignore[attr-defined]
    assert ids[0] == "edit:7"
    assert ids[-1] == "extend-down:7"
