"""A folder of notes as it comes from strangers: links, pipes, encodings, sizes, broken YAML."""

from __future__ import annotations

import os
import socket
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regrow.adapters.sources import decoding
from regrow.adapters.sources.markdown_folder import MAX_BYTES, MarkdownFolder
from regrow.domain.notes.vaults import Fetched, RawNote, Skipped
from regrow.kit import errors


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return root


def read(root: Path, path: str) -> RawNote:
    vault = MarkdownFolder(root)
    vault.listing()
    fetched = vault.fetch(path)
    assert isinstance(fetched, Fetched), fetched
    raw = vault.understand(fetched)
    assert isinstance(raw, RawNote), raw
    return raw


def reasons(root: Path) -> dict[str, str]:
    """Path to reason of everything that is skipped, at whichever point."""
    vault = MarkdownFolder(root)
    listing = vault.listing()
    found = {one.path: one.reason for one in listing.skipped}
    for path in listing.paths:
        one: Any = vault.fetch(path)
        one = vault.understand(one) if isinstance(one, Fetched) else one
        if isinstance(one, Skipped):
            found[one.path] = one.reason
    return found


def test_which_files_are_notes(tmp_path: Path) -> None:
    kept = ["a.md", "b/c.MD", "b/d.markdown", "logseq/notes.md", "b/note (conflict 2024).md", "templates.md"]
    ignored = [
        ".obsidian/x.md", ".trash/x.md", ".git/x.md", ".stversions/x.md", "b/.hidden/x.md", ".x.md",
        "node_modules/x.md", "Templates/x.md", "b/_templates/x.md", "template/x.md", "x.txt", "md", "b/x.md.bak",
    ]  # fmt: skip
    write(tmp_path, dict.fromkeys((*kept, *ignored), "text"))
    listing = MarkdownFolder(tmp_path).listing()
    assert listing.paths == sorted(kept)
    assert listing.skipped == ()


def test_the_folder_of_logseq_settings_is_ignored(tmp_path: Path) -> None:
    write(tmp_path, {"logseq/config.edn": "{}", "logseq/bak/x.md": "old", "pages/a.md": "a"})
    assert MarkdownFolder(tmp_path).listing().paths == ["pages/a.md"]


