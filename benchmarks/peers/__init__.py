"""Peers that need libraries of their own: each has an environment beside ours, made from its lock file."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BUILD_SECONDS = 600


def environment(name: str, may_build: bool = True) -> Path | None:
    """The Python of a peer's environment; None when it is not there and may not, or cannot, be made."""
    folder = ROOT / f".venv-{name}"
    python, ready = folder / "bin" / "python", folder / ".ready"
    if ready.exists():
        return python
    if not may_build:
        return None
    sys.stderr.write(f"  building {folder.name} from {name}.lock, once\n")
    venv.create(folder, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(HERE / f"{name}.lock")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    if ran.returncode != 0:
        sys.stderr.write(f"  {name} cannot be installed: {ran.stderr.strip().splitlines()[-1:]}\n")
        return None
    ready.touch()
    return python


def asked(python: Path, script: str, given: Any, seconds: float = 600) -> Any:
    """Runs a script of this folder in a peer's environment: JSON in, JSON out."""
    ran = subprocess.run(
        [str(python), str(HERE / script)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=True,
    )
    return json.loads(ran.stdout)
