"""What is asked of a training while it runs."""

from __future__ import annotations

from generation.protocol.training import Action


class Controls:
    """Requests that the training looks at between two steps.

    A pause is for whoever drives the training, who asks for no further step.
    """

    def __init__(self) -> None:
        self.paused = False
        self.stop = False
        self._once: set[Action] = set()

    def ask(self, action: Action) -> None:
        """Ask for something; a stop also ends a pause."""
        match action:
            case Action.PAUSE:
                self.paused = True
            case Action.RESUME:
                self.paused = False
            case Action.STOP:
                self.stop, self.paused = True, False
            case Action.SAVE | Action.SAMPLE:
                self._once.add(action)

    def take(self, action: Action) -> bool:
        """Return True if this was asked since it was last taken."""
        asked = action in self._once
        self._once.discard(action)
        return asked
