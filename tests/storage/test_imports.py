from __future__ import annotations

import subprocess
import sys


def test_the_whole_of_storage_loads_neither_models_nor_discord() -> None:
    script = (
        "import sys, storage.store, storage.backup, storage.restore, storage.gestures\n"
        "names = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(names & {'torch', 'discord', 'diffusers', 'bot', 'generation', 'numpy'}))"
    )
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert loaded.stdout.decode().strip() == "[]"
