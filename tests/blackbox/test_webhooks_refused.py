"""Where webhooks may not go without the operator's leave: private addresses, ports of systems, plain HTTP."""

import socket

import pytest

from receiver import Receiver
from stack import Stack
from webhook_stand import LOOPBACK, NULL, create, delivery_in


@pytest.fixture(scope="module")
def strict():
    with Stack(*NULL) as running:
        yield running


@pytest.mark.parametrize("url", ["http://receiver.test/", "https://127.0.0.1/", "https://10.0.0.1:8443/x",
                                 "https://[::1]/", "https://[::ffff:192.168.1.1]/", "https://localhost/",
                                 "https://169.254.169.254/latest"])
def test_private_addresses_are_refused_when_they_are_named(strict, url):
    answer = strict.client("tom").post("/api/v1/webhooks", {"url": url})
    assert answer.status_code == 400 and answer.json()["error"]["details"][0]["field"] == "url"


def private_name():
    """A name that resolves to this host's own address and does not look like it."""
    for name in ("ip6-localhost", "localhost.localdomain", socket.gethostname()):
        try:
            socket.getaddrinfo(name, 443)
            return name
        except OSError:
            continue
    return pytest.skip("no name of this host resolves")


def test_private_addresses_are_refused_when_a_name_leads_there(strict):
    client = strict.client("una")
    webhook, _ = create(client, f"https://{private_name()}:8443/")
    client.submit_character()
    one = delivery_in(client, webhook, "failed")
    assert one["lastError"]["code"] == "address_forbidden" and one["attemptsMade"] == 1


def test_the_ports_of_systems_are_refused(strict):
    client = strict.client("vera")
    webhook, _ = create(client, f"https://{private_name()}:22/")
    client.submit_character()
    assert delivery_in(client, webhook, "failed")["lastError"]["code"] == "address_forbidden"


def test_what_was_allowed_once_is_not_called_in_plain_http_later(tmp_path):
    with Receiver() as receiver:
        with Stack(*NULL, data=tmp_path, environment=LOOPBACK) as lenient:
            webhook, _ = create(lenient.client("wren"), receiver.url)
        with Stack(*NULL, data=tmp_path) as strict:
            client = strict.client("wren")
            client.submit_character()
            one = delivery_in(client, webhook, "failed")
        assert one["lastError"]["code"] == "https_required" and one["attemptsMade"] == 1
        assert receiver.requests == []