def test_links_pipes_and_sockets_are_skipped_with_a_reason(tmp_path: Path) -> None:
    root = write(tmp_path / "vault", {"a.md": "a", "deep/b.md": "b"})
    outside = write(tmp_path / "outside", {"secret.md": "secret"})
    (root / "file.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    (root / "up.md").symlink_to("/etc/passwd")
    (root / "loop").symlink_to(root)
    (root / "self.md").symlink_to(root / "self.md")
    (root / "gone.md").symlink_to(root / "nothing.md")
    (root / "inside.md").symlink_to(root / "a.md")
    (root / "plain.txt").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe.md")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(root)
        try:
            server.bind("socket.md")
        finally:
            os.chdir(here)
        got = reasons(root)
    assert MarkdownFolder(root).listing().paths == ["a.md", "deep/b.md"]
    assert {name: reason.split(":")[0] for name, reason in got.items()} == {
        "file.md": "a symbolic link out of the folder",
        "folder": "a symbolic link out of the folder",
        "up.md": "a symbolic link out of the folder",
        "loop": "a symbolic link inside the folder",
        "inside.md": "a symbolic link inside the folder",
        "self.md": "a symbolic link that leads back to itself",
        "gone.md": "a symbolic link that leads nowhere",
        "pipe.md": "not a regular file",
        "socket.md": "not a regular file",
    }


def test_a_file_swapped_for_a_link_or_a_pipe_after_listing_is_not_opened(tmp_path: Path) -> None:
    root = write(tmp_path / "vault", {"a.md": "a", "b.md": "b", "c.md": "c"})
    vault = MarkdownFolder(root)
    vault.listing()
    for name in ("a.md", "b.md", "c.md"):
        (root / name).unlink()
    (root / "a.md").symlink_to("/etc/passwd")
    os.mkfifo(root / "b.md")
    got = [vault.fetch(name) for name in ("a.md", "b.md", "c.md")]
    assert all(isinstance(one, Skipped) for one in got)
    assert [one.reason.split(":")[0] for one in got if isinstance(one, Skipped)] == [
        "it cannot be read", "not a regular file", "it vanished while the folder was read"
    ]  # fmt: skip


def test_a_huge_file_is_never_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(50_000_000)
    write(tmp_path, {"full.md": b"a" * MAX_BYTES, "over.md": b"a" * (MAX_BYTES + 1)})
    tracemalloc.start()
    got = MarkdownFolder(tmp_path).fetch("huge.md")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(got, Skipped)
    assert got.reason.startswith("too large: 50.0 MB")
    assert peak < 1_000_000
    assert set(reasons(tmp_path)) == {"huge.md", "over.md"}


@pytest.mark.parametrize(
    ("data", "text", "warning"),
    [
        ("Grüße".encode(), "Grüße", ""),
        (b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", "Grüße", ""),
        ("Grüße".encode("utf-16"), "Grüße", ""),
        (b"\xfe\xff" + "Grüße".encode("utf-16-be"), "Grüße", ""),
        ("Grüße".encode("utf-32"), "Grüße", ""),
        ("Grüße – „so“".encode("cp1252"), "Grüße – „so“", "not UTF-8: read as Windows-1252"),
        (b"Gr\xfc\x81\xdfe", "Gr\xfc\x81\xdfe", "not UTF-8: read as Latin-1"),
        (b"a\r\nb\rc", "a\nb\nc", ""),
        (b"", "", ""),
    ],
)
def test_encodings(data: bytes, text: str, warning: str) -> None:
    assert decoding.decode(data) == (text, warning)


@pytest.mark.parametrize(
    "data", [b"a\x00b", "a".encode("utf-16-le") * 9, b"\xff\xfea", bytes(range(1, 31)) * 9, b"\x89\xff\x00\x01"]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(decoding.NotText):
        decoding.decode(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text, _ = decoding.decode(data)
    except decoding.NotText:
        text = ""
    assert "\x00" not in text
    assert "\r" not in text
    assert text.encode().decode() == text


def test_strange_names(tmp_path: Path) -> None:
    names = [b"caf\xe9.md", b"line\nbreak.md", "日本.md".encode(), b"'; DROP TABLE notes; --.md"]
    for name in names:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(b"text")
    vault = MarkdownFolder(tmp_path)
    paths = vault.listing().paths
    assert set(paths) == {"caf\\xe9.md", "line\nbreak.md", "日本.md", "'; DROP TABLE notes; --.md"}
    assert all(isinstance(vault.fetch(path), Fetched) for path in paths)


def test_deep_and_long_paths(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 300)
    deep.mkdir(parents=True)
    (deep / "a.md").write_text("deep")
    long = tmp_path.joinpath(*["x" * 200] * 6)
    long.mkdir(parents=True)
    (long / "b.md").write_text("long")
    assert MarkdownFolder(tmp_path).listing().paths == ["d/" * 300 + "a.md"]
    assert [reason.split(":")[0] for reason in reasons(tmp_path).values()] == ["its path is longer than 1,000 bytes"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_files_and_folders(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "a", "locked.md": "x", "closed/b.md": "b"})
    (tmp_path / "locked.md").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        listing = MarkdownFolder(tmp_path).listing()
        got = reasons(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert listing.unreadable == ("closed/",)
    assert set(got) == {"locked.md", "closed"}


def test_what_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("a")
    with pytest.raises(errors.NotFound, match="give the folder"):
        MarkdownFolder(tmp_path / "missing")
    with pytest.raises(errors.Invalid, match=r"a\.md is a file: give the folder"):
        MarkdownFolder(tmp_path / "a.md")
    with pytest.raises(errors.Invalid, match="NUL"):
        MarkdownFolder("a\x00b")
    for source in ("api", "x" * 101, "a\nb", " "):
        with pytest.raises(errors.Invalid, match="a source is a name"):
            MarkdownFolder(tmp_path, source)


def test_a_source_names_the_folder_for_ever(tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "notes", tmp_path / "b" / "notes"
    one.mkdir(parents=True)
    other.mkdir(parents=True)
    (tmp_path / "way").symlink_to(one)
    assert MarkdownFolder(one).source == MarkdownFolder(tmp_path / "way").source == MarkdownFolder(f"{one}/.").source
    assert MarkdownFolder(one).source != MarkdownFolder(other).source
    assert MarkdownFolder(other, "my notes").source == "my notes"
    assert MarkdownFolder(one).source.startswith("notes-")


def test_dendron_is_known_by_its_file_at_the_root_or_above(tmp_path: Path) -> None:
    write(tmp_path, {"dendron.yml": "version: 5", "vault/a.md": "a"})
    assert read(tmp_path / "vault", "a.md").is_alias_first
    assert read(tmp_path, "vault/a.md").is_alias_first


def test_a_folder_too_deep_to_be_opened_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "a"})
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(25):
        os.mkdir("x" * 200, dir_fd=here)
        deeper = os.open("x" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    listing = MarkdownFolder(tmp_path).listing()
    assert listing.paths == ["a.md"]
    assert [one.reason.split(":")[0] for one in listing.skipped] == ["the folder cannot be read"]
    assert listing.unreadable == (f"{listing.skipped[0].path}/",)


def test_a_note_with_broken_front_matter_is_not_lost(tmp_path: Path) -> None:
    write(
        tmp_path, {"a.md": "---\ntitle: a: b\ntags: [x\n---\nThe body stays.\n", "b.md": "---\ntitle: T\n\nNo end.\n"}
    )
    broken, unclosed = read(tmp_path, "a.md"), read(tmp_path, "b.md")
    assert (broken.body, broken.front) == ("The body stays.\n", {"title": "a: b", "tags": ["x"]})
    assert "no YAML" in broken.warnings[0]
    assert (unclosed.body, unclosed.front) == ("\nNo end.\n", {"title": "T"})
    assert "never closed" in unclosed.warnings[0]


def test_an_empty_folder_has_no_notes(tmp_path: Path) -> None:
    listing = MarkdownFolder(tmp_path).listing()
    assert (list(listing.paths), listing.skipped, listing.unreadable) == ([], (), ())
