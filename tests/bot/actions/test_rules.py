"""Rules alone, without Discord: what a member in a place may have."""

from __future__ import annotations

import dataclasses

import pytest

from bot.actions.asker import Asker
from bot.actions.rules import Rules
from bot.context import guess_locale
from bot.errors import Refusal
from bot.settings import Settings
from generation.protocol.options import ModelCard
from generation.protocol.requests import Filter
from storage.records import Server
from tests.bot.painter import CARD

ASKER = Asker(member_id=1, server_id=10, channel_id=100, locale="en-US")
ADULT = dataclasses.replace(ASKER, age_restricted=True)


def rules(**settings: object) -> Rules:
    return Rules(Settings(**settings), hosts=[7])  # type: ignore[arg-type]


@pytest.mark.parametrize("card", [CARD, None])
def test_the_model_that_knows_nothing_but_shapes_paints_anywhere(card: ModelCard | None) -> None:
    rules(model="shapes").allow_painting(ASKER, Server(id=10), card)


@pytest.mark.parametrize(
    "model",
    ["sd15", "sd21", "sd21-base", "stabilityai/stable-diffusion-2-1", "/models/sd21.safetensors"],
)
def test_others_without_a_checker_paint_where_age_is_restricted(model: str) -> None:
    ours, card = rules(model=model), dataclasses.replace(CARD, name=model)
    with pytest.raises(Refusal, match="age-restricted"):
        ours.allow_painting(ASKER, Server(id=10), card)
    ours.allow_painting(ADULT, Server(id=10), card)
    ours.allow_painting(ASKER, Server(id=10), dataclasses.replace(card, has_safety_checker=True))


def test_nobody_slips_in_before_it_is_known_whether_there_is_a_checker() -> None:
    ours = rules(model="somebody/unfiltered")
    with pytest.raises(Refusal, match="still loading"):
        ours.allow_painting(ASKER, Server(id=10), None)
    ours.allow_painting(ADULT, Server(id=10), None)


class TestWhereTheHostWantsEveryPictureChecked:
    @pytest.mark.parametrize("mildest", ["spoiler", "withhold"])
    def test_a_model_without_a_checker_paints_nowhere(self, mildest: str) -> None:
        ours = rules(model="somebody/unfiltered", mildest_filter=mildest)
        for asker in (ASKER, ADULT):
            with pytest.raises(Refusal, match="KONOMI_SAFETY_CHECKER"):
                ours.allow_painting(asker, Server(id=10), CARD)
            ours.allow_painting(
                asker, Server(id=10), dataclasses.replace(CARD, has_safety_checker=True)
            )

    def test_nobody_slips_in_while_the_model_is_loading(self) -> None:
        ours = rules(model="somebody/unfiltered", mildest_filter="withhold")
        with pytest.raises(Refusal, match="still loading"):
            ours.allow_painting(ADULT, Server(id=10), None)

    def test_the_model_that_knows_nothing_but_shapes_paints_on(self) -> None:
        rules(model="shapes", mildest_filter="withhold").allow_painting(ASKER, Server(id=10), CARD)


@pytest.mark.parametrize("chosen", ["off", "spoiler", "withhold"])
def test_a_servers_filter_counts_where_age_is_restricted(chosen: str) -> None:
    server = Server(id=10, content_filter=chosen)
    assert rules().filter(ADULT, server) is Filter(chosen)
    assert rules().filter(ASKER, server) is Filter.WITHHOLD
    assert rules().filter(dataclasses.replace(ASKER, server_id=0), server) is Filter.WITHHOLD


@pytest.mark.parametrize(
    ("mildest", "chosen", "comes_to"),
    [
        ("spoiler", "off", "spoiler"),
        ("spoiler", "withhold", "withhold"),
        ("withhold", "off", "withhold"),
    ],
)
def test_the_host_may_want_a_stricter_filter(mildest: str, chosen: str, comes_to: str) -> None:
    server = Server(id=10, content_filter=chosen)
    assert rules(mildest_filter=mildest).filter(ADULT, server) is Filter(comes_to)


def test_a_thread_is_part_of_its_channel() -> None:
    server = Server(id=10, channels=(55,))
    with pytest.raises(Refusal, match="<#55>"):
        rules().allow_place(ASKER, server)
    rules().allow_place(dataclasses.replace(ASKER, parent_channel_id=55), server)


def test_admins_rule_within_what_the_host_allows() -> None:
    ours = rules(waiting_per_member=3, pictures_per_day=50)
    assert ours.waiting(Server(id=10)) == 3
    assert ours.waiting(Server(id=10, waiting_per_member=2)) == 2
    assert ours.waiting(Server(id=10, waiting_per_member=9)) == 3
    assert ours.pictures_per_day(Server(id=10)) == 50
    assert ours.pictures_per_day(Server(id=10, pictures_per_day=0)) == 50
    assert ours.pictures_per_day(Server(id=10, pictures_per_day=20)) == 20
    assert rules().pictures_per_day(Server(id=10)) == 0


def test_the_host_may_always_write_to_the_bot() -> None:
    listed = rules(allowed_servers=(10,))
    direct = dataclasses.replace(ASKER, server_id=0)
    assert listed.needs_acquaintance(direct)
    assert not listed.needs_acquaintance(dataclasses.replace(direct, member_id=7))
    assert not rules().needs_acquaintance(direct)


def test_the_language_is_as_last_seen_then_as_written_then_the_servers() -> None:
    assert guess_locale("fr", None, "あか") == "fr"
    assert guess_locale(None, None, "あか") == "ja"
    assert guess_locale(None, None, "a star") == "en-US"
