"""`regrow doctor` tries each model key: taken, refused or unreachable, in bounded time, and never shown."""

from __future__ import annotations

import dataclasses
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from regrow.adapters.llm import trying
from regrow.adapters.llm.trying import Key
from regrow.testing.vendor_servers import SERVERS, AnthropicServer, GeminiServer
from tests.faces import command_line
from tests.faces.command_line import inside
from tests.faces.test_model_keys import add

SECRET = "sk-right-0123456789-abcdef"


@pytest.mark.parametrize("provider", list(SERVERS))
@pytest.mark.parametrize(
    ("faults", "secret", "verdict"),
    [
        ([], SECRET, "ok"),
        (["429-9"], SECRET, "ok"),
        ([], "sk-wrong-0123456789", "refused"),
        (["403"], SECRET, "refused"),
        (["500"], SECRET, "unreachable"),
        (["404"], SECRET, "unreachable"),
    ],
)
def test_each_key_is_tried_in_its_vendors_own_way(provider: str, faults: list[str], secret: str, verdict: str) -> None:
    with SERVERS[provider](keys=[SECRET], faults=faults) as server:
        (found,) = trying.every([Key(provider, "HERE", secret)], {provider: server.base_url})
        assert server.calls == 0
    assert (found.provider, found.verdict) == (provider, verdict)
    assert secret not in repr(found)
    assert (verdict == "refused") == ("HERE" in found.detail)


def test_who_does_not_answer_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        urls = {"openai": url, "anthropic": url, "vllm": "http://127.0.0.1:1/v1"}
        keys = [Key("openai", "A", SECRET), Key("anthropic", "B", SECRET), Key("vllm", "C", None)]
        found = trying.every([*keys, Key("compatible", "D", None)], urls, seconds=1.0)
    assert [each.verdict for each in found] == ["unreachable"] * 4
    assert "COMPATIBLE_BASE_URL" in found[3].detail
    assert SECRET not in repr([*found, *keys])


def test_all_are_tried_at_the_same_time() -> None:
    """Whoever listens answers nobody before all have called."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        server.settimeout(60)
        answered = pool.submit(_refuse_when_all_have_called, server, 3)
        keys = [Key("openai", "A", SECRET), Key("anthropic", "B", SECRET), Key("vllm", "C", SECRET)]
        found = trying.every(keys, dict.fromkeys(("openai", "anthropic", "vllm"), url), seconds=60)
        answered.result()
    assert [each.verdict for each in found] == ["refused"] * 3


def _refuse_when_all_have_called(server: socket.socket, callers: int) -> None:
    lines = [server.accept()[0] for _ in range(callers)]
    for line in lines:
        with line:
            line.recv(65_536)
            line.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def test_a_key_with_impossible_characters_is_unreachable_and_not_shown() -> None:
    key = Key("openai", "A", "line\nbreak-0123456789")
    (found,) = trying.every([key], {"openai": "http://127.0.0.1:1/v1"})
    assert (found.verdict, "break" in found.detail) == ("unreachable", False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    command_line.fresh(tmp_path, ".regrow")
    return tmp_path


def checks(home: Path, *words: str, code: int = 0, **env: str) -> dict[str, Any]:
    told = inside("doctor", *words, "--json", cwd=home, env=env, code=code)
    assert SECRET not in told.out + told.err
    found = [each for each in told.json["checks"] if each["name"].startswith("model key")]
    return {f"{each['name']} {number}": each for number, each in enumerate(found)}


def test_the_installations_and_the_workspaces_keys_are_tried(home: Path) -> None:
    add(home, "google", "--name", "ours", secret="sk-other-0123456789")
    with AnthropicServer(keys=[SECRET]) as anthropic, GeminiServer(keys=[SECRET]) as gemini:
        env = {
            "REGROW_MODELS": "anthropic:claude",
            "ANTHROPIC_API_KEY": SECRET,
            "ANTHROPIC_BASE_URL": anthropic.base_url,
            "GEMINI_BASE_URL": gemini.base_url,
        }
        found = checks(home, code=1, **env)
        assert [each["status"] for each in found.values()] == ["ok", "failure"]
        first, second = found.values()
        assert (first["name"], "ANTHROPIC_API_KEY: ok" in first["message"]) == ("model key anthropic", True)
        assert second["name"] == "model key google"
        assert second["message"].startswith("ours of ")
        assert "refused" in second["message"]
        assert checks(home, "--offline", **env) == {}


def test_a_key_that_is_missing_or_sealed_otherwise_is_told(home: Path) -> None:
    (missing,) = checks(home, code=1, REGROW_MODELS="openai:gpt-5-mini").values()
    assert (missing["status"], "OPENAI_API_KEY" in missing["message"]) == ("failure", True)
    add(home, "openai", secret=SECRET)
    (home / ".regrow" / "secret.key").write_text("another-key-that-is-long-enough-to-be-one\n", encoding="ascii")
    (unreadable,) = checks(home, code=1).values()
    assert (unreadable["status"], "REGROW_SECRET_KEY" in unreadable["message"]) == ("failure", True)


def test_a_broken_price_list_is_told(home: Path) -> None:
    (home / ".regrow" / "prices").mkdir()
    (home / ".regrow" / "prices" / "vllm.x.toml").write_text("oops", encoding="utf-8")
    told = inside("doctor", "--offline", "--json", cwd=home, code=1)
    assert "vllm.x.toml" in next(each["message"] for each in told.json["checks"] if each["name"] == "models")


def test_a_key_in_hand_does_not_show() -> None:
    assert SECRET not in repr(dataclasses.replace(Key("openai", "A", SECRET)))
