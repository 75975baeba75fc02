"""The plan of a stored training, with what its request says where the data set has none."""

from __future__ import annotations

from bot.actions.training.plans import Plan
from storage.training_records import Dataset, Training


def plan_of(training: Training, dataset: Dataset | None) -> Plan:
    """Return the plan that a training was started with."""
    request = training.request
    method = request.get("method", {}).get("kind", "")
    usual = {"method": method, "name": request.get("name", ""), "scope": "mine"}
    stored = {} if dataset is None else dataset.plan
    return Plan.read({**usual, "trigger": request.get("trigger", ""), **stored})
