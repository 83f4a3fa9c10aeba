"""Lock files pin everything by hash, name no address, and agree with what was asked for."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import tree

LOCKS = ["requirements.lock", "requirements-dev.lock"]
PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[^ ]+)(?: ; (?P<marker>[^\\]+?))?"
    r"(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})+)"
)


class Pin(NamedTuple):
    """One locked package."""

    version: str
    hashes: frozenset[str]


def text(name: str) -> str:
    return (tree.ROOT / name).read_text(encoding="utf-8")


def entries(name: str) -> list[str]:
    """The lock's entries, each on one line."""
    joined = re.sub(r"\s*\\\n\s*", " ", text(name))
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]


def locked(name: str) -> dict[str, Pin]:
    found = (PIN.fullmatch(entry) for entry in entries(name))
    return {pin["name"]: Pin(pin["version"], frozenset(pin["hashes"].split())) for pin in found if pin}


def asked(name: str) -> list[Requirement]:
    lines = [line.strip() for line in text(name).splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_is_a_pin_with_hashes(name: str) -> None:
    assert [entry for entry in entries(name) if not PIN.fullmatch(entry)] == []
    assert len(locked(name)) == len(entries(name)) > 20


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_and_no_path(name: str) -> None:
    assert re.findall(r"://|^-|--index|--find-links|--trusted|(?<![\w.])/\w|\.\./", text(name), re.MULTILINE) == []


@pytest.mark.parametrize(
    ("request_file", "lock"),
    [("requirements.in", LOCKS[0]), ("requirements.in", LOCKS[1]), ("requirements-dev.in", LOCKS[1])],
)
def test_locks_hold_what_was_asked_for(request_file: str, lock: str) -> None:
    pins = locked(lock)
    missing = [str(r) for r in asked(request_file) if canonicalize_name(r.name) not in pins]
    other = [str(r) for r in asked(request_file) if not r.specifier.contains(pins[canonicalize_name(r.name)].version)]
    assert (missing, other) == ([], [])


def test_the_development_lock_holds_the_runtime_lock() -> None:
    development = locked(LOCKS[1])
    assert {name: pin for name, pin in locked(LOCKS[0]).items() if development.get(name) != pin} == {}


def test_an_entry_without_a_hash_is_recognised() -> None:
    assert PIN.fullmatch("numpy==2.4.6") is None
    assert PIN.fullmatch(f"numpy==2.4.6 --hash=sha256:{'0' * 64}") is not None
