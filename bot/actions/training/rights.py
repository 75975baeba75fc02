"""Who may train: the host, and in servers to which they granted it the admins and trainers.

Asked at every command, button and form, from the database and from what Discord says of the
member, never from what a message or a custom id says.
"""

from __future__ import annotations

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.actions.rules import Rules
from bot.actions.training.plans import WHOLE
from bot.errors import Refusal
from bot.text.training import rights as text
from storage.training_records import TrainingRights

MOST_ROLES = 20


class TrainingRules:
    """The rules of who may train what in a server."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def is_trainer(self, asker: Asker, rights: TrainingRights) -> bool:
        """Return True if a member may train whatever they like in the server that they are in."""
        here = asker.server_id != DIRECT_MESSAGES and asker.server_id == rights.server_id
        if not here or not rights.granted:
            return False
        trusted = not set(rights.roles).isdisjoint(asker.roles)
        return self._rules.is_host(asker) or asker.manages_server or trusted

    def allow_training(self, asker: Asker, rights: TrainingRights) -> None:
        """Raise `Refusal` unless the member is a trainer in this server."""
        self.allow_server(asker, rights)
        if not self.is_trainer(asker, rights):
            raise Refusal(text.NOT_A_TRAINER)

    def allow_method(self, asker: Asker, rights: TrainingRights, method: str) -> None:
        """Raise `Refusal` unless the member may train by this method.

        A taste is also for each member, where the server allows it; a whole model for the host.
        """
        self.allow_server(asker, rights)
        if self.is_trainer(asker, rights):
            if method in WHOLE and not self._rules.is_host(asker):
                raise Refusal(text.HOST_ONLY_METHOD)
            return
        if method == "taste":
            if rights.member_tastes:
                return
            raise Refusal(text.NO_TASTES)
        raise Refusal(text.NOT_A_TRAINER)

    def allow_grant(self, asker: Asker) -> None:
        """Raise `Refusal` unless the member is the host."""
        if asker.server_id == DIRECT_MESSAGES:
            raise Refusal(text.SERVERS_ONLY)
        if not self._rules.is_host(asker):
            raise Refusal(text.HOST_ONLY_GRANT)

    def allow_choices(self, asker: Asker) -> None:
        """Raise `Refusal` unless the member may choose who trains: the host, or an admin."""
        if asker.server_id == DIRECT_MESSAGES:
            raise Refusal(text.SERVERS_ONLY)
        if not self._rules.is_host(asker):
            self._rules.allow_settings(asker)

    def allow_server(self, asker: Asker, rights: TrainingRights) -> None:
        """Raise `Refusal` unless training is granted where the member is."""
        if asker.server_id == DIRECT_MESSAGES:
            raise Refusal(text.SERVERS_ONLY)
        if not rights.granted or rights.server_id != asker.server_id:
            raise Refusal(text.NOT_GRANTED)
