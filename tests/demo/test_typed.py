"""Commands typed as text, read against a catalog like SimCord's."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.typed import looks_like_a_command, other_names, read


def option(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "required": False, "choices": [], **more}


CATALOG = [
    {
        "invocation": "imagine",
        "options": [
            option("feedback", choices=[{"name": "Konomi: adapted", "value": "ours"}]),
            option("prompt", required=True),
            option("negative"),
            option("steps", "integer"),
        ],
    },
    {"invocation": "upscale", "options": [option("picture", "attachment", required=True)]},
    {"invocation": "taste train", "options": [option("name")]},
    {"invocation": "about", "options": []},
]
NAMES = {
    "描く": {"imagine"},
    "プロンプト": {"prompt"},
    "ステップ": {"steps"},
    "学習": {"train", "training"},  # A command, and another's option.
    "好み": {"taste", "preset"},
}


@pytest.mark.parametrize(
    ("content", "invocation", "options"),
    [
        ("/imagine a red star", "imagine", {"prompt": "a red star"}),
        ("/imagine prompt: a red star", "imagine", {"prompt": "a red star"}),
        ("/Imagine  a  red star", "imagine", {"prompt": "a  red star"}),
        ("/imagine a star steps:20", "imagine", {"prompt": "a star", "steps": "20"}),
        (
            "/imagine a star negative: blue, green steps: 8",
            "imagine",
            {"prompt": "a star", "negative": "blue, green", "steps": "8"},
        ),
        ("/imagine a sign: open", "imagine", {"prompt": "a sign: open"}),
        (
            "/imagine a star feedback: konomi: ADAPTED",
            "imagine",
            {"prompt": "a star", "feedback": "ours"},
        ),
        ("/描く 赤い星 ステップ：8", "imagine", {"prompt": "赤い星", "steps": "8"}),
        ("/taste train mine", "taste train", {"name": "mine"}),
        ("/好み 学習 わたし", "taste train", {"name": "わたし"}),
        ("/about", "about", {}),
        ("/about the model", "about", {}),
    ],
)
def test_a_typed_command_is_read(content: str, invocation: str, options: dict[str, str]) -> None:
    typed = read(content, CATALOG, NAMES)
    assert typed is not None
    assert typed.entry["invocation"] == invocation
    assert typed.options == options
    assert typed.lacks() == []


@pytest.mark.parametrize("content", ["/imagine", "/imagine steps: 8"])
def test_a_command_without_what_it_requires_says_what_it_lacks(content: str) -> None:
    typed = read(content, CATALOG, NAMES)
    assert typed is not None
    assert typed.lacks() == ["prompt"]


def test_a_command_that_wants_a_file_cannot_be_typed() -> None:
    typed = read("/upscale my picture", CATALOG, NAMES)
    assert typed is not None
    assert typed.lacks() == ["picture"]


@pytest.mark.parametrize("content", ["/paint a red star", "/imagined", "/"])
def test_what_names_no_command_is_none(content: str) -> None:
    assert read(content, CATALOG, NAMES) is None


def test_only_a_slash_before_a_word_looks_like_a_command() -> None:
    assert looks_like_a_command("/imagine a red star")
    assert looks_like_a_command("/描く 赤い星")
    assert not any(map(looks_like_a_command, ["/ 2", "//", "a / b", "imagine"]))


def test_names_in_other_languages_lead_to_the_plain_ones() -> None:
    commands = [
        {
            "name": "imagine",
            "name_localizations": {"ja": "描く"},
            "options": [{"name": "prompt", "name_localizations": {"ja": "プロンプト"}}],
        },
        {"name": "about", "name_localizations": None},
    ]
    assert other_names(commands) == {"描く": {"imagine"}, "プロンプト": {"prompt"}}
