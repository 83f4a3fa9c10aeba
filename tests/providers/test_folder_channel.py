"""Files for static sites: written whole, nowhere but where they may be, and committed when wanted."""

from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from regrow import wiring
from regrow.adapters.channels import checkouts, folder, places
from regrow.adapters.channels.folder import Folder
from regrow.domain.publishing import rendering
from regrow.kit import errors
from regrow.settings import Settings
from tests import channels
from tests.channels import OUTGOING

NAME = "bread-that-keeps.md"


def made(home: Path, **settings: str) -> Folder:
    found = channels.made("folder", home, **settings)
    assert isinstance(found, Folder)
    return found


def git(where: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(where), *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    where = tmp_path / "published" / "posts"
    where.mkdir(parents=True)
    git(where, "init", "-q", "-b", "main")
    return where


def test_markdown_and_html_have_front_matter(tmp_path: Path) -> None:
    assert made(tmp_path).post(OUTGOING).outside_id == NAME
    assert made(tmp_path, format="html").post(OUTGOING).outside_id == "bread-that-keeps.html"
    text = (tmp_path / "published/posts" / NAME).read_text()
    assert text == rendering.document(OUTGOING, is_html=False)
    page = (tmp_path / "published/posts/bread-that-keeps.html").read_text()
    assert page.startswith("---\ntitle: ")
    assert page.endswith("<p>It <em>keeps</em>.</p>\n")


def test_other_labels_have_names_of_their_own(tmp_path: Path) -> None:
    found = made(tmp_path)
    told = found.post(replace(OUTGOING, label="B", key="b" * 32))
    assert (told.outside_id, told.address) == (
        "bread-that-keeps-b.md",
        "https://static.example/bread-that-keeps-b/",
    )


def test_a_newer_text_of_the_piece_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    found = made(tmp_path)
    found.post(OUTGOING)
    newer = replace(OUTGOING, key="c" * 32, body="Anew.")
    assert found.post(newer).kind == "published"
    assert (tmp_path / "published/posts" / NAME).read_text().endswith("Anew.\n")
    # Taking back the old one leaves the new one alone.
    assert found.remove(OUTGOING, NAME).kind == "published"
    assert (tmp_path / "published/posts" / NAME).exists()
    assert found.reconcile(newer).kind == "published"
    assert found.reconcile(OUTGOING).kind == "retry"


@pytest.mark.parametrize(
    "text", ["somebody's own", "", '---\ntitle: "x"\n---\n', "---", '---\nregrow_piece: "pie_9"\n---']
)
def test_a_file_of_somebody_else_stays(tmp_path: Path, text: str) -> None:
    found = made(tmp_path)
    assert found.status()[0]
    path = tmp_path / "published/posts" / NAME
    path.write_text(text)
    told = found.post(OUTGOING)
    assert (told.kind, path.read_text()) == ("refused", text)
    assert "another slug" in told.detail
    found.remove(OUTGOING, NAME)
    assert path.read_text() == text


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "../x", "a/b", "/etc/passwd", ".git", "a\x00b", "a\nb", "-rf", "x" * 300, "a.b", "é" * 150]
)
def test_a_slug_never_leads_out_of_the_folder(tmp_path: Path, slug: str) -> None:
    found, hostile = made(tmp_path), replace(OUTGOING, slug=slug)
    assert found.validate(hostile)
    assert found.post(hostile).kind == "refused"
    assert found.reconcile(hostile).kind == "retry"
    assert found.remove(hostile, "../x").kind == "published"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] in ([], [places.LOCK])


@pytest.mark.parametrize("slug", ["日本語", "naïve-café", "хлеб", "a_b-1"])
def test_every_script_can_be_a_name(tmp_path: Path, slug: str) -> None:
    assert made(tmp_path).post(replace(OUTGOING, slug=slug)).outside_id == f"{slug}.md"
    assert (tmp_path / "published/posts" / f"{slug}.md").exists()


def test_a_slug_stands_in_an_address_as_addresses_are_written(tmp_path: Path) -> None:
    told = made(tmp_path, address="https://static.example/{slug}.html").post(replace(OUTGOING, slug="хлеб"))
    assert told.address == "https://static.example/%D1%85%D0%BB%D0%B5%D0%B1.html"


@pytest.mark.parametrize(
    "name", ["", " ", "..", "../out", "a/../../b", ".git", "a/.git/hooks", "/etc", "/", "a\x00b", "~/x/../.."]
)
def test_a_folder_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        made(tmp_path, folder=name)
    assert refused.value.code in ("bad_folder", "folder_not_allowed")


def test_a_folder_that_the_server_names_is_allowed(tmp_path: Path) -> None:
    site = tmp_path / "site"
    allowed = channels.surroundings(tmp_path / "home", folders=(str(site),))
    found = folder.make({"folder": str(site / "content")}, {}, allowed)
    assert found.post(OUTGOING).kind == "published"
    assert (site / "content" / NAME).exists()
    with pytest.raises(errors.Invalid):
        folder.make({"folder": str(tmp_path / "site-2")}, {}, allowed)


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept.md").write_text("mine")
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "posts").symlink_to(outside)
    found = made(tmp_path)
    told = found.post(OUTGOING)
    assert told.kind == "retry"
    assert not found.status()[0]
    assert [path.name for path in outside.iterdir()] == ["kept.md"]


def test_a_file_that_is_a_link_is_neither_read_nor_written_through(tmp_path: Path) -> None:
    found = made(tmp_path)
    assert found.status()[0]
    secret = tmp_path / "secret"
    secret.write_text(rendering.document(OUTGOING, is_html=False))
    link = tmp_path / "published/posts" / NAME
    link.symlink_to(secret)
    assert found.post(replace(OUTGOING, body="other")).kind == "retry"
    assert found.reconcile(OUTGOING).kind == "unknown"
    assert secret.read_text().endswith("It *keeps*.\n")


