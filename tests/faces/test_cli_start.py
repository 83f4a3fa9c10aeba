"""The command line from the outside: help, homes, settings, exit codes, and what goes to which stream."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from regrow.cli import app
from tests.faces import command_line
from tests.faces.command_line import run, within

HEAVY = (
    "sqlalchemy",
    "pydantic",
    "dbos",
    "fastapi",
    "rich.table",
    "rich.progress",
    "numpy",
    "openai",
    "alembic",
    "uvicorn",
)


def test_help_is_asked_for_without_loading_what_is_heavy(tmp_path: Path) -> None:
    look = f"print([name for name in {HEAVY!r} if name in sys.modules])"
    code = f"import sys; from regrow.cli import app; app.main(['--help']); {look}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=command_line.environment(None),
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "[]", done
    assert "From notes to drafts:" in done.stdout


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert within("--version", capsys=capsys).out.startswith("regrow ")


def test_init_makes_a_private_home_and_shows_the_key_once(tmp_path: Path) -> None:
    made = run("init", "--json", "--name", "My notes", "--home", tmp_path / "home", cwd=tmp_path).json
    assert made["api_key"].startswith(f"rk.{made['workspace_id']}.")
    assert made["home"] == str(tmp_path / "home")
    assert made["database_url"].startswith("sqlite:///")
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "home" / "regrow.sqlite").stat().st_mode) == 0o600
    again = run("--home", tmp_path / "home", "--json", "init", cwd=tmp_path, code=4)
    assert again.json["error"]["code"] == "home_exists"
    assert made["api_key"].rpartition(".")[2].encode() not in (tmp_path / "home" / "regrow.sqlite").read_bytes()


def test_init_takes_its_home_from_the_environment(tmp_path: Path) -> None:
    made = run("init", "--json", cwd=tmp_path, env={"REGROW_HOME": str(tmp_path / "elsewhere")}).json
    assert made["home"] == str(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    "words", [("--json", "--home", "{home}", "keys", "list"), ("keys", "list", "--home={home}", "--json")]
)
def test_global_options_stand_anywhere(tmp_path: Path, capsys: Any, words: tuple[str, ...]) -> None:
    home = command_line.fresh(tmp_path)
    ended = within(*(word.format(home=home) for word in words), capsys=capsys)
    assert [each["role"] for each in ended.json["items"]] == ["owner"]
    assert ended.err == ""


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((), "Missing command"),
        (("nonsense",), "No such command"),
        (("config", "--home"), "needs a value"),
        (("config", "--nonsense"), "No such option"),
        (("topics", "discover", "--random-seed", "many"), "valid integer"),
        (("topics", "discover", "--random-seed", "9" * 30), "less than or equal"),
        (("generate", "--medium", "smoke"), "smoke"),
        (("generate", "--variants", "9"), "less than or equal to 4"),
        (("credits", "grant", "-5"), "-5"),
        (("keys", "list", "--limit", "0"), "greater than or equal to 1"),
        (("approve",), "ID"),
        (("approve", "a\udcffb"), "UTF-8"),
    ],
)
def test_misuse_is_told_and_exits_2(tmp_path: Path, capsys: Any, words: tuple[str, ...], part: str) -> None:
    told = within(*words, "--json", capsys=capsys, code=2)
    assert told.json["error"]["code"] == "usage"
    assert part in told.json["error"]["detail"]
    plain = within(*words, capsys=capsys, code=2)
    assert plain.out == ""


def test_a_workspace_that_is_not_there(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    assert (
        "workspaces list" in within("keys", "list", "--workspace", "nobody", "--home", home, capsys=capsys, code=3).err
    )


def test_a_home_that_is_a_file(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "file").write_text("x")
    for words in (("init",), ("keys", "list"), ("demo",)):
        assert "is a file" in within(*words, "--home", tmp_path / "file", capsys=capsys, code=2).err


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that refuses")
def test_a_home_that_cannot_be_made(capsys: Any) -> None:
    told = within("init", "--home", "/proc/regrow", "--json", capsys=capsys, code=7)
    assert told.json["error"]["code"] == "not_writable"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_home_that_cannot_be_written(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    home.chmod(0o500)
    try:
        assert "permissions" in within("keys", "list", "--home", home, capsys=capsys, code=7).err
    finally:
        home.chmod(0o700)


def test_a_home_made_by_a_newer_version(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    connection = sqlite3.connect(home / "regrow.sqlite")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    assert (
        within("keys", "list", "--home", home, "--json", capsys=capsys, code=4).json["error"]["code"]
        == "newer_database"
    )
    checks = within("doctor", "--home", home, "--json", capsys=capsys, code=1).json
    assert [each["name"] for each in checks["checks"] if each["status"] == "failure"] == ["database"]


def test_a_database_that_is_none(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    (home / "regrow.sqlite").write_bytes(b"this is no database at all" * 500)
    assert (
        within("keys", "list", "--home", home, "--json", capsys=capsys, code=7).json["error"]["code"]
        == "database_damaged"
    )


def test_doctor(tmp_path: Path, capsys: Any) -> None:
    home = command_line.fresh(tmp_path)
    found = within("doctor", "--home", home, "--json", capsys=capsys).json
    assert found["ok"] is True
    assert {each["name"] for each in found["checks"]} >= {
        *("python", "home", "database", "migrations", "durable engine", "worker", "queue", "clock", "disk", "models"),
        *("address", "keys of main"),
    }
    lines = within("doctor", "--home", home, capsys=capsys).out.splitlines()
    assert len(lines) == len(found["checks"])
    missing = within("doctor", "--home", tmp_path / "none", "--json", capsys=capsys, code=1).json
    assert missing["ok"] is False


def test_doctor_sees_models_without_a_key_and_settings_that_are_off(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = command_line.fresh(tmp_path)
    monkeypatch.setenv("REGROW_MODELS", "openai:gpt-5.2")
    found = within("doctor", "--home", home, "--json", capsys=capsys, code=1).json
    assert [each["name"] for each in found["checks"] if each["status"] == "failure"] == ["model key openai"]
    monkeypatch.setenv("REGROW_POOL", "many")
    assert "REGROW_POOL" in within("doctor", "--home", home, capsys=capsys, code=1).out
    assert "REGROW_POOL" in within("keys", "list", "--home", home, capsys=capsys, code=2).err


def test_config_masks_secrets_and_says_where_settings_come_from(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = command_line.fresh(tmp_path)
    (home / "regrow.toml").write_text("pool = 7\n")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-verysecretvalue")
    monkeypatch.setenv("REGROW_DATABASE_URL", "postgresql://me:hushhush@db.example/regrow")
    for words in (("config",), ("config", "--json")):
        shown = within(*words, "--home", home, capsys=capsys)
        assert "verysecret" not in shown.out + shown.err
        assert "hushhush" not in shown.out + shown.err
    found = within("config", "--home", home, "--json", capsys=capsys).json
    assert found["openai_api_key"] == {"value": "(set)", "from": "environment", "variable": "OPENAI_API_KEY"}
    assert found["pool"] == {"value": 7, "from": "regrow.toml", "variable": "REGROW_POOL"}
    assert found["concurrency"]["from"] == "default"


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    home = command_line.fresh(tmp_path)
    words = f"{sys.executable} -m regrow config --home {home} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", words], capture_output=True, text=True, env=command_line.environment(None), timeout=60
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_bug_is_one_line_and_its_trace_is_in_the_log(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = command_line.fresh(tmp_path)
    connection = sqlite3.connect(home / "regrow.sqlite")
    connection.execute("ALTER TABLE api_keys RENAME COLUMN prefix TO suffix")
    connection.commit()
    connection.close()
    told = within("keys", "list", "--home", home, "--json", capsys=capsys, code=70)
    assert told.json["error"]["code"] == "bug"
    assert len(told.err.splitlines()) == 1
    assert str(home / "regrow.log") in told.err
    assert "Traceback" in (home / "regrow.log").read_text()
    monkeypatch.setenv("REGROW_LOG_LEVEL", "debug")
    assert app.main(["keys", "list", "--home", str(home)]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_output_in_a_pipe_is_plain(tmp_path: Path) -> None:
    home = command_line.fresh(tmp_path)
    ended = run("keys", "list", "--home", home, cwd=tmp_path, env={"COLUMNS": "30"})
    assert "\x1b" not in ended.out + ended.err
    assert len(ended.out.splitlines()) == 2
    assert json.loads(run("keys", "list", "--home", home, "--json", cwd=tmp_path).out)["items"]
