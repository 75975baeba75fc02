"""The interface of safety checkers, and of those that give each image a score."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable

from PIL import Image
from torch import nn


@dataclasses.dataclass(kw_only=True)
class SafetyChecker(abc.ABC):
    """A network that looks for adult content in finished images."""

    name: str
    """Public name: that of the model or the repository that it is from."""
    before: Callable[[], object] = lambda: None
    """Called before each check, to move the network to its device."""

    @property
    @abc.abstractmethod
    def network(self) -> nn.Module | None:
        """The network to be kept on the model's device; None if it does not run in torch."""

    @abc.abstractmethod
    def flags(self, picture: Image.Image) -> bool:
        """Return True if the checker finds adult content in this picture."""


@dataclasses.dataclass(kw_only=True)
class ScoringChecker(SafetyChecker):
    """A checker that gives each image a score, from 0 (clean) to 1 (adult)."""

    threshold: float
    """Score from which on an image is flagged."""

    @abc.abstractmethod
    def score(self, picture: Image.Image) -> float:
        """Return the score of this picture."""

    def flags(self, picture: Image.Image) -> bool:
        """Return True if the score reaches the threshold, or is no number at all."""
        self.before()
        return not self.score(picture) < self.threshold
