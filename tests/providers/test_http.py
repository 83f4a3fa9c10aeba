"""The way out: what it reaches and what not, and what is told of answers that are none."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from regrow.adapters import http, reaching
from regrow.adapters.http import Answer, Client, Failure, Request
from regrow.testing.receiver import PRIVATE, Receiver

INSIDE = Client(allows_private=True, seconds=20.0, most_bytes=20_000)
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
PRIVATE_ONES = [
    *("127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd12::1", "fec0::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"),
]
NEVER = [
    *("169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "0.0.0.0", "::", "224.0.0.1", "255.255.255.255"),
    *("ff02::1", "240.0.0.1", "fd00:ec2::254", "100.100.100.200", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"),
]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def posted(receiver: Receiver, *faults: str, client: Client = INSIDE) -> Answer | Failure:
    receiver.faults.extend(faults)
    return client.ask(Request("POST", receiver.address, {"webhook-id": "m1"}, {"x-key": "secret"}, b"{}"))


def failed(found: Answer | Failure) -> Failure:
    assert isinstance(found, Failure)
    return found


def answered(found: Answer | Failure) -> Answer:
    assert isinstance(found, Answer)
    return found


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address: str) -> None:
    assert reaching.is_allowed(address, allows_private=False)


@pytest.mark.parametrize("address", PRIVATE_ONES)
def test_private_ones_only_where_that_is_allowed(address: str) -> None:
    assert not reaching.is_allowed(address, allows_private=False)
    assert reaching.is_allowed(address, allows_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_where_machines_are_told_their_keys_is_never_reached(address: str) -> None:
    assert not reaching.is_allowed(address, allows_private=False)
    assert not reaching.is_allowed(address, allows_private=True)


@pytest.mark.parametrize(
    "address",
    [
        *("", "x", "ftp://h/x", "javascript:alert(1)", "file:///etc/passwd", "https://", "https://u:p@h/", "//h/x"),
        *("https://h:99999/", "https://h:0/", "https://[::1", "https://h/\n", "https://h/" + "x" * 2_000, "http://h/"),
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_looked_up(address: str) -> None:
    assert http.problem_of(address, allows_private=False)
    found = failed(Client().ask(Request("GET", address)))
    assert found.is_final
    assert not found.has_left
    assert "p@h" not in found.detail


def test_plain_http_is_for_private_addresses_only() -> None:
    assert http.problem_of("http://10.0.0.1/hook", allows_private=True) == ""
    told = http.problem_of("http://10.0.0.1/hook", allows_private=False)
    assert "https://" in told
    assert "REGROW_ALLOW_PRIVATE_ADDRESSES=true" in told
    assert "REGROW" not in http.problem_of("ftp://10.0.0.1/hook", allows_private=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]"])
def test_a_private_address_is_refused_however_it_is_written(host: str) -> None:
    found = failed(Client().ask(Request("GET", f"https://{host}/")))
    assert found.is_final
    assert "private address" in found.detail
    assert "REGROW_ALLOW_PRIVATE_ADDRESSES=true" in found.detail


def test_what_was_checked_is_what_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere at the second look: there is no second look."""
    port = int(receiver.base_url.rpartition(":")[2])
    looked: list[str] = []

    def look_up(host: str, port: int, *args: object, **more: object) -> list[tuple[object, ...]]:
        looked.append(host)
        first = "127.0.0.1" if len(looked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (first, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    found = answered(INSIDE.ask(Request("GET", f"http://rebinding.example:{port}/taken?key=x")))
    assert found.status == 404
    assert looked[0] == "rebinding.example"
    assert "rebinding.example" not in looked[1:]


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: both)
    assert failed(Client().ask(Request("GET", "https://mixed.example/"))).is_final


def test_an_answer_comes_back_as_it_was_sent(receiver: Receiver) -> None:
    found = answered(posted(receiver))
    assert (found.status, found.is_cut) == (200, False)
    assert found.headers["content-type"] == "application/json"
    [message] = receiver.taken
    assert message.headers["x-key"] == "secret"
    assert message.headers["host"] == receiver.base_url.removeprefix("http://")
    assert message.headers["accept-encoding"] == "identity"


def test_proxies_and_passwords_of_the_environment_are_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert answered(posted(receiver)).status == 200


def test_nobody_there_is_certain_to_have_taken_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        found = failed(INSIDE.ask(Request("POST", address, body=b"{}")))
    assert (found.has_left, found.is_final) == (False, False)
    assert "cannot be reached" in found.detail


@pytest.mark.parametrize("fault", ["drop", "accept-drop", "nonsense", "accept-nonsense"])
def test_a_line_that_drops_before_the_status_leaves_it_open(receiver: Receiver, fault: str) -> None:
    found = failed(posted(receiver, fault))
    assert (found.has_left, found.is_final) == (True, False)
    assert len(receiver.taken) == fault.startswith("accept")


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_the_whole_has_an_end_even_when_each_part_comes_in_time(receiver: Receiver, fault: str) -> None:
    found = failed(posted(receiver, fault, client=replace(INSIDE, seconds=1.0)))
    assert found.has_left
    assert "within 1 seconds" in found.detail


@pytest.mark.parametrize(("fault", "most"), [("huge", 20_000), ("short", 6)])
def test_the_status_stands_however_the_rest_comes(receiver: Receiver, fault: str, most: int) -> None:
    found = answered(posted(receiver, f"accept-{fault}"))
    assert (found.status, found.is_cut, len(found.body)) == (200, True, most)


def test_a_redirect_to_a_private_address_is_not_followed(receiver: Receiver) -> None:
    receiver.faults.append("found-private")
    found = failed(INSIDE.ask(Request("GET", receiver.reconcile_address)))
    assert found.is_final
    assert "never asked" in found.detail
    assert PRIVATE not in found.detail


def test_a_message_is_not_carried_to_another_host(receiver: Receiver) -> None:
    assert answered(posted(receiver, "redirect-private")).status == 307
    assert answered(posted(receiver, "redirect-elsewhere")).status == 307
    assert (receiver.taken, receiver.asked) == ([], 2)


def test_a_message_follows_within_its_host(receiver: Receiver) -> None:
    assert answered(posted(receiver, "redirect-here")).status == 200
    assert [message.headers["x-key"] for message in receiver.taken] == ["secret"]


def test_a_loop_ends(receiver: Receiver) -> None:
    found = failed(posted(receiver, "redirect-loop"))
    assert found.is_final
    assert receiver.asked == INSIDE.most_redirects + 1


def test_credentials_stay_with_their_host() -> None:
    asked = Request("GET", "https://a.example/x", {"accept": "*/*"}, {"authorization": "Bearer t"})
    for place, is_kept in [
        ("/y", True),
        ("https://a.example/y", True),
        ("https://b.example/", False),
        ("https://a.example:444/", False),
        ("https://a.example.b.example/", False),
    ]:
        onward = http._onward(asked, Answer(302, {"location": place}, b"", asked.address, 1))
        assert onward is not None
        assert bool(onward.credentials) is is_kept, place


def test_nothing_leads_from_https_to_http() -> None:
    asked = Request("GET", "https://a.example/x")
    with pytest.raises(http._Refused, match="https to http"):
        http._onward(asked, Answer(302, {"location": "http://a.example/x"}, b"", asked.address, 1))
