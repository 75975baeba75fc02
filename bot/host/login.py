"""Sentences for a host whose bot Discord does not let in."""

from __future__ import annotations

UNKNOWN_TO_DISCORD = (
    "Discord does not know the token in KONOMI_DISCORD_TOKEN: make a new one in the Developer "
    "Portal under Bot, Reset Token."
)

_INTENTS = {4013: "unknown intents", 4014: "intents that are not allowed"}


def why_closed(code: int) -> str:
    """Return why the gateway closed for good, by its close code."""
    if code == 4004:
        return UNKNOWN_TO_DISCORD
    if code in _INTENTS:
        return (
            f"Discord refuses the connection (code {code}, {_INTENTS[code]}): Konomi asks for no "
            "privileged intent, so see in the Developer Portal under Bot if the application is "
            "restricted, and update Konomi."
        )
    return f"Discord refuses the connection (code {code}): update Konomi, and start it again."


def why_refused(status: int) -> str:
    """Return why the login was refused, by its HTTP status."""
    if status >= 500:
        return (
            f"Discord has trouble of its own (HTTP {status}): start Konomi again in a few minutes; "
            "https://discordstatus.com says how it goes."
        )
    if status == 429:
        return "Discord is asked too often from this address: start Konomi again in an hour."
    return (
        f"Discord refuses the login (HTTP {status}): see in the Developer Portal if the "
        "application is still there; if this machine's address was blocked, try again in an hour."
    )
