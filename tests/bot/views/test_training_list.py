"""The list of trainings, at its longest."""

from __future__ import annotations

import pytest

from bot.actions.styles.naming import MOST_LETTERS
from bot.actions.training.control import MOST_LISTED
from bot.actions.training.datasets import MOST_OPEN
from bot.actions.training.plans import Plan
from bot.views.training.card_data import Card, TrainingStanding
from bot.views.training.listing import list_page
from storage.records import Job, JobKind, JobState
from storage.training_records import Dataset, DatasetState, Training

ID = 10**18
"""Of as many digits as Discord's."""
NAME = "_" * MOST_LETTERS
"""Twice as long where its letters are kept from being Markdown."""


def training() -> Card:
    job = Job(
        id=1,
        kind=JobKind.TRAIN,
        server_id=ID,
        channel_id=ID,
        member_id=ID,
        message_id=ID,
        round_id=None,
        locale="en-US",
        state=JobState.RUNNING,
        attempts=1,
        reason=None,
        detail="",
        delivered=False,
        created_at=0.0,
    )
    request = {"method": {"kind": "finetune"}, "recipe": {"steps": 1}}
    asked = Training(job_id=1, dataset_id=1, request=request)
    return Card(job=job, training=asked, name=NAME, standing=TrainingStanding(step=1))


def prepared() -> Dataset:
    return Dataset(
        id=1,
        server_id=ID,
        channel_id=ID,
        member_id=ID,
        message_id=ID,
        locale="en-US",
        plan=Plan(method="finetune", name=NAME, trigger="", class_word="").stored(),
        state=DatasetState.OPEN,
        created_at=0.0,
    )


@pytest.mark.parametrize("locale", ["en-US", "ja"])
@pytest.mark.parametrize("open_ones", [0, MOST_OPEN])
def test_the_longest_list_fits_into_a_message(locale: str, open_ones: int) -> None:
    page = list_page(locale, [training()] * MOST_LISTED, [prepared()] * open_ones)

    [said] = [each.content for each in page.walk_children()]  # type: ignore[attr-defined]
    assert said.count("\n") == MOST_LISTED - open_ones
    assert len(said) <= 4000
