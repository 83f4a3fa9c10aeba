"""Model keys and the models in force, over HTTP and on the command line: never a key shown."""

from __future__ import annotations

import os
import pty
from pathlib import Path

import pytest

from tests.faces import command_line
from tests.faces.command_line import Ended, inside
from tests.faces.conftest import Face, is_problem

SECRET = "sk-0123456789-abcdefgh-WXYZ"
NEW = {"provider": "anthropic", "name": "main", "secret": SECRET}


def test_a_key_goes_in_and_never_comes_out(face: Face) -> None:
    made = face.call("POST", "/api/model-keys", json=NEW, headers={"Idempotency-Key": "model-key-1"})
    again = face.call("POST", "/api/model-keys", json=NEW, headers={"Idempotency-Key": "model-key-1"})
    assert (made.status_code, again.json()) == (201, made.json())
    id = made.json()["id"]
    assert made.json()["last_four"] == "WXYZ"
    listed, one = face.call("GET", "/api/model-keys", "viewer"), face.call("GET", f"/api/model-keys/{id}", "viewer")
    gone = face.call("DELETE", f"/api/model-keys/{id}")
    assert gone.json()["archived_at"]
    assert one.json() in listed.json()["items"]
    for answer in (made, again, listed, one, gone, face.call("GET", "/api/audit-log")):
        assert SECRET not in answer.text
    assert is_problem(face.call("GET", f"/api/model-keys/{id}", "stranger"), 404)


@pytest.mark.parametrize(
    "change",
    [{"secret": "short"}, {"secret": "two words 0123456789"}, {"secret": 5}, {"provider": "offline"}, {"more": SECRET}],
)
def test_a_refusal_does_not_repeat_the_key(face: Face, change: dict[str, object]) -> None:
    answer = face.call("POST", "/api/model-keys", json={**NEW, **change})
    assert answer.status_code in (400, 422)
    assert SECRET not in answer.text
    assert "two words" not in answer.text


@pytest.fixture
def home(tmp_path: Path) -> Path:
    command_line.fresh(tmp_path, ".regrow")
    return tmp_path


def add(home: Path, *words: str, secret: str = SECRET, code: int = 0) -> Ended:
    return inside("models", "keys", "add", *words, cwd=home, stdin=f"{secret}\n", code=code)


def test_keys_on_the_command_line(home: Path) -> None:
    added = add(home, "openai", "--name", "from a file", "--json")
    row = added.json
    assert (row["name"], row["last_four"], row["archived_at"]) == ("from a file", "WXYZ", None)
    assert (home / ".regrow" / "secret.key").stat().st_mode & 0o777 == 0o600
    listed = inside("models", "keys", "list", "--json", cwd=home)
    assert [each["id"] for each in listed.json["items"]] == [row["id"]]
    assert inside("models", "keys", "reseal", "--json", cwd=home).json == {"resealed": 1}
    removed = inside("models", "keys", "remove", row["id"], "--json", cwd=home)
    assert removed.json["archived_at"]
    for said in (added.out, added.err, listed.out, removed.out):
        assert SECRET not in said
        assert 'sealed"' not in said


def test_a_key_is_refused_on_the_command_line_itself(home: Path) -> None:
    assert add(home, "openai", SECRET, code=2).code == 2
    bad = add(home, "openai", secret="two words of nothing", code=2)
    assert "two words" not in bad.out + bad.err
    assert inside("models", "keys", "list", "--json", cwd=home).json["items"] == []


def test_a_key_typed_on_a_terminal_is_not_shown(home: Path) -> None:
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(home)
        words = command_line.command(("models", "keys", "add", "google"))
        os.execve(words[0], words, command_line.environment(None))
    said = b""
    while b"not shown" not in said:
        said += os.read(terminal, 1_000)
    os.write(terminal, SECRET.encode() + b"\n")
    while True:
        try:
            more = os.read(terminal, 1_000)
        except OSError:
            break
        if not more:
            break
        said += more
    os.close(terminal)
    assert os.waitpid(pid, 0)[1] == 0
    assert SECRET.encode() not in said
    assert b"WXYZ" in said


def test_the_models_in_force_are_told(home: Path) -> None:
    env = {"REGROW_MODELS": "openai:gpt-5-mini,offline:extractive", "OPENAI_API_KEY": "sk-environment-0123"}
    add(home, "anthropic", "--name", "mine")
    inside("workspaces", "change", "--setting", "models.write_blog=anthropic:claude-sonnet-5-5,vllm:llama", cwd=home)
    told = inside("models", "list", "--json", cwd=home, env={**env, "VLLM_BASE_URL": "http://127.0.0.1:9/v1"})
    rows = {(each["function"], each["candidate"]): each for each in told.json["items"]}
    blog = rows["write_blog", "anthropic:claude-sonnet-5-5"]
    assert (blog["from"], blog["key"]) == ("setting models.write_blog", "workspace: mine …WXYZ")
    assert blog["price"] == "$2 in, $10 out per million"
    assert rows["write_blog", "vllm:llama"]["price"] == "unknown"
    assert "VLLM_API_KEY" in rows["write_blog", "vllm:llama"]["key"]
    social = rows["write_social", "openai:gpt-5-mini"]
    assert (social["from"], social["key"]) == ("REGROW_MODELS", "OPENAI_API_KEY")
    assert rows["write_social", "offline:extractive"]["key"] == "none needed"
    assert "sk-environment-0123" not in told.out
    inside("workspaces", "change", "--setting", "models.write_blog=gpt-5", cwd=home, code=2)