def test_a_pipe_of_that_name_blocks_nobody(tmp_path: Path) -> None:
    found = made(tmp_path)
    assert found.status()[0]
    os.mkfifo(tmp_path / "published/posts" / NAME)
    assert found.post(OUTGOING).kind == "retry"


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(tmp_path)
    found.post(OUTGOING)
    with monkeypatch.context() as patched:

        def full(*args: object, **more: object) -> None:
            raise OSError(28, "No space left on device")

        patched.setattr(os, "rename", full)
        told = found.post(replace(OUTGOING, body="Anew."))
    assert (told.kind, "No space left" in told.detail) == ("retry", True)
    kept = sorted(path.name for path in (tmp_path / "published/posts").iterdir())
    assert kept == [places.LOCK, NAME]
    assert (tmp_path / "published/posts" / NAME).read_text().endswith("It *keeps*.\n")


def test_many_at_once_leave_whole_files(tmp_path: Path) -> None:
    found = made(tmp_path)
    posts = [replace(OUTGOING, key=f"{n:032x}", body=f"{n} " * 5_000) for n in range(8)]
    threads = [threading.Thread(target=found.post, args=(each,)) for each in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    text = (tmp_path / "published/posts" / NAME).read_text()
    assert text in [rendering.document(each, is_html=False) for each in posts]


def test_a_post_is_one_commit_however_often_it_is_written(checkout: Path, tmp_path: Path) -> None:
    (checkout / "mine.md").write_text("staged, and nobody's business")
    git(checkout, "add", "mine.md")
    found = made(tmp_path, git="commit")
    assert found.status() == (True, f"writes to {checkout}")
    assert [found.post(OUTGOING).kind for _ in range(2)] == ["published", "published"]
    assert git(checkout, "log", "--format=%an|%s").splitlines() == ["Regrow|Publish Bread that keeps"]
    assert git(checkout, "show", "--name-only", "--format=").split() == [NAME]
    assert git(checkout, "diff", "--cached", "--name-only").split() == ["mine.md"]
    assert found.remove(OUTGOING, NAME).kind == "published"
    assert git(checkout, "show", "--name-status", "--format=").split() == ["D", NAME]


def test_a_crash_between_file_and_commit_is_made_good(checkout: Path, tmp_path: Path) -> None:
    made(tmp_path).post(OUTGOING)
    found = made(tmp_path, git="commit")
    assert found.reconcile(OUTGOING).kind == "retry"
    assert found.post(OUTGOING).kind == "published"
    assert len(git(checkout, "log", "--format=%h").split()) == 1


def test_it_pushes_and_says_when_it_cannot(checkout: Path, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", str(remote))
    found = made(tmp_path, git="push")
    told = found.post(OUTGOING)
    assert told.kind == "retry"
    assert "git push says" in told.detail
    git(checkout, "remote", "add", "origin", str(remote))
    assert found.post(OUTGOING).kind == "published"
    assert git(remote, "log", "--format=%s", "main").strip() == "Publish Bread that keeps"


@pytest.mark.parametrize(
    "title", ["--amend", "-m x", "\n\nCo-Authored-By: x", "\x00\x1b[31m", "$(touch pwned)", "`id`", ""]
)
def test_a_title_is_never_an_order_to_git(checkout: Path, tmp_path: Path, title: str) -> None:
    assert made(tmp_path, git="commit").post(replace(OUTGOING, title=title)).kind == "published"
    [told] = git(checkout, "log", "--format=%B%x00").strip().rstrip("\x00").split("\x00")
    assert len(told.strip().splitlines()) == 1
    assert not list(tmp_path.rglob("pwned"))


def test_nothing_of_the_checkout_is_run(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = tmp_path / "ran"
    for name in ("pre-commit", "commit-msg", "post-commit", "prepare-commit-msg"):
        hook = checkout / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
        hook.chmod(0o755)
    git(checkout, "config", "core.fsmonitor", f"touch {ran}")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", f"touch {ran}")
    assert made(tmp_path, git="commit").post(OUTGOING).kind == "published"
    assert not ran.exists()


def test_a_folder_that_is_no_checkout_is_told(tmp_path: Path) -> None:
    found = made(tmp_path, git="commit")
    is_usable, told = found.status()
    assert (is_usable, "git rev-parse says" in told) == (False, True)
    assert found.post(OUTGOING).kind == "retry"


def test_git_that_is_missing_is_told(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not installed" in checkouts.Checkout(checkout).problem()


@pytest.mark.parametrize("settings", [{"format": "pdf"}, {"git": "rebase"}, {"address": "javascript:alert(1)//{slug}"}])
def test_settings_that_cannot_work_are_refused(tmp_path: Path, settings: dict[str, str]) -> None:
    with pytest.raises(errors.Invalid) as refused:
        made(tmp_path, **settings)
    assert refused.value.code == "bad_channel_settings"


def test_the_server_names_folders_in_a_setting(tmp_path: Path) -> None:
    site = tmp_path / "site"
    made_of = Settings(home=tmp_path / "home", folders=f"{site}:{tmp_path / 'other'}:")
    register_there = wiring.Home(made_of, None).channels  # type: ignore[arg-type]
    assert register_there.surroundings.folders == (str(site), str(tmp_path / "other"))
    assert register_there.make("folder", {"folder": str(site)}, {}).post(OUTGOING).kind == "published"
    assert (site / NAME).exists()
