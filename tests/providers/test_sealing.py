"""Secrets sealed under the installation's keys, rotated, and made where there is none."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from regrow.adapters.sealing import FernetSealer
from regrow.kit import errors

OLD, NEW = "an old key that is long enough to be one", "a new key that is long enough to be one".replace(" ", "-")
OLD = OLD.replace(" ", "-")


def test_what_is_sealed_can_be_read_and_does_not_show() -> None:
    sealer = FernetSealer(NEW, None)
    sealed = sealer.seal("sk-0123456789")
    assert "0123456789" not in sealed
    assert sealer.reveal(sealed) == "sk-0123456789"
    assert sealer.seal("sk-0123456789") != sealed


def test_the_first_key_seals_and_each_of_them_reads() -> None:
    before = FernetSealer(OLD, None).seal("secret-1")
    both = FernetSealer(f"{NEW}, {OLD}", None)
    assert both.reveal(before) == "secret-1"
    assert FernetSealer(NEW, None).reveal(both.seal(both.reveal(before))) == "secret-1"
    with pytest.raises(errors.Unavailable) as refused:
        FernetSealer(NEW, None).reveal(before)
    assert (refused.value.code, refused.value.is_permanent) == ("sealed_otherwise", True)
    assert "REGROW_SECRET_KEY" in refused.value.detail


def test_without_a_key_and_a_file_nothing_is_sealed() -> None:
    with pytest.raises(errors.Unavailable) as refused:
        FernetSealer("", None).seal("secret-1")
    assert (refused.value.code, "REGROW_SECRET_KEY" in refused.value.detail) == ("no_secret_key", True)


def test_a_short_key_is_refused_and_not_repeated() -> None:
    with pytest.raises(errors.Invalid) as refused:
        FernetSealer("hunter22", None).seal("secret-1")
    assert "hunter22" not in refused.value.detail


def test_the_file_is_made_when_something_is_sealed_and_belongs_to_this_user_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    with pytest.raises(errors.Unavailable):
        FernetSealer("", file).reveal("nothing")
    assert not file.exists()
    sealed = FernetSealer("", file).seal("secret-1")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert FernetSealer("", file).reveal(sealed) == "secret-1"
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


def test_a_variable_set_later_leaves_what_the_file_sealed_readable(tmp_path: Path) -> None:
    file = tmp_path / "secret.key"
    before = FernetSealer("", file).seal("secret-1")
    later = FernetSealer(NEW, file)
    assert later.reveal(before) == "secret-1"
    assert FernetSealer(NEW, None).reveal(later.seal("secret-2")) == "secret-2"
    FernetSealer(NEW, tmp_path / "none.key").seal("secret-3")
    assert [each.name for each in tmp_path.iterdir()] == ["secret.key"]


def test_many_at_once_make_one_file(tmp_path: Path) -> None:
    sealer = FernetSealer("", tmp_path / "secret.key")
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(sealer.seal, ["secret-1"] * 16))
    assert {sealer.reveal(each) for each in sealed} == {"secret-1"}
    assert len(list(tmp_path.iterdir())) == 1


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret.key").mkdir()
    with pytest.raises(errors.Unavailable) as refused:
        FernetSealer("", tmp_path / "secret.key").reveal("x")
    assert "cannot be read" in refused.value.detail
