"""What tests of webhooks share: a stack that may call receivers on loopback, and questions to the API."""

import pytest
from stack import Stack, wait_until

NULL = ("--provider", "null", "--rate", "off")
LOOPBACK = {"TROUPE_WEBHOOK_PRIVATE": "on"}


@pytest.fixture(scope="module")
def stack():
    with Stack(*NULL, environment=LOOPBACK) as running:
        yield running


def create(client, url, **members):
    answer = client.post("/api/v1/webhooks", {"url": url, **members})
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    return data["webhook"]["webhookId"], data["signing"]["secret"]


def deliveries(client, webhook, **query):
    answer = client.get(f"/api/v1/webhooks/{webhook}/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def delivery_in(client, webhook, status):
    return wait_until(lambda: next((one for one in deliveries(client, webhook) if one["status"] == status), None),
                      what=f"a delivery that is {status}")


def replay(client, webhook, delivery):
    return client.call("POST", f"/api/v1/webhooks/{webhook}/deliveries/{delivery}/replay")
