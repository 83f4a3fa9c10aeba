"""Two versions of a prompt over HTTP, with models on loopback, and texts that name the version they came of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from regrow.testing.openai_server import OpenAIServer
from tests.faces import conftest
from tests.faces.conftest import Face
from tests.faces.test_prompts import BLOG, put


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def asking(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Face, Any]]:
    """The application of a home whose models are on loopback."""
    with OpenAIServer() as server:
        more = {"models": "openai:small", "openai_api_key": SecretStr("k" * 20), "openai_base_url": server.base_url}
        with conftest.opened(request.param, tmp_path_factory.mktemp("asking"), **more) as face:
            yield face, server


def test_both_texts_come_back_side_by_side_and_are_kept(asking: tuple[Face, OpenAIServer]) -> None:
    face, server = asking
    version = put(face, "Laugh.").json()["in_force"]
    calls = server.calls
    pieces = face.call("GET", "/api/content/pieces").json()
    body = {"before": "shipped", "after": version, "topic_id": face.topic(), "variants": 1}
    answer = face.call("POST", f"{BLOG}/compare", "editor", json=body, headers={"Idempotency-Key": f"k{version}"})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert server.calls == calls + 2
    assert (found["before"]["template"], found["after"]["template"]) == ("write_blog", "workspace/write_blog")
    assert [each["label"] for each in found["differences"]] == ["A"]
    assert found["after"]["score"] is not None
    assert answer.headers["location"] == f"/api/prompt-trials/{found['id']}"
    assert face.call("GET", answer.headers["location"], "viewer").json() == found
    assert face.call("GET", "/api/prompt-trials").json()["items"][0] == found
    assert face.call("GET", "/api/content/pieces").json() == pieces
    again = face.call("POST", f"{BLOG}/compare", "editor", json=body, headers={"Idempotency-Key": f"k{version}"})
    assert (again.json(), server.calls) == (found, calls + 2)


def test_nobody_has_to_wait(asking: tuple[Face, OpenAIServer]) -> None:
    face, _server = asking
    body = {"before": "shipped-2", "after": "shipped", "topic_id": face.topic(), "variants": 1}
    begun = face.call("POST", f"{BLOG}/compare", json=body, params={"wait": "false"})
    assert begun.status_code == 202
    end = conftest.wait_for(face.alice, begun.json()["task_id"])
    assert end.result is not None
    found = face.call("GET", f"/api/prompt-trials/{end.result['trial_id']}").json()
    assert (found["before"]["version"], found["after"]["version"]) == ("shipped-2", "shipped-3")


def test_texts_name_the_version_they_were_written_with(asking: tuple[Face, OpenAIServer]) -> None:
    face, _server = asking
    version = put(face, "Laugh again.").json()["version"]
    made = face.made("/api/content/generate", {"topic_id": face.topic(), "media": ["blog"]})
    told = made["pieces"][0]["provenance"]
    assert (told["template"], told["template_version"]) == ("workspace/write_blog", version)
    history = face.call("GET", f"/api/content/pieces/{made['pieces'][0]['id']}/history").json()["items"]
    assert history[0]["provenance"]["template"] == "workspace/write_blog"
    usage = face.call("GET", "/api/usage").json()["items"][0]
    assert (usage["template"], usage["template_version"]) == ("workspace/write_blog", version)
