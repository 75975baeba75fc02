"""Discord's description of itself catches a bot's mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from .call import Call
from .openapi import ABSENT, Description

MESSAGES, COMMANDS = "/channels/1/messages", "/applications/1/commands"
BUTTON = {"type": 2, "style": 1, "label": "x", "custom_id": "a"}


def call(method: str, path: str, form: Any = None, query: dict[str, str] | None = None) -> Call:
    return Call(method, path, query or {}, form, [], {})


@pytest.fixture
def held(description: Description | None) -> Description:
    if description is None:
        pytest.skip(ABSENT)
    return description


@pytest.mark.parametrize(
    "wrong",
    [
        call("POST", MESSAGES, {"content": "x" * 4001}),
        call("POST", MESSAGES, {"content": 5}),
        call("POST", MESSAGES, {"embeds": [{"title": "x" * 257}]}),
        call("POST", MESSAGES, {"components": [{"type": 1, "components": [BUTTON] * 6}]}),
        call("POST", MESSAGES, {"components": [{"type": 10}], "flags": 1 << 15}),
        call("POST", MESSAGES, {"content": "x", "nonce": "x" * 26}),
        call("POST", MESSAGES),
        call("GET", MESSAGES, query={"page": "2"}),
        call("GET", "/channels/1/pictures"),
        call("PUT", COMMANDS, [{"name": "draw", "type": 1, "description": "d" * 101}]),
        call("POST", "/interactions/1/token/callback", {"type": 99}),
    ],
)
def test_mistakes_are_found(held: Description, wrong: Call) -> None:
    assert held.wrong_request(wrong)


def test_a_lawful_request_passes(held: Description) -> None:
    form = {"content": "x", "nonce": "job-1", "enforce_nonce": True, "attachments": [{"id": 0}]}
    assert held.wrong_request(call("POST", MESSAGES, form)) == []
    page = {"limit": "100", "type": "0", "after": "1"}
    path = "/channels/1/messages/2/reactions/👍"
    assert held.wrong_request(call("GET", path, query=page)) == []
