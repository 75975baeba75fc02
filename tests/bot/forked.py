"""Children that start at once: each is forked from a process that has loaded the painter.

A fresh interpreter, which a bot starts for its generator, would load the same modules again in
every test; `tests/generation/process` and `tests/wire` start those.
"""

from __future__ import annotations

import multiprocessing

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tests.bot.painter"])
