"""The rows of a round's message and of its panel, for every number of pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from bot.views.cells import cells_page
from bot.views.page import Page, titled
from bot.views.round import round_page
from bot.views.round_panel import deletion_page, panel_page, settings_page
from bot.views.shown import Shown
from storage.gestures import PICTURES_A_MESSAGE, SHEET
from tests.bot.views.foreign_pages import STEERED, axes, picture, shown, texts_of

LOCALES = ("en-US", "ja")


def a_round(
    locale: str, count: int, *, withheld: Sequence[int] = (), part: int = 0, **change: Any
) -> Shown:
    """What is shown of a round of so many pictures, some of them withheld."""
    told = {"pictures_a_message": PICTURES_A_MESSAGE, "count": count} | change
    of = shown(locale, "a red star", part=part, **told)
    images = [
        picture(of.round.parameters, n, digest=None if n in withheld else "0" * 64)
        for n in range(count)
    ]
    return dataclasses.replace(of, images=images, steered=[], hint=None)


def walk(built: Page) -> list[dict[str, Any]]:
    """All components of a page, nested ones included."""

    def nested(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each for item in items for each in (item, *nested(item.get("components", [])))]

    return nested(built.to_components())


def rows(built: Page) -> list[list[str]]:
    """The custom ids of each row."""
    return [
        [each["custom_id"] for each in item["components"]]
        for item in walk(built)
        if item["type"] == 1
    ]


def check(built: Page) -> None:
    """Hold a page against Discord's limits."""
    found = walk(built)
    assert len(found) <= 40
    assert all(len(row) <= 5 for row in rows(built))
    ids = [each["custom_id"] for each in found if "custom_id" in each]
    assert len(ids) == len(set(ids))
    assert all(len(each) <= 100 for each in ids)
    assert all(len(item["items"]) <= 10 for item in found if item["type"] == 12)
    assert sum(len(words) for name, words in texts_of(built) if name == "content") <= 4000


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("count", range(1, PICTURES_A_MESSAGE + 1))
def test_a_message_has_at_most_three_rows(locale: str, count: int) -> None:
    built = round_page(a_round(locale, count))
    check(built)
    pictures = range(1, count + 1)
    likes = [f"like:{n}" for n in pictures]
    expected = [
        [*likes, "next:1"],
        [*(f"vary-strong:{n}" for n in pictures), "retry:1"],
        [*(f"upscale-2:{n}" for n in pictures), "round:1"],
    ]
    if count > 4:
        expected = [likes[:4], likes[4:], ["next:1", "retry:1", "round:1"]]
    assert rows(built) == expected


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("count", range(1, PICTURES_A_MESSAGE + 1))
def test_a_panel_has_everything_else(locale: str, count: int) -> None:
    of = dataclasses.replace(a_round(locale, count), steered=[STEERED] * 16)
    for built in (panel_page(locale, of), settings_page(locale, of), deletion_page(locale, of)):
        check(built)
    found = [each for row in rows(panel_page(locale, of)) for each in row]
    verbs = ["more", "panel-dislike", *(["vary-strong"] if count > 4 else [])]
    assert found == [
        *(f"{verb}:{n + 1}" for verb in verbs for n in range(count)),
        *("round-settings:1", "change-prompt:1", "plain:1", "reset:1", "delete:1"),
    ]
    assert all(len(row) <= 4 for row in rows(panel_page(locale, of)))


