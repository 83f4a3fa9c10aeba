"""Starting and watching the child processes of the kill tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from regrow.settings import Settings
from tests.homes import Tenant

ROOT = Path(__file__).parents[2]
GRANTED = 10_000
"""Credits of the workspace that a child works for."""
MOMENTS = ("begun", "done", "recorded")
"""When in a step a child may be killed."""


def as_json(made: Settings) -> dict[str, Any]:
    """Settings with their secrets in clear, for a child of this very test."""
    values = {name: getattr(made, name) for name in Settings.model_fields}
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value) if name == "home" else value
        for name, value in values.items()
    }


def spec(alice: Tenant, **more: Any) -> dict[str, Any]:
    """What a child is told: the home and the workspace it works for, and what it is to do there."""
    return {"settings": as_json(alice.home.settings), "workspace_id": alice.id, **more}


def start(spec: dict[str, Any], module: str = "tests.workflows.child") -> subprocess.Popen[str]:
    spec["settings"]["lease_seconds"] = 2
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", module, json.dumps(spec)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )


def run(spec: dict[str, Any], seconds: float = 90) -> tuple[int, list[dict[str, Any]]]:
    """The child's exit code (-9 when it was killed), and what it said of each run it waited for."""
    child = start(spec)
    out, err = child.communicate(timeout=seconds)
    if child.returncode not in (0, -9):
        raise AssertionError(f"the child failed with {child.returncode}: {err[-2000:]}")
    return child.returncode, [json.loads(line) for line in out.splitlines() if line.startswith("{")]
