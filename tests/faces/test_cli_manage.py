"""Managing personas, campaigns, members, keys and workspaces on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faces import command_line
from tests.faces.command_line import within


@pytest.fixture
def at(tmp_path: Path, capsys: Any) -> Any:
    """Runs a command in a fresh home and gives back its JSON; `code` is the exit code wanted."""
    home = command_line.fresh(tmp_path)

    def asked(*words: str, code: int = 0) -> Any:
        return within(*words, "--home", home, "--json", capsys=capsys, code=code).json

    return asked


def test_campaigns(at: Any) -> None:
    made = at("campaigns", "create", "Spring", "--description", "Loaves for spring")
    assert (made["name"], made["description"], made["version"]) == ("Spring", "Loaves for spring", 1)
    changed = at("campaigns", "change", made["id"], "--name", "Summer", "--version", "1")
    assert (changed["name"], changed["description"], changed["version"]) == ("Summer", "Loaves for spring", 2)
    assert at("campaigns", "change", made["id"], "--name", "Late", "--version", "1", code=4)["error"]["code"] == "stale"
    assert at("campaigns", "archive", made["id"])["archived_at"]
    assert at("campaigns", "list")["items"] == []
    assert [each["id"] for each in at("campaigns", "list", "--archived")["items"]] == [made["id"]]
    assert at("campaigns", "change", made["id"], "--name", "Never", code=4)["error"]["code"] == "campaign_archived"
    assert at("campaigns", "change", made["id"], code=2)["error"]["code"] == "nothing_to_change"


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "bell\x07"])
@pytest.mark.parametrize("what", ["campaigns", "personas", "members", "keys", "workspaces"])
def test_names_that_are_none(at: Any, what: str, name: str) -> None:
    assert at(what, "create", name, code=2)["error"]["code"] == "bad_name"


def test_personas(at: Any) -> None:
    voice = ("--voice", "blog.tone=friendly", "--voice", "blog.words=600", "--voice", "social.has_emoji=true")
    made = at("personas", "create", "Baker", *voice, "--use", "crumb", "--avoid", "game changer")
    assert (made["voice"]["blog"]["tone"], made["voice"]["blog"]["words"]) == ("friendly", 600)
    assert made["voice"]["social"]["has_emoji"] is True
    assert (made["guidelines"]["use"], made["guidelines"]["avoid"]) == (["crumb"], ["game changer"])
    changed = at("personas", "change", made["id"], "--voice", "blog.words=700", "--avoid", "synergy", "--default")
    assert (changed["voice"]["blog"]["tone"], changed["voice"]["blog"]["words"]) == ("friendly", 700)
    assert (changed["guidelines"]["use"], changed["guidelines"]["avoid"]) == (["crumb"], ["synergy"])
    assert [each["name"] for each in at("personas", "list")["items"] if each["is_default"]] == ["Baker"]
    assert at("personas", "archive", made["id"], code=4)["error"]["code"] == "needs_a_default"


@pytest.mark.parametrize(
    ("voice", "code"),
    [
        ("blog.tone=rude", "bad_voice"),
        ("blog.words=many", "bad_voice"),
        ("radio.tone=plain", "bad_voice"),
        ("blog=plain", "bad_voice"),
        ("blog.tone", "bad_request"),
    ],
)
def test_voices_that_are_none(at: Any, voice: str, code: str) -> None:
    assert at("personas", "create", "Baker", "--voice", voice, code=2)["error"]["code"] == code
    assert [each["name"] for each in at("personas", "list")["items"]] == ["Plain voice"]


def test_members_and_their_keys(at: Any) -> None:
    made = at("members", "create", "Ada", "--role", "reviewer", "--email", "ada@example.org")
    assert (made["role"], made["email"]) == ("reviewer", "ada@example.org")
    key = at("keys", "create", "Ada's script", "--role", "reviewer", "--member", made["id"], "--days", "30")
    assert key["api_key"].startswith("rk.ws_")
    assert key["expires_at"]
    assert "digest" not in key
    assert at("keys", "create", "too high", "--role", "owner", "--member", made["id"], code=2)["error"]["code"] == (
        "key_outranks_member"
    )
    assert at("members", "change", made["id"], "--role", "viewer")["role"] == "viewer"
    assert at("keys", "show", key["id"])["revoked_at"]
    assert "api_key" not in at("keys", "show", key["id"])
    assert at("members", "archive", made["id"])["archived_at"]
    owner = at("members", "list")["items"][0]
    assert at("members", "archive", owner["id"], code=4)["error"]["code"] == "last_owner"
    assert at("members", "create", "Eve", "--email", "nowhere", code=2)["error"]["code"] == "bad_email"


def test_keys_are_revoked(at: Any) -> None:
    first = at("keys", "list")["items"][0]
    assert at("keys", "archive", first["id"])["revoked_at"]
    assert at("keys", "archive", first["id"])["id"] == first["id"]
    assert at("keys", "archive", "key_0000000000", code=3)["error"]["code"] == "not_found"


def test_keys_are_changed(at: Any) -> None:
    made = at("keys", "create", "script", "--days", "3")
    changed = at("keys", "change", made["id"], "--name", "newsletter", "--expires-at", "2999-01-31T13:00:00+01:00")
    assert (changed["name"], changed["prefix"]) == ("newsletter", made["prefix"])
    assert changed["expires_at"].startswith("2999-01-31T12:00:00")
    assert at("keys", "change", made["id"], "--name", "again")["expires_at"] == changed["expires_at"]
    endless = at("keys", "change", made["id"], "--expires-at", "never")
    assert (endless["name"], endless["expires_at"]) == ("again", None)
    assert at("keys", "show", made["id"])["expires_at"] is None
    at("keys", "archive", made["id"])
    assert at("keys", "change", made["id"], "--name", "late", code=4)["error"]["code"] == "key_revoked"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "nothing_to_change"),
        (("--name", " "), "bad_name"),
        (("--expires-at", "tomorrow"), "bad_time"),
        (("--expires-at", "2999-01-31T12:00:00"), "bad_time"),
        (("--expires-at", "9999-12-31T23:59:59-12:00"), "bad_time"),
        (("--expires-at", "2001-01-31T12:00:00Z"), "bad_expiry"),
    ],
)
def test_changes_of_keys_that_are_none(at: Any, words: tuple[str, ...], code: str) -> None:
    made = at("keys", "create", "script")
    assert at("keys", "change", made["id"], *words, code=2)["error"]["code"] == code
    assert at("keys", "show", made["id"])["name"] == "script"


def test_workspaces(at: Any) -> None:
    made = at("workspaces", "create", "Second shop")
    assert (made["slug"], made["settings"]["topic_min_notes"]) == ("second-shop", 3)
    assert made["api_key"].startswith(f"rk.{made['id']}.")
    assert at("keys", "list", code=2)["error"]["code"] == "which_workspace"
    assert len(at("keys", "list", "--workspace", "second-shop")["items"]) == 1
    changed = at("workspaces", "change", "second-shop", "--name", "Corner shop", "--setting", "topic_max_notes=9")
    assert (changed["name"], changed["slug"], changed["settings"]["topic_max_notes"]) == (
        "Corner shop",
        "second-shop",
        9,
    )
    assert at("workspaces", "change", "second-shop", "--setting", "colour=9", code=2)["error"]["code"] == "bad_settings"
    assert at("workspaces", "create", "Second shop", code=4)["error"]["code"] == "workspace_exists"
    assert at("workspaces", "archive", made["id"])["archived_at"]
    assert [each["slug"] for each in at("workspaces", "list")["items"]] == ["main"]
    assert (
        at("campaigns", "create", "Late", "--workspace", "second-shop", code=4)["error"]["code"] == "workspace_archived"
    )


def test_a_workspace_sees_nothing_of_another(at: Any) -> None:
    made = at("campaigns", "create", "Ours")
    other = at("workspaces", "create", "Theirs")
    at("campaigns", "show", made["id"], "--workspace", "main")
    assert at("campaigns", "show", made["id"], "--workspace", other["slug"], code=3)["error"]["code"] == "not_found"
    assert at("campaigns", "list", "--workspace", other["slug"])["items"] == []
