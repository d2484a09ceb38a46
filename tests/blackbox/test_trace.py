"""The trace of a client's request (W3C Trace Context) through gateway, queue and actors to the providers."""

import pytest

import fake_provider
from stack import Stack

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module", name="provider")
def fixture_provider():
    provider = fake_provider.Provider()
    yield provider
    provider.close()


@pytest.fixture(scope="module", name="client")
def fixture_client(provider):
    environment = {"TROUPE_RESULT_PRIVATE": "on"}
    for name in "CHAT", "IMAGE", "VIDEO":
        environment.update({f"TROUPE_{name}_URL": provider.url, f"TROUPE_{name}_MODEL": "m/m",
                            f"TROUPE_{name}_KEY": "k"})
    with Stack("--provider", "live", environment=environment) as stack:
        yield stack.client()


def sent(provider, name):
    return {key.lower(): value for key, value in provider.last(name)[2].items()}.get("traceparent")


def test_a_trace_reaches_the_providers_of_every_kind_of_job(client, provider):
    headers = {"traceparent": TRACE}
    made = client.post("/api/v1/characters", {"name": "Mira"}, headers=headers, timeout=70)
    assert made.status_code == 201, made.text
    assert sent(provider, "chat") == sent(provider, "image") == TRACE
    assert "traceparent" not in made.headers  # it is a header of requests
    character, media = made.json()["data"]["id"], made.json()["data"]["mediaId"]
    other = TRACE.replace("b7ad", "c8be")
    wait = {"Prefer": "wait=60", "traceparent": other}
    image = client.post(f"/api/v1/characters/{character}/generate-image/queue", {}, headers=wait, timeout=70)
    assert image.json()["data"]["status"] == "completed" and sent(provider, "image") == other
    later = "cc" + TRACE[2:].replace("b7ad", "d9cf") + "-future"
    video = client.post(f"/api/v1/characters/{character}/media/{media}/generate-video/queue", {"duration": 5},
                        headers={**wait, "traceparent": later}, timeout=70)
    assert video.json()["data"]["status"] == "completed"
    for name in "chat", "upload", "submit", "poll":
        assert sent(provider, name) == "00" + later[2:55], name


@pytest.mark.parametrize("trace", [None, "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01", TRACE + "-x"])
def test_none_is_made_of_what_is_none(client, provider, trace):
    headers = {"Prefer": "wait=60", **({"traceparent": trace} if trace else {})}
    made = client.post("/api/v1/characters/queue", {"name": "Mira"}, headers=headers, timeout=70)
    assert made.json()["data"]["status"] == "completed"
    assert sent(provider, "chat") is None and sent(provider, "image") is None
