"""Who may train: every kind of member, with and without the host's grant."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.actions.asker import Asker
from bot.actions.rules import Rules
from bot.actions.training.plans import METHODS, WHOLE
from bot.actions.training.rights import TrainingRules
from bot.errors import Refusal
from bot.settings import Settings
from storage.training_records import TrainingRights

SERVER, HOST, ROLE = 7, 1, 50
MEMBER = Asker(member_id=2, server_id=SERVER, channel_id=70, locale="en")
ADMIN = dataclasses.replace(MEMBER, manages_server=True)
TRAINER = dataclasses.replace(MEMBER, roles=(49, ROLE))
OWNER = dataclasses.replace(MEMBER, member_id=HOST)
GRANTED = TrainingRights(server_id=SERVER, granted=True, roles=(ROLE,))
OPEN = dataclasses.replace(GRANTED, member_tastes=True)


@pytest.fixture
def rules(tmp_path: Path) -> TrainingRules:
    return TrainingRules(Rules(Settings(data_dir=tmp_path), [HOST]))


def allowed(act: Callable[[], None]) -> bool:
    try:
        act()
    except Refusal:
        return False
    return True


@pytest.mark.parametrize("asker", [MEMBER, ADMIN, TRAINER, OWNER])
def test_without_the_grant_nobody_trains(rules: TrainingRules, asker: Asker) -> None:
    rights = dataclasses.replace(OPEN, granted=False)
    for method in METHODS:
        with pytest.raises(Refusal, match="Ask whoever runs me"):
            rules.allow_method(asker, rights, method)
    with pytest.raises(Refusal, match="Ask whoever runs me"):
        rules.allow_training(asker, rights)
    assert not rules.is_trainer(asker, rights)


@pytest.mark.parametrize(
    ("asker", "trains"), [(MEMBER, False), (ADMIN, True), (TRAINER, True), (OWNER, True)]
)
def test_with_it_admins_trainers_and_the_host_do(
    rules: TrainingRules, asker: Asker, trains: bool
) -> None:
    assert rules.is_trainer(asker, GRANTED) == trains
    assert allowed(lambda: rules.allow_training(asker, GRANTED)) == trains
    for method in METHODS:
        expected = trains and (method not in WHOLE or asker is OWNER)
        assert allowed(lambda method=method: rules.allow_method(asker, GRANTED, method)) == expected


def test_members_train_a_taste_of_their_own_where_the_server_lets_them(
    rules: TrainingRules,
) -> None:
    rules.allow_method(MEMBER, OPEN, "taste")
    with pytest.raises(Refusal, match="Ask an admin to allow it"):
        rules.allow_method(MEMBER, GRANTED, "taste")
    with pytest.raises(Refusal, match="trainer role"):
        rules.allow_method(MEMBER, OPEN, "lora")
    assert not rules.is_trainer(MEMBER, OPEN)


@pytest.mark.parametrize("asker", [ADMIN, TRAINER, OWNER])
def test_rights_of_one_server_say_nothing_of_another_or_of_direct_messages(
    rules: TrainingRules, asker: Asker
) -> None:
    elsewhere = dataclasses.replace(asker, server_id=SERVER + 1)
    direct = dataclasses.replace(asker, server_id=0)
    for there in (elsewhere, direct):
        assert not rules.is_trainer(there, GRANTED)
        assert not allowed(lambda there=there: rules.allow_method(there, GRANTED, "lora"))
    assert not rules.is_trainer(direct, dataclasses.replace(GRANTED, server_id=0))


def test_only_the_host_grants_and_admins_choose(rules: TrainingRules) -> None:
    assert [allowed(lambda who=who: rules.allow_grant(who)) for who in (OWNER, ADMIN, TRAINER)] == [
        True,
        False,
        False,
    ]
    choosing = (OWNER, ADMIN, TRAINER, MEMBER)
    assert [allowed(lambda who=who: rules.allow_choices(who)) for who in choosing] == [
        True,
        True,
        False,
        False,
    ]
    assert not allowed(lambda: rules.allow_grant(dataclasses.replace(OWNER, server_id=0)))
