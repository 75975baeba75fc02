"""Discord's error responses: status, code and sentence of each one used here."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """An answer other than success, with Discord's own code."""

    def __init__(self, status: int, code: int, message: str, errors: Any = None) -> None:
        super().__init__(f"{status} ({code}): {message}")
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


def invalid(field: str, code: str, message: str) -> Refused:
    """400: the form's `field` (dotted path) breaks a rule."""
    errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for part in reversed(field.split(".") if field else []):
        errors = {part: errors}
    return Refused(400, 50035, "Invalid Form Body", errors)


def too_long(field: str, limit: int) -> Refused:
    """400: `field` holds more than `limit` characters or entries."""
    return invalid(field, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")


def unknown(what: str) -> Refused:
    """404: there is no such thing, or it is not for this bot's eyes."""
    codes = {
        "Channel": 10003,
        "Guild": 10004,
        "Member": 10007,
        "Message": 10008,
        "User": 10013,
        "Emoji": 10014,
        "Webhook": 10015,
        "interaction": 10062,
    }
    return Refused(404, codes[what], f"Unknown {what}")


def empty_message() -> Refused:
    """400: neither words nor pictures nor components."""
    return Refused(400, 50006, "Cannot send an empty message")


def missing_access() -> Refused:
    """403: the bot cannot see this channel."""
    return Refused(403, 50001, "Missing Access")


def missing_permissions() -> Refused:
    """403: the bot sees this channel but may not do this there."""
    return Refused(403, 50013, "Missing Permissions")


def too_large() -> Refused:
    """413: a file above the limit for one, or all of them above the limit for a request."""
    return Refused(413, 40005, "Request entity too large")
