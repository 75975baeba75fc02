"""The curve of a training: one line of JSON for each step and each validation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Curve:
    """Appends to a .jsonl file; a line that was cut off by a crash is left out when it is read."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def write(self, *, step: int, **figures: float) -> None:
        """Append the figures of a step."""
        rounded = {name: float(f"{value:.6g}") for name, value in figures.items()}
        with self._file.open("a", encoding="utf-8") as opened:
            opened.write(json.dumps({"step": step, **rounded}) + "\n")

    def read(self) -> list[dict[str, Any]]:
        """Return all lines."""
        if not self._file.is_file():
            return []
        found = []
        for line in self._file.read_text(encoding="utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def forget_after(self, step: int) -> None:
        """Drop what was written after the checkpoint from which the training goes on."""
        kept = [row for row in self.read() if row["step"] <= step]
        if self._file.is_file():
            lines = "".join(json.dumps(row) + "\n" for row in kept)
            partial = self._file.with_suffix(".partial")
            partial.write_text(lines, encoding="utf-8")
            partial.replace(self._file)
