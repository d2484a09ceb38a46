"""The log of a webhook's deliveries, and their replay, by the whole stack and receivers on loopback."""

from receiver import Receiver, signature
from stack import wait_until
from webhook_stand import create, deliveries, delivery_in, replay, stack  # noqa: F401


def test_a_delivery_is_replayed_under_its_id(stack):
    client = stack.client("rosa")
    with Receiver() as receiver:
        webhook, secret = create(client, receiver.url)
        client.submit_character()
        first = delivery_in(client, webhook, "completed")
        answer = replay(client, webhook, first["deliveryId"])
        assert answer.status_code == 202, answer.text
        assert answer.json()["data"] == {"deliveryId": first["deliveryId"], "status": "waiting"}
        (headers, body, _), (again, same, _) = receiver.wait(2)
        assert again["webhook-id"] == headers["webhook-id"] == first["deliveryId"] and same == body
        assert again["webhook-signature"] == signature(secret, again, body)
        one = delivery_in(client, webhook, "completed")
        assert one["deliveryId"] == first["deliveryId"] and one["attemptsMade"] == 1 and one["lastStatus"] == 204
        assert len(deliveries(client, webhook)) == 1
        assert client.get("/api/v1/character-jobs").json()["pagination"]["total"] == 1


def test_what_a_gone_receiver_missed_is_replayed(stack):
    client = stack.client("sven")
    with Receiver(lambda number, body: (410 if number < 3 else 204, {})) as receiver:
        webhook, _ = create(client, receiver.url)
        client.submit_character()
        missed = delivery_in(client, webhook, "failed")["deliveryId"]
        assert replay(client, webhook, missed).status_code == 202
        assert delivery_in(client, webhook, "failed")["lastStatus"] is None
        assert len(receiver.requests) == 1, "nothing goes to a disabled webhook"
        for status in ("failed", "completed"):
            client.call("PATCH", f"/api/v1/webhooks/{webhook}", json={"enabled": True})
            assert replay(client, webhook, missed).status_code == 202
            one = wait_until(lambda: next((one for one in deliveries(client, webhook)
                                           if one["status"] == status and one["lastStatus"]), None), what=status)
            assert one["deliveryId"] == missed


def test_a_delivery_that_is_under_way_stays_so(stack):
    client = stack.client("tess")
    with Receiver(lambda number, body: (503, {})) as receiver:
        webhook, _ = create(client, receiver.url)
        client.submit_character()
        one = delivery_in(client, webhook, "waiting")
        answer = replay(client, webhook, one["deliveryId"])
        assert answer.status_code == 202 and answer.json()["data"]["status"] in ("waiting", "active")
        assert deliveries(client, webhook)[0]["createdAt"] == one["createdAt"]


def test_no_delivery_of_another_webhook_or_user_is_replayed(stack):
    client, other = stack.client("uma"), stack.client("vera")
    with Receiver() as receiver:
        webhook, _ = create(client, receiver.url)
        job = client.submit_character()
        delivery = delivery_in(client, webhook, "completed")["deliveryId"]
        second, _ = create(client, receiver.url)
        foreign, _ = create(other, receiver.url)
        unknown = "00000000-0000-4000-8000-000000000000"
        for caller, *ids in ((client, second, delivery), (client, webhook, job), (client, webhook, unknown),
                             (client, unknown, delivery), (client, webhook, "x"), (client, "x", delivery),
                             (client, foreign, delivery), (other, webhook, delivery), (other, foreign, delivery)):
            answer = replay(caller, *ids)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "delivery_not_found"), ids
        assert client.call("POST", f"/api/v1/character-jobs/{delivery}/retry").status_code == 404
        assert client.call("DELETE", f"/api/v1/webhooks/{webhook}").status_code == 204
        assert replay(client, webhook, delivery).status_code == 404
        assert len(receiver.requests) == 1


def test_the_log_is_paged_newest_first(stack):
    client = stack.client("quinn")
    with Receiver() as receiver:
        webhook, _ = create(client, receiver.url)
        jobs = [client.submit_character() for _ in range(5)]
        receiver.wait(5)
        seen, cursor = [], None
        while True:
            query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = client.get(f"/api/v1/webhooks/{webhook}/deliveries", params=query).json()
            seen += [one["event"] for one in page["data"]]
            cursor = page["pagination"]["nextCursor"]
            assert page["pagination"]["hasMore"] == (cursor is not None)
            if cursor is None:
                break
        assert len(seen) == len(jobs) and seen == sorted(seen, reverse=True)
        for query in ({"limit": 0}, {"limit": 101}, {"cursor": "???"}, {"cursor": "AAAA"}):
            answer = client.get(f"/api/v1/webhooks/{webhook}/deliveries", params=query)
            assert answer.status_code == 400, query
