"""Writing messages: what a create or edit form does to a message, and what it may not do."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from . import components, objects, permissions
from .call import Upload
from .objects import JSON
from .refusals import Refused, empty_message, invalid, too_large, too_long
from .state import MIB, State

REQUEST_LIMIT = 25 * MIB
NONCE_SECONDS = 180.0
"""Seconds for which a nonce is remembered ("the past few minutes", says the documentation)."""

MENTION = re.compile(r"<@!?(\d+)>")


def create(
    state: State,
    channel_id: str,
    author_id: str,
    form: JSON,
    uploads: Sequence[Upload],
    **more: Any,
) -> JSON:
    """A new message; `more` are fields that no form can set (interaction, webhook, …)."""
    message: JSON = {
        "id": state.snowflakes.next(),
        "channel_id": channel_id,
        "author": state.users[author_id],
        "content": "",
        "timestamp": objects.now(),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": 0,
        "components": [],
        **more,
    }
    _write(state, message, form, uploads, asked_flags=form.get("flags") or 0)
    if reference := form.get("message_reference"):
        message["type"] = 19
        message["message_reference"] = {
            "type": reference.get("type") or 0,
            "channel_id": str(reference.get("channel_id") or channel_id),
            "message_id": str(reference["message_id"]),
        }
        answered = state.messages.get(str(reference["message_id"]))
        if answered is None and reference.get("fail_if_not_exists") is not False:
            raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        message["referenced_message"] = answered
    if form.get("nonce") is not None:
        message["nonce"] = form["nonce"]
    state.messages[message["id"]] = message
    state.channels[channel_id]["last_message_id"] = message["id"]
    return message


def said_before(state: State, author_id: str, form: JSON) -> JSON | None:
    """The message that this very nonce created moments ago, if its uniqueness is enforced."""
    if not form.get("enforce_nonce") or form.get("nonce") is None:
        return None
    at, message_id = state.nonces.get((author_id, str(form["nonce"])), (0.0, ""))
    if time.monotonic() - at > NONCE_SECONDS:
        return None
    return state.messages.get(message_id)


def remember_nonce(state: State, author_id: str, message: JSON) -> None:
    """Keep the message's nonce, so that a repeated request finds this message."""
    if "nonce" in message:
        state.nonces[author_id, str(message["nonce"])] = (time.monotonic(), message["id"])


def edit(state: State, message: JSON, form: JSON, uploads: Sequence[Upload]) -> None:
    """Change what the form names; an edit never changes who sees the message.

    The V2 flag can be added and never be taken away.
    """
    settable = objects.SUPPRESS_EMBEDS | objects.COMPONENTS_V2
    asked = (form.get("flags") or 0) & settable | message["flags"] & objects.COMPONENTS_V2
    _write(state, message, form, uploads, asked_flags=asked, keep=objects.EPHEMERAL)
    message["edited_timestamp"] = objects.now()


def delete(state: State, message: JSON) -> None:
    """Forget a message with its reactions; its files stay on the CDN until they expire."""
    del state.messages[message["id"]]
    state.reactions.pop(message["id"], None)
    state.attachments.pop(message["id"], None)


def _write(
    state: State,
    message: JSON,
    form: JSON,
    uploads: Sequence[Upload],
    *,
    asked_flags: int,
    keep: int = 0,
) -> None:
    flags = message["flags"] & keep | asked_flags
    v2 = bool(flags & objects.COMPONENTS_V2)
    content = _new(form, "content", message["content"]) or ""
    embeds = _new(form, "embeds", message["embeds"])
    shown = _new(form, "components", message["components"])
    if len(content) > 2000:
        raise too_long("content", 2000)
    if v2 and (content or embeds or form.get("poll") or form.get("sticker_ids")):
        raise invalid(
            "content" if content else "embeds",
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            "The message flag IS_COMPONENTS_V2 leaves no room for content, embeds and the like.",
        )
    components.check(shown, v2=v2)
    attachments = _attachments(state, message, form, uploads)
    by_name = {a["filename"]: a for a in attachments}
    if form.get("components") is not None:
        shown = components.answered(shown, by_name)
    if not (content or attachments or embeds or shown):
        raise empty_message()
    in_components = {m.get("attachment_id") for m in components.media(shown)}
    state.attachments[message["id"]] = attachments
    message.update(
        content=content,
        # Pictures that components show are not listed here, by intention of Discord:
        # https://github.com/discord/discord-api-docs/issues/8277
        attachments=[a for a in attachments if a["id"] not in in_components],
        embeds=[{"type": "rich", **embed} for embed in embeds],
        components=shown,
        flags=flags,
        mentions=_pinged(state, content, shown, form),
    )


def _new(form: JSON, field: str, old: Any) -> Any:
    """The form's value, the old one where the form does not speak of it; null empties."""
    if field not in form:
        return old
    return form[field] if form[field] is not None else type(old)()


def _attachments(state: State, message: JSON, form: JSON, uploads: Sequence[Upload]) -> list[JSON]:
    """Return the attachments of the edited message: kept ones first, then the uploaded ones.

    In the form an id that is the number of a file describes that file; any other is the id of
    an attachment to keep.
    """
    named = {str(a["id"]): a for a in form.get("attachments") or []}
    if len(named) > 10:
        raise too_long("attachments", 10)
    kept = list(state.attachments.get(message["id"], []))
    if "attachments" in form:
        kept = [a for a in kept if a["id"] in named]
    if any(len(u.data) > state.upload_limit for u in uploads):
        raise too_large()
    if sum(len(u.data) for u in uploads) > REQUEST_LIMIT:
        raise too_large()
    for upload in uploads:
        described = named.get(str(upload.index), {})
        stored = state.attach(
            message["channel_id"],
            described.get("filename") or upload.name,
            upload.data,
            upload.content_type,
        )
        if described.get("description"):
            stored["description"] = described["description"]
        kept.append(stored)
    if len(kept) > 10:
        raise too_long("attachments", 10)
    return kept


def _pinged(state: State, content: str, shown: Sequence[JSON], form: JSON) -> list[JSON]:
    """The users whom the message's words call, as far as `allowed_mentions` lets it."""
    words = "\n".join([content, *components.texts(shown)])
    called = [state.users[u] for u in dict.fromkeys(MENTION.findall(words)) if u in state.users]
    allowed = form.get("allowed_mentions")
    if allowed is None or "users" in (allowed.get("parse") or []):
        return called
    return [user for user in called if user["id"] in map(str, allowed.get("users") or [])]


def may_send(state: State, channel_id: str, uploads: Sequence[Upload]) -> None:
    """Refuse where the bot may not speak, or may not attach what it brings."""
    needed = [permissions.SEND_MESSAGES]
    if uploads:
        needed.append(permissions.ATTACH_FILES)
    state.accessible(channel_id, *needed)


def own(state: State, message: JSON) -> JSON:
    """The message, if the bot wrote it."""
    if message["author"]["id"] != state.application_id:
        raise Refused(403, 50005, "Cannot edit a message authored by another user")
    return message
