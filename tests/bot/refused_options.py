"""Options of commands that cannot be done, each for another reason."""

from __future__ import annotations

from typing import Any

REFUSED: tuple[dict[str, Any], ...] = (
    {"prompt": "  "},
    {"prompt": "x" * 1501},
    {"prompt": "a {red|blue}} star"},
    {"negative": "{a|b}" * 25},
    {"prompt": "{0::a|0::b}"},
    {"count": 9},
    {"steps": 0},
    {"guidance": 31.0},
    {"seed": -1},
    {"width": 32},
    {"width": 101},
    {"width": 512, "height": 512},
    {"size": "huge"},
    {"size": "9:1"},
    {"size": "64", "width": 64},
)
"""Options of /imagine that cannot be done."""

COMPARED: tuple[dict[str, Any], ...] = (
    {"across": "steps", "across_values": "10"},
    {"across": "steps", "across_values": "ten, 20"},
    {"across": "steps", "across_values": "1.5, 2"},
    {"across": "scheduler", "across_values": "ddim, none"},
    {"across": "steps", "across_values": "1, 2", "down": "steps", "down_values": "3, 4"},
    {"across": "seed", "across_values": " ".join(map(str, range(17)))},
    {"across": "prompt", "across_values": "cat, dog"},
    {"across": "steps", "across_values": "1, 2", "down": "guidance"},
    {"across": "source_strength", "across_values": "0.3, 0.9"},
    {"across": "adapter_strength", "across_values": "0, 1"},
    {"across": "steps", "across_values": "1, 2", "style": "no such style"},
)
"""Likewise of /compare."""

CHOSEN: tuple[dict[str, Any], ...] = (
    {"feedback_start": 0.6, "feedback_end": 0.5},
    {"feedback_end": 1.5},
    {"feedback_strength": 11.0},
    {"feedback_explore": 2.0},
    {"feedback_drop": 1.5},
    {"steps": 51, "scheduler": "lcm"},
    {"size": "huge"},
    {"size": "1024"},
    {"count": 9},
    {"negative": "x" * 1501},
)
"""Likewise of /settings."""
