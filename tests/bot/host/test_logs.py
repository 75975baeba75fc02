"""Logs never contain secrets."""

from __future__ import annotations

import logging

import pytest

from bot.host.logs import Redaction, redact

TOKEN = "MTA4MjM0NTY3ODkwMTIzNDU2.GhIjKl.abcdefghijklmnopqrstuvwxyz0123456789AB"
INTERACTION = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OkFCQ0RFRkdI"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"logging in with {TOKEN}", "logging in with (hidden)"),
        (
            f"POST https://discord.com/api/v10/interactions/12345/{INTERACTION}/callback",
            "POST https://discord.com/api/v10/interactions/12345/(hidden)/callback",
        ),
        (
            f"PATCH /webhooks/678/{INTERACTION}/messages/@original has returned 200",
            "PATCH /webhooks/678/(hidden)/messages/@original has returned 200",
        ),
        (f'{{"token": "{INTERACTION}", "type": 2}}', '{"token": "(hidden)", "type": 2}'),
        (f"{{'token': '{INTERACTION}', 'type': 2}}", "{'token': '(hidden)', 'type': 2}"),
        ("job 7 failed (memory): 3.5.1", "job 7 failed (memory): 3.5.1"),
    ],
)
def test_tokens_are_hidden_and_nothing_else(said: str, kept: str) -> None:
    assert redact(said) == kept


def test_arguments_and_tracebacks_are_redacted_as_well() -> None:
    try:
        raise RuntimeError(f"401 for {TOKEN}")
    except RuntimeError as error:
        record = logging.LogRecord(
            "discord.http", logging.ERROR, "x.py", 1, "sent %s", (TOKEN,),
            (type(error), error, error.__traceback__),
        )  # fmt: skip
    assert Redaction().filter(record)
    said = logging.Formatter().format(record)
    assert TOKEN not in said
    assert "sent (hidden)" in said
    assert "401 for (hidden)" in said
