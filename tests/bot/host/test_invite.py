"""The invitation asks for what the bot does and for nothing else."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from bot.host.invite import TokenMisshapen, application_id, invite_link

APPLICATION = 1187654321098765432


def token_of(first: str) -> str:
    return base64.urlsafe_b64encode(first.encode()).decode().rstrip("=") + ".GabcdE.x-y_z012345"


def test_the_link_asks_for_commands_and_the_least_permissions() -> None:
    link = urlsplit(invite_link(APPLICATION))
    asked = parse_qs(link.query)
    assert f"{link.scheme}://{link.netloc}{link.path}" == "https://discord.com/oauth2/authorize"
    assert asked["client_id"] == [str(APPLICATION)]
    assert asked["scope"] == ["bot applications.commands"]
    permissions = discord.Permissions(int(asked["permissions"][0]))
    assert {name for name, granted in permissions if granted} == {
        "add_reactions",
        "attach_files",
        "embed_links",
        "read_message_history",
        "read_messages",
        "send_messages",
        "send_messages_in_threads",
    }


def test_a_token_begins_with_its_applications_id() -> None:
    assert application_id(token_of(str(APPLICATION))) == APPLICATION


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "three parts"),
        ("1187654321098765432", "three parts"),
        ("a-client-secret-of-32-characters", "three parts"),
        ("..", "three parts"),
        ("Bot " + token_of(str(APPLICATION)), "leave that out"),
        (token_of("hello"), "not an application's id"),
        ("?!.abc.def", "not an application's id"),
        ("ä.abc.def", "not an application's id"),
    ],
)
def test_what_is_no_token_is_told_apart(written: str, told: str) -> None:
    with pytest.raises(TokenMisshapen, match=told) as caught:
        application_id(written)
    assert len(written) < 5 or written not in str(caught.value)
