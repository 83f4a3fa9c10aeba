"""Other processes of a measurement: one that measures by itself, and servers that stop when told or after a while."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60
STOP_SECONDS = 45
OUTSIDE = ("REGROW_", "DBOS_", "OPENAI_")
"""Settings of whoever runs this must not reach what is measured."""


def environment(**more: str) -> dict[str, str]:
    """What a child sees: our sources first, and nothing of this user's settings but those of the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OUTSIDE) or name.startswith("REGROW_TEST_")
    }
    paths = (str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", ""))
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in paths if path), **more}


def told(module: str, *arguments: str, seconds: float = 300) -> Any:
    """Runs a module to its end and gives back its last line of stdout, which is JSON."""
    ran = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment(),
        text=True,
        timeout=seconds,
    )
    if ran.returncode:
        raise RuntimeError(f"{module} failed with {ran.returncode}; see above")
    return json.loads(ran.stdout.splitlines()[-1])


@contextmanager
def serving(module: str, arguments: Sequence[str], settings: Mapping[str, str] | None = None) -> Iterator[int]:
    """A server as a child process; gives its port, the first it names on loopback, and ends it afterwards."""
    child = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env=environment(**(settings or {})),
    )
    try:
        yield _port(child, module)
    finally:
        child.terminate()
        try:
            child.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()


Serving = AbstractContextManager[int]


def _port(child: subprocess.Popen[bytes], module: str) -> int:
    stdout = child.stdout
    if stdout is None:
        raise RuntimeError("the child has no output")
    until = time.monotonic() + START_SECONDS
    text = b""
    while time.monotonic() < until and child.poll() is None:
        if select.select([stdout], [], [], 0.2)[0]:
            text += os.read(stdout.fileno(), 4096)
        if found := re.search(rb"127\.0\.0\.1:(\d+)\D", text):
            return int(found[1])
    raise RuntimeError(f"{module} did not start: {text.decode(errors='replace')[-800:]}")
