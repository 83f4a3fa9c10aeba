"""Processes that stay, beside each other: server, worker and commands on one home."""

from __future__ import annotations

import fcntl
import json
import signal
import socket
import sqlite3
import subprocess
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import DatabaseUrls
from tests.faces import command_line
from tests.faces.command_line import run, running, wait_for, wait_until


def address(process: subprocess.Popen[str]) -> str:
    """Where a server started with --json and --port 0 listens."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.rstrip() == "}":
            break
    return str(json.loads(said)["address"])


def asked(url: str, key: str, body: Any = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def unfinished(home: Path) -> list[str]:
    """The runs that were asked for and have not ended."""
    with closing(sqlite3.connect(f"file:{home / 'regrow.sqlite'}?mode=ro", uri=True)) as connection:
        return [id for (id,) in connection.execute("SELECT id FROM runs WHERE finished_at IS NULL")]


def test_a_server_and_commands_beside_it(tmp_path: Path) -> None:
    home = command_line.furnished(tmp_path)
    key = run("keys", "create", "test", "--role", "owner", "--home", home, "--json", cwd=tmp_path).json["api_key"]
    with running("serve", "--port", "0", "--json", "--home", home, cwd=tmp_path) as server:
        base = address(server)
        wait_for(f"{base}/healthz", server)
        assert asked(f"{base}/api/topics", key)[0] == 200
        refused = run("worker", "--home", home, "--json", cwd=tmp_path, code=4)
        assert refused.json["error"]["code"] == "home_in_use"
        taken = run("serve", "--port", base.rpartition(":")[2], "--home", home, "--json", cwd=tmp_path, code=4)
        assert taken.json["error"]["code"] == "port_taken"
        made = run("generate", "--medium", "social", "--home", home, "--json", cwd=tmp_path)
        assert "Another process" in made.err
        assert len(made.json["pieces"]) == 5
        assert asked(f"{base}/api/content/generations/{made.json['id']}", key)[1]["status"] == "draft"
        checks = run("doctor", "--home", home, "--json", cwd=tmp_path).json["checks"]
        assert [each["message"] for each in checks if each["name"] == "worker"] == ["one is alive"]
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0


def test_what_a_killed_server_was_handed_is_done_by_the_command_that_waits(tmp_path: Path) -> None:
    home = command_line.furnished(tmp_path)
    words = ("serve", "--no-worker", "--port", "0", "--json", "--home", home)
    with running(*words, cwd=tmp_path) as server:
        wait_for(f"{address(server)}/healthz", server)
        with running("generate", "--medium", "blog", "--home", home, "--json", cwd=tmp_path) as waiting:
            assert waiting.stderr is not None
            assert "Another process" in waiting.stderr.readline()
            assert "Asked for" in waiting.stderr.readline()
            assert waiting.poll() is None
            server.kill()
            out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, err
    assert len(json.loads(out)["pieces"]) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_leaves_when_told(tmp_path: Path, number: signal.Signals) -> None:
    home = command_line.fresh(tmp_path)
    with running("worker", "--home", home, cwd=tmp_path) as worker:
        assert worker.stderr is not None
        assert worker.stderr.readline() == "Working. Stop it with Ctrl-C.\n"
        worker.send_signal(number)
        assert worker.wait(timeout=60) == 0


def test_a_command_that_is_interrupted_says_so(tmp_path: Path) -> None:
    home = command_line.furnished(tmp_path)
    words = ("serve", "--no-worker", "--port", "0", "--json", "--home", home)
    with running(*words, cwd=tmp_path) as server:
        wait_for(f"{address(server)}/healthz", server)
        with running("generate", "--medium", "blog", "--home", home, cwd=tmp_path) as waiting:
            assert waiting.stderr is not None
            assert "Another process" in waiting.stderr.readline()
            assert "Asked for" in waiting.stderr.readline()
            waiting.send_signal(signal.SIGINT)
            out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 130
    assert out == ""
    assert "regrow progress run_" in err
    assert err.endswith("Interrupted.\n")
    assert "Traceback" not in err


@pytest.mark.parametrize(("host", "code"), [("no such host.invalid", 2), ("192.0.2.7", 2)])
def test_an_address_that_is_not_ours(tmp_path: Path, host: str, code: int) -> None:
    home = command_line.fresh(tmp_path)
    told = run("serve", "--host", host, "--home", home, "--json", cwd=tmp_path, code=code)
    assert told.json["error"]["code"] == "bad_host"


def test_a_port_that_is_taken_by_another_program(tmp_path: Path) -> None:
    home = command_line.fresh(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = run("serve", "--port", str(port), "--home", home, "--json", cwd=tmp_path, code=4)
    assert str(port) in told.json["error"]["detail"]


@pytest.mark.postgres
def test_on_postgresql(tmp_path: Path, postgres_urls: DatabaseUrls) -> None:
    env = {"REGROW_DATABASE_URL": postgres_urls.url, "REGROW_HOME": str(tmp_path / "home")}
    owner = {**env, "REGROW_OWNER_DATABASE_URL": postgres_urls.owner_url}
    assert run("init", "--json", cwd=tmp_path, env=env, code=7).json["error"]["code"] == "not_migrated"
    assert run("migrate", "--json", cwd=tmp_path, env=owner).json["is_current"] is True
    made = run("init", "--json", cwd=tmp_path, env=env).json
    assert ":" not in made["database_url"].partition("://")[2].partition("@")[0]
    assert run("init", "--json", cwd=tmp_path, env=env, code=4).json["error"]["code"] == "home_exists"
    assert run("import", "notes", command_line.SAMPLES, "--json", cwd=tmp_path, env=env).json["created"] >= 40
    checks = run("doctor", "--json", cwd=tmp_path, env=env).json["checks"]
    assert {each["name"]: each["status"] for each in checks}["worker"] == "warning"
    with running("worker", cwd=tmp_path, env=env) as worker:
        assert worker.stderr is not None
        assert "Working" in worker.stderr.readline()
        assert len(run("generate", "--json", cwd=tmp_path, env=env).json["pieces"]) == 6
        checks = run("doctor", "--json", cwd=tmp_path, env=env).json["checks"]
        assert {each["name"]: each["status"] for each in checks}["worker"] == "ok"
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0


def test_a_holder_that_does_no_work_is_outwaited(tmp_path: Path) -> None:
    """The lock is held by something that has no tables of the durable engine: the run can be handed to nobody yet."""
    home = command_line.fresh(tmp_path)
    run("import", "notes", command_line.SAMPLES, "--home", home, cwd=tmp_path)
    with (home / "lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with running("generate", "--medium", "social", "--home", home, "--json", cwd=tmp_path) as waiting:
            assert waiting.stderr is not None
            assert "Another process" in waiting.stderr.readline()
            held.close()
            out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, err
    assert len(json.loads(out)["pieces"]) == 5


def test_two_commands_at_once_both_get_their_drafts(tmp_path: Path) -> None:
    home = command_line.furnished(tmp_path)
    words = ("generate", "--medium", "social", "--home", home, "--json")
    with running(*words, cwd=tmp_path) as one, running(*words, cwd=tmp_path) as two:
        ended = [process.communicate(timeout=60) for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0], ended
    made = {json.loads(out)["id"] for out, _ in ended}
    listed = run("generations", "list", "--home", home, "--json", cwd=tmp_path).json["items"]
    assert len(made) == 2
    assert made <= {each["id"] for each in listed}


def test_those_who_wait_are_answered_when_the_server_is_told_to_stop(tmp_path: Path) -> None:
    home = command_line.furnished(tmp_path)
    key = run("keys", "create", "test", "--home", home, "--json", cwd=tmp_path).json["api_key"]
    with running("serve", "--no-worker", "--port", "0", "--json", "--home", home, cwd=tmp_path) as server:
        base = address(server)
        wait_for(f"{base}/healthz", server)
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(asked, f"{base}/api/content/generate", key, {"media": ["blog"]})
            wait_until(lambda: len(unfinished(home)) == 1)
            assert not waiting.done()
            server.send_signal(signal.SIGTERM)
            status, body = waiting.result(timeout=60)
        assert server.wait(timeout=60) == 0
    assert (status, sorted(body)) == (202, ["status_url", "task_id"])
    ended = run("generate", "--medium", "social", "--home", home, "--json", cwd=tmp_path).json
    assert ended["status"] == "draft"
    task = run("progress", body["task_id"], "--wait", "--home", home, "--json", cwd=tmp_path).json
    assert (task["phase"], task["status"]) == ("DONE", "success")
