"""Every command there is: explained, harmless without a home, and honest about what is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.main import get_group

from regrow.cli import app
from tests.faces import command_line
from tests.faces.command_line import within


def leaves(command: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it."""
    below = getattr(command, "commands", None)
    if below is None:
        return [(path, command)]
    return [leaf for name, each in below.items() for leaf in leaves(each, (*path, name))]


COMMANDS = leaves(get_group(app.app))
HOMELESS = set("init,demo,migrate,doctor,config,functions list,prompts check,guard check,guard calibrate".split(","))
"""Commands that need no home, or make one."""
ACTS = ("show", "history", "change", "archive", "approve", "reject", "reopen", "edit", "diff", "restore", "piece")
NAMED = [(path, command) for path, command in COMMANDS if path[-1] in ACTS and path[0] != "credits"]
"""Commands about one thing with an id."""
NAMES = [" ".join(path) for path, _ in COMMANDS]
WELL_FORMED = dict(
    amount="7", side="high", version="1", answer="found", counts="l=1", decision="continue", condition="likes<5"
)
NEEDED = {"--at": "2026-01-04T00:00:00Z", "--confidence": "0.96", "--delta": "-0.2"}


def changing(path: tuple[str, ...]) -> list[str]:
    """What there is to change, for commands that are told in options."""
    return ["--name", "New"] if path[-1] == "change" and path[0] not in ("prompts", "experiments") else []


def arguments(command: Any) -> list[str]:
    """Well-formed words for what a command needs, that name nothing there is; those above are no ids."""
    needed = [each for each in command.params if each.param_type_name == "argument" and each.required]
    named = [each for each in command.params if each.param_type_name == "option" and each.required]
    flags = [each.opts[0] for each in named if getattr(each, "is_flag", False)]
    valued = [each.opts[0] for each in named if each.opts[0] not in flags]
    options = [*flags, *(word for name in valued for word in (name, NEEDED.get(name, "xyz_0000000000")))]
    return [*(WELL_FORMED.get(each.name, "xyz_0000000000") for each in needed), *options]


def test_every_command_of_the_contract_is_there() -> None:
    words = {path[0] for path, _ in COMMANDS}
    assert words >= set(
        "init demo serve worker migrate import topics generate approve reject pieces generations personas campaigns "
        "members keys workspaces credits usage functions contexts progress doctor config".split()
    )
    for managed in ("personas", "campaigns", "members", "keys", "workspaces"):
        verbs = {path[1] for path, _ in COMMANDS if path[0] == managed}
        assert verbs >= {"list", "show", "create", "change", "archive"}, managed


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=NAMES)
def test_every_command_and_every_option_is_explained(path: tuple[str, ...], command: Any) -> None:
    assert command.help
    assert [each.name for each in command.params if not each.help and each.name != "help"] == []


@pytest.mark.parametrize(("path", "command"), [leaf for leaf in COMMANDS if " ".join(leaf[0]) not in HOMELESS])
def test_no_command_bursts_without_a_home(tmp_path: Path, capsys: Any, path: tuple[str, ...], command: Any) -> None:
    more = changing(path)
    more += ["--port", "0"] if path == ("serve",) else ["--all"] if path == ("select",) else []
    told = within(*path, *arguments(command), *more, "--home", tmp_path / "none", "--json", capsys=capsys, code=3)
    assert told.json["error"]["code"] == "not_initialised"
    assert "regrow init" in told.err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("path", "command"), NAMED, ids=[" ".join(path) for path, _ in NAMED])
def test_an_unknown_id_is_not_found(tmp_path: Path, capsys: Any, path: tuple[str, ...], command: Any) -> None:
    home = command_line.fresh(tmp_path)
    words = arguments(command) or ["xyz_0000000000"]
    more = changing(path)
    assert within(*path, *words, *more, "--home", home, "--json", capsys=capsys, code=3).json["error"]["detail"]
