"""Below the floor of free space: whatever would begin work is refused, whatever is there goes on."""

from stack import Client, Stack, wait_until

NULL = ("--provider", "null", "--rate", "off")
FULL = {"TROUPE_SPACE_FLOOR": str(1 << 62)}


def test_all_that_begins_work_is_refused_and_the_rest_goes_on(tmp_path):
    with Stack(*NULL, "--actors", "0", data=tmp_path) as stack:
        client = stack.client()
        running, gone, dropped = (client.submit_character(name) for name in ("running", "gone", "dropped"))
        assert client.call("DELETE", f"/api/v1/character-jobs/{gone}").status_code == 200
    with Stack(*NULL, data=tmp_path, environment=FULL) as stack:
        client = stack.client()
        operator = Client(stack.url, stack.token("operator", "--role", "admin"))
        character = client.wait_for(running)["result"]["characterId"]
        assert character, "what was accepted completes"
        assert client.wait_for(dropped)["status"] == "completed"
        begins = [("/api/v1/characters/queue", {"name": "x"}), ("/api/v1/characters", {"name": "x"}),
                  (f"/api/v1/characters/{character}/generate-image/queue", {}),
                  ("/api/v1/batches", {"jobs": [{"type": "character", "name": "x"}]}),
                  ("/api/v1/pipelines", {"character": {"name": "x"}, "images": [{}]}),
                  (f"/api/v1/character-jobs/{gone}/retry", None),
                  ("/api/v1/webhooks", {"url": "https://example.com/hook"})]
        for path, body in begins:
            answer = client.post(path, body)
            assert answer.status_code == 507, (path, answer.text)
            assert answer.json()["error"]["code"] == "insufficient_storage" and answer.headers["retry-after"]
        assert operator.post("/api/v1/admin/backups").status_code == 507
        many = operator.post("/api/v1/admin/operations", {"action": "retry", "where": {"status": "cancelled"}})
        assert (many.status_code, many.json()["error"]["code"]) == (507, "insufficient_storage"), many.text
        assert operator.post("/api/v1/admin/operations", {"action": "cancel", "where": {"status": "waiting"}}
                             ).status_code == 202, "what begins no work is done"
        assert client.get("/readyz").status_code == 200
        assert client.job(gone)["status"] == "cancelled", "a retry that was refused has changed nothing"
        assert client.call("DELETE", f"/api/v1/characters/{character}").status_code == 200
        wait_until(lambda: client.get(f"/api/v1/characters/{character}").status_code == 404, 10, "its deletion")
        assert "disk nearly full" in stack.text_of_log()
    with Stack(*NULL, data=tmp_path) as stack:
        client = stack.client()
        assert client.post(f"/api/v1/character-jobs/{gone}/retry").status_code == 200
        assert client.wait_for(gone)["status"] == "completed", "there is room again"
