"""Archives from strangers: names that lead out, bombs, links, damage, archives in archives, names in old code pages."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regrow.adapters.sources import archives, opening, places
from regrow.adapters.sources.files import Files
from regrow.domain.notes.vaults import Fetched, Skipped
from regrow.kit import errors
from tests import exports

GOOD = exports.zipped({"v/a.md": "alpha " * 50, "v/b.md": "beta", "v/sub/c.md": "gamma"})


def opened(data: bytes) -> Files:
    return archives.opened(io.BytesIO(data), "x.zip")


def with_info(change: Callable[[zipfile.ZipInfo], None], name: str = "a.md", text: bytes = b"text") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        info = zipfile.ZipInfo(name)
        change(info)
        archive.writestr(info, text)
        archive.writestr("other.md", "fine")
    return made.getvalue()


def test_the_folder_that_holds_everything_is_no_part_of_a_name() -> None:
    place = opened(GOOD)
    assert place.scan().paths == ["a.md", "b.md", "sub/c.md"]
    assert place.read("b.md") == b"beta"
    with place.open("sub/c.md") as file:
        assert file.read() == b"gamma"


@pytest.mark.parametrize(
    "name",
    ["../up.md", "a/../../up.md", "/etc/up.md", "..\\up.md", "C:\\up.md", "C:up.md", "\\\\host\\up.md"],
)
def test_a_name_that_leads_out_is_refused_and_told(name: str, tmp_path: Path) -> None:
    path = exports.put(tmp_path / "in" / "x.zip", exports.zipped({name: "evil", "good.md": "good"}))
    listing = opening.open_vault(path).listing()
    assert listing.paths == ["good.md"]
    assert [one.reason for one in listing.skipped] == [
        "its name leads out of the archive: no export writes such a name"
    ]
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "in", path]


def test_names_are_shown_without_what_steers_a_terminal() -> None:
    place = opened(exports.zipped({"a\x1b[2Jb.md": "x", "r\u202etxt.md": "y"}))
    assert place.scan().paths == ["a\\x1b[2Jb.md", "r\\x202etxt.md"]
    assert place.read("a\\x1b[2Jb.md") == b"x"


def raw_name(name: bytes, extra: bytes = b"") -> bytes:
    """A zip whose only entry has these bytes for a name, not marked as UTF-8."""
    data = with_info(lambda info: setattr(info, "extra", extra), "N" * len(name) + ".md")
    return data.replace(b"N" * len(name), name)


def test_names_in_code_pages() -> None:
    assert opened(raw_name("– Хлеб".encode())).scan().paths[-1] == "– Хлеб.md"
    assert "Kräuter.md" in opened(raw_name("Kräuter".encode("cp437"))).scan().paths
    old = b"???" + b".md"
    field = b"\x01" + struct.pack("<L", zlib.crc32(old)) + "パン.md".encode()
    assert "パン.md" in opened(raw_name(b"???", struct.pack("<HH", 0x7075, len(field)) + field)).scan().paths


def test_links_and_devices_are_no_notes() -> None:
    for mode, reason in ((stat.S_IFLNK, "a symbolic link"), (stat.S_IFIFO, "not a regular file")):
        place = opened(with_info(lambda info, mode=mode: _unix(info, mode), text=b"/etc/passwd"))  # type: ignore[misc]
        assert place.scan().paths == ["other.md"]
        assert place.scan().skipped[0].reason.startswith(reason)


def _unix(info: zipfile.ZipInfo, mode: int) -> None:
    info.create_system, info.external_attr = 3, (mode | 0o777) << 16


def test_a_bomb_stops_at_its_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = exports.zipped({"bomb.md": b"\0" * 9_000_000, "ok.md": b"fine"})
    assert len(bomb) < 20_000
    place = opened(bomb)
    with pytest.raises(places.Unfit, match="unpacks to more than 200 times"):
        place.read("bomb.md")
    with pytest.raises(places.Unfit, match="unpacks to more than 200 times"):
        place.open("bomb.md")
    assert place.read("ok.md") == b"fine"
    with pytest.raises(places.Unfit, match=r"too large: 11\.0 MB"):
        opened(exports.zipped({"big.md": b"ab" * 5_500_000})).read("big.md")
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 1_000_000_000)
    budget = archives.Budget(10)
    with pytest.raises(places.Unfit, match="more than 1 GB"):
        archives.opened(io.BytesIO(GOOD), "x", budget).read("a.md")


def test_a_size_that_lies_is_found_out() -> None:
    data = bytearray(exports.zipped({"a.md": b"x" * 5_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(mark) + offset
        data[place : place + 4] = struct.pack("<L", 10)
    with pytest.raises(places.Unfit, match="damaged"):
        opened(bytes(data)).read("a.md")


def test_too_many_entries_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_ENTRIES", 20)
    with pytest.raises(places.Unfit, match="holds more than 20 files"):
        opened(exports.zipped({f"{number}.md": "x" for number in range(21)}))
    assert len(opened(exports.zipped({f"{number}.md": "x" for number in range(20)})).scan().paths) == 20
    monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 100)
    with pytest.raises(places.Unfit, match="its directory has"):
        opened(exports.zipped({f"{number}.md": "x" for number in range(20)}))


def test_encrypted_entries_stay_in_the_list_with_the_reason() -> None:
    data = bytearray(exports.zipped({"a.md": "secret", "b.md": "open"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    place = opened(bytes(data))
    assert place.scan().paths == ["a.md", "b.md"]
    with pytest.raises(places.Unfit, match="encrypted: export it again without a password"):
        place.read("a.md")


def test_methods_that_no_export_uses() -> None:
    place = opened(with_info(lambda info: setattr(info, "compress_type", zipfile.ZIP_LZMA)))
    assert place.scan().skipped[0].reason.startswith("packed by a method that no export uses")


def test_archives_in_archives_are_one_and_end_somewhere() -> None:
    data = exports.zipped({"deepest.md": "deep"})
    for number in range(2):
        data = exports.zipped({f"Part-{number}.zip": data, f"at{number}.md": b"x"})
    place = opened(data)
    assert place.scan().paths == ["at0.md", "at1.md", "deepest.md"]
    assert place.read("deepest.md") == b"deep"
    place = opened(exports.zipped({"Part-9.zip": data, "top.md": b"top"}))
    assert place.scan().paths == ["at0.md", "at1.md", "top.md"]
    assert [(one.path, one.reason) for one in place.scan().skipped] == [
        ("Part-0.zip", "archives in archives are read 3 deep: unpack it first")
    ]
    assert place.scan().unreadable == ("",)


def test_a_file_in_two_parts_is_taken_once() -> None:
    one, two = exports.zipped({"a.md": "first"}), exports.zipped({"a.md": "second", "b.md": "x"})
    place = opened(exports.zipped({"Part-1.zip": one, "Part-2.zip": two}))
    assert place.read("a.md") == b"first"
    assert "second time" in place.scan().skipped[0].reason


def test_a_broken_part_takes_nothing_for_gone() -> None:
    place = opened(exports.zipped({"Part-1.zip": b"PK\x03\x04 broken", "a.md": b"fine"}))
    assert (place.scan().paths, place.scan().unreadable) == (["a.md"], ("",))
    assert place.scan().skipped[0].path == "Part-1.zip"


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"<html>log in</html>", GOOD[:-30], b"PK\x05\x06" + b"\xff" * 18],
    ids=["empty", "begun", "a page", "cut", "only an end"],
)
def test_what_is_no_archive_says_so(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(errors.Unavailable) as caught:
        opening.open_vault(exports.put(tmp_path / "x.zip", data))
    assert caught.value.is_permanent
    assert "x.zip" in caught.value.detail


@given(st.integers(0, 2**32), st.sampled_from(["flip", "cut", "insert", "zero"]), st.integers(1, 12))
@settings(max_examples=300, deadline=None)
def test_no_damage_bursts_or_escapes(seed: int, kind: str, times: int) -> None:
    dice = random.Random(seed)
    data = bytearray(exports.zipped({**exports.notion(), "../up.md": "x", "a.zip": "PK"}))
    for _ in range(times):
        place = dice.randrange(max(len(data) - 1, 1))
        if kind == "flip":
            data[place] ^= 1 << dice.randrange(8)
        elif kind == "cut":
            del data[place : place + dice.randrange(1, 40)]
        elif kind == "insert":
            data[place:place] = dice.randbytes(dice.randrange(1, 40))
        else:
            data[place : place + 8] = b"\0" * 8
    names, told = outcome(bytes(data))
    assert all(told)
    assert not [name for name in names if name.startswith("/") or ".." in name.split("/")]


def outcome(data: bytes) -> tuple[list[str], list[str]]:
    """The names that an archive offers, and what each of them gave: its length, or the reason why not."""
    try:
        place = opened(data)
    except places.Unfit as error:
        return [], [str(error)]
    told = []
    for name in place.scan().paths:
        try:
            told.append(f"{len(place.read(name))} bytes")
        except places.Unfit as error:
            told.append(str(error))
    return list(place.scan().paths), told


def test_every_note_of_a_damaged_export_is_read_or_told(tmp_path: Path) -> None:
    data = bytearray(exports.zipped(exports.notion()))
    place = data.index(b"PK\x03\x04") + 60
    data[place : place + 30] = b"\xff" * 30
    vault = opening.open_vault(exports.put(tmp_path / "Export-1.zip", bytes(data)))
    paths = vault.listing().paths
    got = [vault.fetch(path) for path in paths]
    assert any(isinstance(one, Skipped) and "damaged" in one.reason for one in got)
    assert any(isinstance(one, Fetched) for one in got)
