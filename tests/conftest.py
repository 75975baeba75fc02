"""Fixtures and settings that all tests share."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def settings_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests, a token among them, out of every test."""
    for key in os.environ:
        if key.upper().startswith("KONOMI_"):
            monkeypatch.delenv(key)
