"""The log: one line an event, and no secret in any."""

from __future__ import annotations

import logging
import re

import discord

SECRETS = re.compile(
    r"""
    (?<=/interactions/)(?P<id>\d+)/[\w.-]+        # an interaction's token in a callback's path
    | (?<=/webhooks/)(?P<hook>\d+)/[\w.-]+        # the same token in a follow-up's
    | \b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}      # a bot's token
    | (?<="token":\s")[^"]+ | (?<='token':\s')[^']+
    """,
    re.VERBOSE,
)
HIDDEN = "(hidden)"


class Redaction(logging.Filter):
    """Takes tokens out of whatever is logged; discord.py logs them in full at DEBUG."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it always passes."""
        said = record.getMessage()
        clean = redact(said)
        if clean != said:
            record.msg, record.args = clean, ()
        if record.exc_info and record.exc_info[1] is not None and not record.exc_text:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


def redact(said: str) -> str:
    """Return a text without the tokens in it."""

    def hide(match: re.Match[str]) -> str:
        kept = match["id"] or match["hook"]
        return f"{kept}/{HIDDEN}" if kept else HIDDEN

    return SECRETS.sub(hide, said)


def set_up_logging(level: str) -> None:
    """Log to standard error at `level`, tokens redacted."""
    handler = logging.StreamHandler()
    handler.addFilter(Redaction())
    discord.utils.setup_logging(handler=handler, level=getattr(logging, level), root=True)
