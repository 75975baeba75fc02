"""Sentences for a host whose bot Discord does not let in."""

from __future__ import annotations

UNKNOWN_TO_DISCORD = (
    "Discord does not know the token in KONOMI_DISCORD_TOKEN. Create a new one in the Developer "
    "Portal under Bot, Reset Token."
)

_INTENTS = {4013: "unknown intents", 4014: "intents that are not allowed"}


def why_closed(code: int) -> str:
    """Return why the gateway closed for good, by its close code."""
    if code == 4004:
        return UNKNOWN_TO_DISCORD
    if code in _INTENTS:
        return (
            f"Discord refuses the connection (code {code}, {_INTENTS[code]}). Konomi asks for no "
            "privileged intents, so check in the Developer Portal under Bot whether the "
            "application is restricted, and update Konomi."
        )
    return f"Discord refuses the connection (code {code}). Update Konomi, and start it again."


def why_refused(status: int) -> str:
    """Return why the login was refused, by its HTTP status."""
    if status >= 500:
        return (
            f"Discord is having problems (HTTP {status}). Start Konomi again in a few minutes; "
            "see https://discordstatus.com for news."
        )
    if status == 429:
        return (
            "Discord has received too many requests from this address. Start Konomi again in an "
            "hour."
        )
    return (
        f"Discord refuses the login (HTTP {status}). Check in the Developer Portal that the "
        "application still exists. If this machine's address was blocked, try again in an hour."
    )
