"""The link with which a server's admin invites the bot: scopes and permissions, nothing spare."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode

AUTHORIZE = "https://discord.com/oauth2/authorize"
SCOPES = ("bot", "applications.commands")

PERMISSIONS = {
    "Add Reactions": 1 << 6,
    "View Channels": 1 << 10,
    "Send Messages": 1 << 11,
    "Embed Links": 1 << 14,
    "Attach Files": 1 << 15,
    "Read Message History": 1 << 16,
    "Send Messages in Threads": 1 << 38,
}
"""The permissions that the bot requests: Discord's names and bits."""


class TokenMisshapen(Exception):
    """This cannot be a bot's token; the message says what it looks like and never repeats it."""


def application_id(token: str) -> int:
    """The application's id that a bot's token begins with; `TokenMisshapen` if it has none."""
    if token.lower().startswith("bot "):
        raise TokenMisshapen("it starts with the word Bot; leave that out")
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        raise TokenMisshapen(
            "it should have three parts separated by dots; the application's id, the public key "
            "and the client secret are something else"
        )
    padded = parts[0] + "=" * (-len(parts[0]) % 4)
    try:
        decoded = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        return int(decoded)
    except (binascii.Error, ValueError):
        raise TokenMisshapen("its first part is not an application's id; copy it again") from None


def invite_link(application: int) -> str:
    """Return the address that opens Discord's dialog for adding the bot to a server."""
    asked = {
        "client_id": application,
        "scope": " ".join(SCOPES),
        "permissions": sum(PERMISSIONS.values()),
    }
    return f"{AUTHORIZE}?{urlencode(asked)}"
