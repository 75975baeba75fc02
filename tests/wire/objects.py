"""Discord's objects on the wire: plain JSON, as discord.com sends it."""

from __future__ import annotations

import datetime
import itertools
import time
from typing import Any

JSON = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
"""Snowflakes count milliseconds from the first second of 2015."""

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
COMPONENTS_V2 = 1 << 15

TEXT, DM = 0, 1
"""The types of channel that exist here."""

JOINED = "2024-01-01T00:00:00+00:00"


class Snowflakes:
    """Rising ids that carry their time, as Discord's do."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def next(self) -> str:
        """The next id: milliseconds since 2015, then a counter."""
        return str(((int(time.time() * 1000) - EPOCH_MS) << 22) | (next(self._count) & 0x3FFFFF))


def now() -> str:
    """The time as Discord writes it."""
    return datetime.datetime.now(datetime.UTC).isoformat()


def user(user_id: str, name: str, *, bot: bool = False) -> JSON:
    """A user as everyone sees them."""
    return {
        "id": user_id,
        "username": name,
        "discriminator": "0",
        "global_name": None,
        "avatar": None,
        "bot": bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def own_user(public: JSON) -> JSON:
    """The bot's user as the bot itself sees it."""
    return {**public, "verified": True, "mfa_enabled": False, "locale": "en-US"}


def member(of: JSON, roles: list[str]) -> JSON:
    """A user's membership of the server."""
    return {
        "user": of,
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": list(roles),
        "joined_at": JOINED,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "communication_disabled_until": None,
    }


def role(role_id: str, name: str, permissions: int, position: int) -> JSON:
    """A role; the server's own id names @everyone."""
    return {
        "id": role_id,
        "name": name,
        "description": None,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": position,
        "permissions": str(permissions),
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def text_channel(channel_id: str, guild_id: str, name: str, position: int, *, nsfw: bool) -> JSON:
    """A text channel of the server."""
    return {
        "id": channel_id,
        "type": TEXT,
        "name": name,
        "guild_id": guild_id,
        "position": position,
        "permission_overwrites": [],
        "nsfw": nsfw,
        "topic": None,
        "parent_id": None,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "flags": 0,
    }


def dm_channel(channel_id: str, recipient: JSON) -> JSON:
    """A conversation between the bot and one user."""
    return {
        "id": channel_id,
        "type": DM,
        "last_message_id": None,
        "flags": 0,
        "recipients": [recipient],
    }


def guild(guild_id: str, owner_id: str, roles: list[JSON]) -> JSON:
    """The server without what only the gateway adds (members, channels, …)."""
    return {
        "id": guild_id,
        "name": "Loopback",
        "owner_id": owner_id,
        "region": "loopback",
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "home_header": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": roles,
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "public_updates_channel_id": None,
        "nsfw": False,
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
        "premium_progress_bar_enabled_user_updated_at": None,
        "max_presences": None,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "widget_enabled": False,
        "widget_channel_id": None,
        "incidents_data": None,
    }


def application(application_id: str, owner: JSON, bot: JSON, *, flags: int) -> JSON:
    """The application behind the bot, as its owner registered it."""
    return {
        "id": application_id,
        "name": bot["username"],
        "icon": None,
        "description": "",
        "type": None,
        "bot": bot,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "owner": owner,
        "team": None,
        "summary": "",
        "hook": True,
        "is_monetized": False,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
    }


def emoji(name: str) -> JSON:
    """An emoji from its name in a URL: "👍", or "name:id" for a server's own."""
    word, _, emoji_id = name.partition(":")
    return {"name": word, "id": emoji_id or None, "animated": False}
