"""Own texts from files: five kinds, in part when they are long, and a reason for each that is skipped."""

from __future__ import annotations

import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from regrow.adapters.sources import mails, own_texts, web_pages
from regrow.domain.brand import voice
from regrow.kit import errors


def whole(sizes: object) -> list[int]:
    return list(sizes)  # type: ignore[call-overload, no-any-return]


def read(*paths: Path) -> tuple[list[str], dict[str, str]]:
    own = own_texts.found(paths)
    texts = list(own.texts(whole))
    return texts, {Path(each.path).name: each.reason for each in own.skipped}


def test_a_folder_gives_its_texts_of_every_kind_in_order(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Hello"
    message.set_content("The plain part.\n\n-- \nAnna, Example Street")
    message.add_alternative("<p>The other part.</p>", subtype="html")
    (tmp_path / "a.eml").write_bytes(bytes(message))
    (tmp_path / "b.html").write_text("<title>No</title><h2>A heading</h2><p>Some <b>bold</b> text.", "utf-8")
    (tmp_path / "c.md").write_text("A note.", "utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "d.txt").write_text("Plain text.", "utf-8")
    (tmp_path / "e.MARKDOWN").write_text("Loud.", "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / ".hidden.md").write_text("Hidden.", "utf-8")
    texts, skipped = read(tmp_path)
    assert [text.strip() for text in texts] == [
        "The plain part.",
        "## A heading\n\nSome bold text.",
        "A note.",
        "Loud.",
        "Plain text.",
    ]
    assert skipped == {}


def test_every_file_that_is_no_text_is_skipped_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "empty.md").write_bytes(b"")
    (tmp_path / "blank.md").write_bytes(b" \n \n")
    (tmp_path / "script.html").write_text("<script>let x = 1</script>", "utf-8")
    message = EmailMessage()
    message.set_content("<p>Only this.</p>", subtype="html")
    (tmp_path / "only.eml").write_bytes(bytes(message))
    os.mkfifo(tmp_path / "pipe.txt")
    texts, skipped = read(tmp_path)
    assert texts == []
    assert skipped == {
        "binary.txt": "it holds NUL bytes, so it is no text file",
        "empty.md": "it is empty",
        "blank.md": "it holds no text",
        "script.html": "it holds no text",
        "only.eml": "the mail has no plain text",
        "pipe.txt": "not a regular file",
    }


def test_a_file_named_by_itself_is_judged_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "letter.docx").write_bytes(b"PK\x03\x04")
    _, skipped = read(tmp_path / "letter.docx")
    assert "not a text by its name: use .md" in skipped["letter.docx"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_locked_file_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "locked.md").write_text("Secret.", "utf-8")
    (tmp_path / "locked.md").chmod(0)
    assert "cannot be read" in read(tmp_path)[1]["locked.md"]


def test_a_file_that_vanishes_meanwhile_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("There and gone.", "utf-8")
    own = own_texts.found([tmp_path])
    (tmp_path / "a.md").unlink()
    assert list(own.texts(whole)) == []
    assert own.skipped[0].reason == "it cannot be read: No such file or directory"


def test_a_path_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(errors.NotFound, match="give files or folders of texts"):
        own_texts.found([tmp_path / "nowhere"])
    with pytest.raises(errors.Invalid, match="NUL"):
        own_texts.found([Path("a\x00b")])


def test_a_file_named_twice_or_linked_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Once.", "utf-8")
    os.link(tmp_path / "a.md", tmp_path / "b.md")
    (tmp_path / "c.md").symlink_to(tmp_path / "a.md")
    assert read(tmp_path, tmp_path / "a.md")[0] == ["Once."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_a_long_file_is_read_in_part_without_halving_a_character(tmp_path: Path, encoding: str) -> None:
    text = "Süßes Gebäck 🥐 für alle. " * 500
    (tmp_path / "long.txt").write_bytes(text.encode(encoding))
    for share in range(1_000, 1_060):
        own = own_texts.found([tmp_path])
        (found,) = own.texts(lambda sizes, share=share: [share])  # type: ignore[misc]
        assert own.is_cut
        assert text.startswith(found)
        assert len(found) > 300


def test_much_text_is_read_in_even_parts_with_progress(tmp_path: Path) -> None:
    for number in range(4):
        with (tmp_path / f"{number}.txt").open("w", encoding="utf-8") as file:
            file.writelines("So it goes on and on, as it always did before. " * 200 + "\n\n" for _ in range(2_600))
    (tmp_path / "short.md").write_text("A short one.", "utf-8")
    own = own_texts.found([tmp_path])
    assert own.bytes > 95_000_000
    seen: list[tuple[int, int]] = []
    lengths = [len(text) for text in own.texts(voice.shares, lambda done, total: seen.append((done, total)))]
    assert lengths[-1] == len("A short one.")
    assert max(lengths) - min(lengths[:4]) < 100
    assert sum(lengths) <= voice.MOST_CHARACTERS
    assert own.is_cut
    assert seen[-1][0] == seen[-1][1] == voice.MOST_CHARACTERS


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One<br>two</p><ul><li>three<li>four</ul>", "One\n\ntwo\n\n- three\n\n- four"),
        ("<nav>menu</nav><p>a &amp; b</p><style>p {}</style><blockquote>said</blockquote>", "a & b\n\n> said"),
        ("<p>so <i>very</i>  good,</p>\n<p>and\nmore", "so very good,\n\nand more"),
        ("no tags at all", "no tags at all"),
        ("<script><p>never closed", ""),
        ("<h1></h1><li></li>", ""),
    ],
)
def test_a_page_becomes_the_text_a_reader_sees(page: str, text: str) -> None:
    assert web_pages.markdown(page) == text


def test_a_mail_is_what_its_sender_wrote() -> None:
    text = (
        "My own words.\n\nOn Monday, Bob <bob@example.org> wrote:\n> Quoted words.\n>> Older ones.\n\nMore of mine.\n"
        "-- \nAnna\n+49 170 1234567\n"
    )
    assert mails.own_words(text).split() == "My own words. More of mine.".split()
    assert "Forwarded" not in mails.own_words("Mine.\n\n---------- Forwarded message ---------\nTheirs.\n")


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "x-unknown"])
def test_a_mail_in_any_charset_is_read(charset: str) -> None:
    body = "Schöne Grüße.".encode("utf-8" if charset == "x-unknown" else charset)
    head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n".encode()
    assert mails.plain(head + body).strip() == "Schöne Grüße."


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n"])
def test_a_broken_mail_is_no_error(data: bytes) -> None:
    assert isinstance(mails.plain(data), str)
