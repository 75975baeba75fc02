"""Who may have what painted where; every rule is checked here again, whatever Discord shows."""

from __future__ import annotations

from collections.abc import Collection

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.errors import Refusal
from bot.settings import Settings
from bot.text import messages as text
from bot.text import refusals
from bot.text.phrases import Permissions
from generation.catalog.entries import find
from generation.protocol.options import ModelCard
from generation.protocol.requests import Filter
from storage.records import Board, Job, Server

TRAINED_WITHOUT_ADULT_PICTURES = ("shapes", "sd21", "sd21-base")
"""Models that need no safety checker: their training data was filtered, or drawn by us."""


class Rules:
    """What the host and a server's admins allow."""

    def __init__(self, settings: Settings, hosts: Collection[int]) -> None:
        self._settings = settings
        self._hosts = frozenset(hosts)

    def allow_painting(self, asker: Asker, server: Server, card: ModelCard | None) -> None:
        """Raise `Refusal` where this member may not have anything painted in this place.

        card: the model's, None while it is being loaded.
        """
        self.allow_place(asker, server)
        model, anything_goes = self._settings.model, self._mildest is Filter.OFF
        if paints_no_adult_pictures(model) or (asker.age_restricted and anything_goes):
            return
        if card is None:  # whether it has a safety checker is not known before it is loaded
            raise Refusal(refusals.STILL_LOADING, model=model)
        if needs_age_restriction(model, card):
            phrase = refusals.NEEDS_AGE_RESTRICTION if anything_goes else refusals.NEEDS_CHECKER
            raise Refusal(phrase, model=model)

    def filter(self, asker: Asker, server: Server) -> Filter:
        """What becomes of adult content in this place: Discord wants it nowhere but in
        age-restricted channels, not even behind a spoiler."""
        return self.chosen_filter(server) if asker.age_restricted else Filter.WITHHOLD

    def chosen_filter(self, server: Server) -> Filter:
        """The filter of a server's age-restricted channels: its choice, or the host's if that
        is stricter."""
        return stricter(self._mildest, Filter(server.content_filter))

    def allow_filter(self, wanted: Filter) -> None:
        """Raise `Refusal` where the host wants a stricter one."""
        if stricter(self._mildest, wanted) is not wanted:
            raise Refusal(refusals.FILTER_TOO_MILD, mildest=text.FILTERS[self._mildest])

    @property
    def _mildest(self) -> Filter:
        return Filter(self._settings.mildest_filter)

    def allow_place(self, asker: Asker, server: Server) -> None:
        """Raise `Refusal` where the bot does not paint for anyone."""
        allowed = self._settings.allowed_servers
        if allowed and asker.server_id not in (*allowed, DIRECT_MESSAGES):
            raise Refusal(refusals.SERVER_NOT_ALLOWED, server=asker.server_id)
        here = {asker.channel_id, asker.parent_channel_id}
        if server.channels and here.isdisjoint(server.channels):
            mentions = " ".join(f"<#{channel}>" for channel in server.channels)
            raise Refusal(refusals.CHANNEL_NOT_CHOSEN, channels=mentions)
        if asker.lacking:
            raise Refusal(refusals.BOT_LACKS_PERMISSIONS, permissions=Permissions(asker.lacking))

    def needs_acquaintance(self, asker: Asker) -> bool:
        """Whether to paint here it takes being a member of an allowed server."""
        return (
            asker.server_id == DIRECT_MESSAGES
            and bool(self._settings.allowed_servers)
            and not self.is_host(asker)
        )

    def is_host(self, asker: Asker) -> bool:
        """Whether the machine is theirs."""
        return asker.member_id in self._hosts

    def allow_cancel(self, asker: Asker, job: Job) -> None:
        """Raise `Refusal` unless they asked for it or moderate here."""
        if job.server_id != asker.server_id:
            raise Refusal(refusals.JOB_OVER)
        if asker.member_id != job.member_id and not self._moderates(asker):
            raise Refusal(refusals.NOT_YOURS_TO_CANCEL)

    def allow_delete(self, asker: Asker, board: Board) -> None:
        """Raise `Refusal` unless they asked for it or moderate here."""
        # A board's rounds were all asked for by its owner: anyone else's press forks.
        if asker.member_id != board.owner_id and not self._moderates(asker):
            raise Refusal(refusals.NOT_YOURS_TO_DELETE)

    def allow_reset(self, asker: Asker, board: Board) -> None:
        """Raise `Refusal` unless the board is theirs."""
        if asker.member_id != board.owner_id:
            raise Refusal(refusals.NOT_YOURS_TO_RESET)

    def allow_settings(self, asker: Asker) -> None:
        """Raise `Refusal` unless they may manage the server they are in."""
        if asker.server_id == DIRECT_MESSAGES:
            raise Refusal(refusals.SERVERS_ONLY)
        if not asker.manages_server:
            raise Refusal(refusals.ADMINS_ONLY)

    def waiting(self, server: Server) -> int:
        """How many requests a member may have waiting: the server's limit within the host's."""
        host = self._settings.waiting_per_member
        return host if server.waiting_per_member is None else min(host, server.waiting_per_member)

    def pictures_per_day(self, server: Server) -> int:
        """How many pictures a member may have in 24 hours; 0: as many as they like."""
        limits = (self._settings.pictures_per_day, server.pictures_per_day or 0)
        return min((limit for limit in limits if limit), default=0)

    def _moderates(self, asker: Asker) -> bool:
        return asker.manages_messages or self.is_host(asker)


def stricter(one: Filter, other: Filter) -> Filter:
    """Of two filters the one that shows less."""
    return max(one, other, key=list(Filter).index)


def paints_no_adult_pictures(model: str) -> bool:
    """Whether a model may be used anywhere, with or without a safety checker."""
    known = find(model)
    return known is not None and known.name in TRAINED_WITHOUT_ADULT_PICTURES


def needs_age_restriction(model: str, card: ModelCard) -> bool:
    """Whether a model may paint what only adults should see, with nothing there to stop it.

    model: what was asked for, as anyone may call a file by a good model's name.
    """
    return not card.has_safety_checker and not paints_no_adult_pictures(model)