@pytest.mark.parametrize("locale", LOCALES)
def test_pictures_that_were_withheld_have_no_buttons(locale: str) -> None:
    one, many = a_round(locale, 4, withheld=[1]), a_round(locale, 8, withheld=[0, 5, 6])
    assert rows(round_page(one)) == [
        ["like:1", "like:3", "like:4", "next:1"],
        ["vary-strong:1", "vary-strong:3", "vary-strong:4", "retry:1"],
        ["upscale-2:1", "upscale-2:3", "upscale-2:4", "round:1"],
    ]
    assert rows(round_page(many))[:2] == [["like:2", "like:3", "like:4", "like:5"], ["like:8"]]
    for of in (one, many):
        found = [each for row in rows(panel_page(locale, of)) for each in row]
        withheld = 2 if of is one else 1
        assert not {f"more:{withheld}", f"panel-dislike:{withheld}"} & set(found)
        check(panel_page(locale, of))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_round_of_which_all_was_withheld_can_be_painted_again(locale: str) -> None:
    of = a_round(locale, 2, withheld=[0, 1])
    assert rows(round_page(of)) == [["next:1", "retry:1", "round:1"]]
    assert not [each for each in walk(round_page(of)) if each["type"] == 12]
    assert rows(panel_page(locale, of)) == [
        ["round-settings:1", "change-prompt:1", "reset:1", "delete:1"]
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_a_round_of_an_earlier_version_keeps_its_two_messages(locale: str) -> None:
    """Such rounds do not say how many pictures a message shows: four."""
    parts = [a_round(locale, 6, part=part, pictures_a_message=4) for part in (0, 1)]
    assert rows(round_page(parts[0])) == [
        [f"{verb}:{n}" for n in (1, 2, 3, 4)] for verb in ("like", "vary-strong", "upscale-2")
    ]
    assert rows(round_page(parts[1])) == [
        ["like:5", "like:6", "next:1"],
        ["vary-strong:5", "vary-strong:6", "retry:1"],
        ["upscale-2:5", "upscale-2:6", "round:1"],
    ]
    for of in parts:
        check(round_page(of))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_comparison_has_its_sheet_and_buttons_for_the_whole(locale: str) -> None:
    of = a_round(locale, 4, part=SHEET, axes=axes("a star"))
    assert rows(round_page(of)) == [["single:1"], ["next:1", "retry:1", "round:1"]]
    assert rows(panel_page(locale, of)) == [["round-settings:1", "reset:1", "delete:1"]]
    check(round_page(of))


@pytest.mark.parametrize("locale", LOCALES)
def test_single_pictures_of_a_comparison_stand_in_one_gallery(locale: str) -> None:
    of = a_round(locale, 4, withheld=[1], axes=axes("a star"))
    built = cells_page(locale, dataclasses.replace(of, hidden=[3]))
    assert rows(built) == [[f"{verb}:{n}" for n in (1, 4)] for verb in ("like", "dislike", "more")]
    [gallery] = [each for each in walk(built) if each["type"] == 12]
    assert len(gallery["items"]) == 2
    assert all("a red star" in each["description"] for each in gallery["items"])
    said = "\n".join(words for _, words in texts_of(built))
    assert all(f"**{n}** · " in said for n in (1, 2, 3, 4))
    check(built)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("a" * 300, "a" * 300),
        ("a" * 301, "a" * 299 + "…"),
        ("星" * 150, "星" * 150),
        ("星" * 151, "星" * 149 + "…"),
        ("", "(no prompt)"),
    ],
)
def test_a_title_is_as_wide_in_every_script(words: str, title: str) -> None:
    assert titled("en-US", words) == f"**{title}**"


def test_the_only_picture_of_a_round_needs_no_number() -> None:
    of = dataclasses.replace(a_round("en-US", 1), votes={1: (2, 1)})
    labels = {
        each["custom_id"]: each.get("label")
        for built in (round_page(of), panel_page("en-US", of))
        for each in walk(built)
        if each["type"] == 2
    }
    assert labels["like:1"] == "2"
    assert labels["vary-strong:1"] is None
    assert labels["panel-dislike:1"] == "1"
    assert labels["more:1"] is None


@pytest.mark.parametrize(
    ("number", "change", "said"),
    [
        (1, {}, True),
        (2, {}, False),
        (1, {"image_guidance": 1.5}, False),
        (1, {"plain": True}, False),
    ],
)
def test_the_first_round_says_how_it_goes_on(
    number: int, change: dict[str, Any], said: bool
) -> None:
    of = a_round("en-US", 4, **change)
    of = dataclasses.replace(of, round=dataclasses.replace(of.round, number=number))
    words = " ".join(words for _, words in texts_of(round_page(of)))
    assert ("👍 what you like, then **Next round**" in words) is said


def test_the_header_has_two_lines_without_settings() -> None:
    of = a_round("en-US", 4)
    header = next(words for name, words in texts_of(round_page(of)) if name == "content")
    assert len(header.splitlines()) == 2
    assert "7" not in header.replace(str(of.board.owner_id), "")


def test_settings_and_weights_stand_behind_the_ellipsis() -> None:
    of = dataclasses.replace(a_round("en-US", 4), steered=[STEERED])
    words = " ".join(words for _, words in texts_of(settings_page("en-US", of)))
    for told in ("Seed: `7`", "Model: `shapes`", "96 × 96", "Steps: 20", "👍 R1 #1, weight 0.5"):
        assert told in words
    message = " ".join(words for _, words in texts_of(round_page(of)))
    assert "0.5" not in message
