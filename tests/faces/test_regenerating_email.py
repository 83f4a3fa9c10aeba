"""E-mails over HTTP written again, changed by hand, restored and compared: the HTML always follows the fields."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from html import escape
from typing import Any

import pytest

from regrow.domain import prose
from regrow.services import mail
from tests.faces.conftest import Face, is_problem
from tests.faces.test_regenerating import asked, differ, read, texts
from tests.faces.test_versions import patched, restored

BY_HAND = {
    "subject": "Fresh on Sunday & <b>warm</b>",
    "preheader": "What the oven told us",
    "cta": "Come by at ten",
    "cta_url": "https://bread.example/sunday?a=1&b=2",
}


def written(face: Face, *media: str) -> dict[str, Any]:
    more = {"social_count": 1} if "social" in media else {}
    return face.made("/api/content/generate", {"topic_id": face.topic(), "media": list(media), **more})


def mailed(face: Face) -> dict[str, Any]:
    (piece,) = written(face, "email")["pieces"]
    return dict(piece)


def contents(piece: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {variant["label"]: variant["content"] for variant in piece["variants"]}


def is_in_line(content: dict[str, Any]) -> bool:
    """Whether the HTML is the one made of the other fields."""
    return bool(content["html"] == mail.html(content, "en"))


def message(face: Face, piece: dict[str, Any], label: str = "A") -> EmailMessage:
    """The message of a label, checked to be sound and to hold what the piece holds."""
    answer = face.call("GET", f"/api/content/pieces/{piece['id']}/email", "viewer", params={"label": label})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "message/rfc822")
    found = email.message_from_bytes(answer.content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert ([part.get_content_type() for part in found.iter_parts()], found.defects) == (
        ["text/plain", "text/html"],
        [],
    )
    held, rich = contents(piece)[label], found.get_body(("html",))
    assert rich is not None
    assert rich.get_content().replace("\r\n", "\n") == held["html"]
    assert str(found["Subject"]) == held["subject"]
    return found


def difference(face: Face, piece: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = face.call("GET", f"/api/content/pieces/{piece['id']}/diff", "viewer", params=more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sides(parts: list[dict[str, str]]) -> tuple[str, str]:
    """The text before and the one after."""
    before = "".join(part["text"] for part in parts if part["op"] != "insert")
    return before, "".join(part["text"] for part in parts if part["op"] != "delete")


def test_the_email_of_a_generation_is_written_again_and_the_blog_stays(face: Face) -> None:
    first = written(face, "blog", "email")
    blog, old = first["pieces"]
    answer = asked(face, f"generations/{first['id']}/regenerate/email")
    assert answer.status_code == 200, answer.text
    (new,) = answer.json()
    assert (new["medium"], new["parent_piece_id"], new["sequence"]) == ("email", old["id"], 2)
    assert (new["status"], new["version"], new["origin"]) == ("draft", 1, "offline-extractive")
    assert (new["meta"], new["provenance"]["function"]) == (old["meta"], "write_email")
    assert differ(new, old)
    before, after = contents(old), contents(new)
    assert before.keys() == after.keys() == {"A", "B"}
    assert not {each["subject"] for each in before.values()} & {each["subject"] for each in after.values()}
    for label, content in after.items():
        assert is_in_line(content)
        assert escape(prose.sentences(content["body"])[0], quote=False) in content["html"].replace("&quot;", '"')
        assert message(face, new, label)["Subject"] == content["subject"]
    assert read(face, f"generations/{first['id']}")["pieces"] == [blog, new]
    gone = read(face, f"pieces/{old['id']}")
    assert (gone["status"], contents(gone)) == ("superseded", before)


def test_an_email_is_written_again_five_times_and_never_repeats_the_one_before(face: Face) -> None:
    piece = mailed(face)
    for number in range(2, 7):
        new = asked(face, f"pieces/{piece['id']}/regenerate", {"instructions": "shorter" if number == 4 else ""}).json()
        assert (new["sequence"], new["parent_piece_id"]) == (number, piece["id"])
        assert differ(new, piece)
        subjects = [{each["subject"] for each in contents(one).values()} for one in (piece, new)]
        assert not subjects[0] & subjects[1]
        assert all(is_in_line(content) for content in contents(new).values())
        piece = new
    assert is_problem(asked(face, f"pieces/{piece['id']}/regenerate"), 429, "daily_limit")
    told = read(face, f"pieces/{piece['id']}/history")["items"]
    assert [each["title"] for each in told][-1] == piece["title"]
    assert len({each["body"] for each in told}) == 6


def test_a_whole_generation_with_an_email_is_written_again(face: Face) -> None:
    first = written(face, "email", "social")
    answer = asked(face, f"generations/{first['id']}/regenerate")
    assert answer.status_code == 201, answer.text
    for old, new in zip(first["pieces"], answer.json()["pieces"], strict=True):
        assert (new["medium"], new["sequence"]) == (old["medium"], old["sequence"])
        assert differ(new, old)
    (letter,) = (piece for piece in answer.json()["pieces"] if piece["medium"] == "email")
    assert message(face, letter)["Subject"] == letter["title"]


def test_an_email_is_added_to_a_generation_that_had_none(face: Face) -> None:
    first = written(face, "social")
    answer = asked(face, f"generations/{first['id']}/regenerate/email")
    assert answer.status_code == 200, answer.text
    (new,) = answer.json()
    assert (new["medium"], new["sequence"], new["parent_piece_id"]) == ("email", 1, None)
    assert [each["id"] for each in read(face, f"generations/{first['id']}")["pieces"]] == [
        new["id"],
        first["pieces"][0]["id"],
    ]
    assert message(face, new, "B")["Subject"] == contents(new)["B"]["subject"]


def test_a_mail_by_hand_is_replaced_by_one_from_the_notes(face: Face) -> None:
    piece = mailed(face)
    own = {"subject": "Fair on Sunday", "body": "Dear all, the village fair moves to Sunday. Bring umbrellas."}
    both = patched(face, piece["id"], {"variants": {"A": own, "B": own}}).json()
    new = asked(face, f"pieces/{piece['id']}/regenerate").json()
    assert differ(new, both)
    assert "umbrellas" not in str(contents(new))
    told = read(face, f"pieces/{new['id']}/history")["items"]
    assert [each["body"] for each in told] == [piece["body"], own["body"], new["body"]]
    back = restored(face, new["id"], {"version": 2, "piece_id": piece["id"]}).json()
    assert (back["id"], back["title"], texts(back)) == (new["id"], own["subject"], [own["body"]] * 2)
    assert all(is_in_line(content) for content in contents(back).values())


def test_approved_emails_are_left_alone(face: Face) -> None:
    first = written(face, "blog", "email")
    letter = first["pieces"][1]
    face.call("POST", f"/api/content/pieces/{letter['id']}/approve")
    answer = asked(face, f"generations/{first['id']}/regenerate/email")
    assert is_problem(answer, 409, "medium_decided")
    assert message(face, letter)["Subject"] == letter["title"]


@pytest.mark.parametrize("name", BY_HAND)
def test_the_html_follows_each_field_changed_by_hand(face: Face, name: str) -> None:
    piece = mailed(face)
    answer = patched(face, piece["id"], {"cta_url": "https://bread.example/"} | {name: BY_HAND[name]}, 1)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"v2"')
    changed = answer.json()
    held, before = contents(changed)["A"], contents(piece)["A"]
    assert (changed["version"], changed["origin"], held[name]) == (2, "person", BY_HAND[name])
    assert escape(BY_HAND[name]) in held["html"]
    assert escape(BY_HAND[name]) not in before["html"]
    assert is_in_line(held)
    assert "<b>" not in held["html"]
    assert {key: held[key] for key in before if key not in (name, "html", "cta_url")} == {
        key: before[key] for key in before if key not in (name, "html", "cta_url")
    }
    assert contents(changed)["B"] == contents(piece)["B"]
    assert message(face, changed)["Subject"] == held["subject"]


def test_several_fields_of_both_versions_at_once_and_the_address_taken_back(face: Face) -> None:
    piece = mailed(face)
    body = "Only *this* stands here.\n\n- one\n- two"
    changed = patched(face, piece["id"], {"variants": {"A": BY_HAND, "B": {"body": body}}}).json()
    first, second = contents(changed)["A"], contents(changed)["B"]
    assert f'href="{escape(BY_HAND["cta_url"])}"' in first["html"]
    assert "Only <em>this</em> stands here." in second["html"]
    assert BY_HAND["cta_url"] in str(message(face, changed).get_body(("plain",)))
    bare = patched(face, piece["id"], {"cta_url": ""}).json()
    assert "href=" not in contents(bare)["A"]["html"]
    assert is_in_line(contents(bare)["A"])


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"html": "<script>alert(1)</script>"}, "body.html"),
        ({"title": "An email has a subject"}, "variants.A.title"),
        ({"cta_url": "javascript:alert(1)"}, "variants.A.cta_url"),
        ({"cta_url": "https://a.example/\r\nBcc: b@c.example"}, "variants.A.cta_url"),
        ({"subject": "One\nBcc: victim@bread.example"}, "variants.A.subject"),
        ({"subject": "One\u2028Two"}, "variants.A.subject"),
        ({"preheader": "  "}, "variants.A.preheader"),
        ({"cta": "x" * 101}, "variants.A.cta"),
        ({"variants": {"B": {"html": "<p>"}}}, "body.variants.B.html"),
    ],
)
def test_what_no_mail_can_hold_is_told_and_changes_nothing(face: Face, body: dict[str, Any], at: str) -> None:
    piece = mailed(face)
    answer = patched(face, piece["id"], body)
    assert answer.status_code == 400, answer.text
    assert [problem["at"] for problem in answer.json()["problems"]] == [at]
    assert read(face, f"pieces/{piece['id']}") == piece


def test_a_restored_mail_has_its_html_again(face: Face) -> None:
    piece = mailed(face)
    patched(face, piece["id"], {**BY_HAND, "body": "By hand."})
    back = restored(face, piece["id"], {"version": 1}).json()
    assert (back["version"], contents(back)) == (3, contents(piece))
    assert is_in_line(contents(back)["A"])
    assert message(face, back)["Subject"] == piece["title"]
    forth = restored(face, piece["id"], {"version": 2}).json()
    assert (forth["version"], contents(forth)["A"]["cta_url"]) == (4, BY_HAND["cta_url"])
    assert is_in_line(contents(forth)["A"])


def test_a_difference_shows_the_fields_people_write_and_never_the_html(face: Face) -> None:
    piece = mailed(face)
    patched(face, piece["id"], {**BY_HAND, "body": f"By hand. {piece['body']}"})
    found = difference(face, piece)
    before = contents(piece)["A"]
    assert list(found["fields"]) == ["subject", "preheader", "body", "cta", "cta_url"]
    assert sides(found["fields"]["subject"]) == (before["subject"], BY_HAND["subject"])
    assert sides(found["fields"]["body"]) == (before["body"], f"By hand. {before['body']}")
    assert sides(found["fields"]["cta_url"]) == ("", BY_HAND["cta_url"])
    assert {"op": "insert", "text": "By hand. "} in found["fields"]["body"]
    assert "doctype" not in str(found)


def test_a_new_email_is_compared_with_the_one_it_replaced(face: Face) -> None:
    piece = mailed(face)
    new = asked(face, f"pieces/{piece['id']}/regenerate").json()
    for label in ("A", "B"):
        found = difference(face, new, label=label)
        assert (found["before"]["piece_id"], found["after"]["piece_id"]) == (piece["id"], new["id"])
        assert list(found["fields"]) == ["subject", "preheader", "body", "cta"]
        for name in ("subject", "body"):
            assert sides(found["fields"][name]) == (contents(piece)[label][name], contents(new)[label][name])
        assert found["similarity"] < 0.6
        assert min(found["words_added"], found["words_removed"]) > 0
