"""What the broker answers to GET_SYSTEM, with gateways and actors of several versions before it."""

from broker_stand import IMAGE, Actor, Gateway, code, new_id, stand, until  # noqa: F401


class Named(Gateway):
    """A gateway that says which version it is."""

    def say(self, version, host="far"):
        self.send(("gateway_hello", {"instance": self.instance, "host": host, "pid": 7, "version": version}))
        self.session = self.expect("gateway_welcome")["session"]
        return self


class Worker(Actor):
    def say(self, version):
        self.send(("hello", {"kind": self.kind, "instance": self.instance, "slots": 1, "hold_count": 0, "credit": 1,
                             "host": "far", "pid": 8, "version": version}))
        self.session = self.expect("welcome")["session"]
        return self


def system(gateway):
    told = gateway.ask("get_system", "system")
    return told, [gateway.expect("program") for _ in range(told.get("count", 0))]


def test_those_of_another_version_are_told_first(stand):  # noqa: F811
    broker = stand.broker()
    gateway = stand.gateway()
    version = system(gateway)[0]["version"]
    same = stand.keep(Named(broker)).say(version)
    other = stand.keep(Named(broker)).say("0.0.9")
    worker = stand.keep(Worker(broker, kind=IMAGE)).say("0.0.8")
    stand.keep(Named(broker)).say("", host="")  # a health check is no gateway
    told, programs = system(gateway)
    assert (told["gateways"], told["actors"], told["differing"], told["count"]) == (3, 1, 2, 4)
    assert [each["program"] for each in programs[:2]] == [other.instance, worker.instance]
    assert {each["program"] for each in programs[2:]} == {gateway.instance, same.instance}
    assert programs[1] | {"connected_at": 0} == {"program": worker.instance, "kind": IMAGE, "host": "far", "pid": 8,
                                                  "version": "0.0.8", "connected_at": 0}
    assert programs[0]["gateway"] is True and programs[0]["connected_at"] >= told["started_at"]
    worker.bye()
    until(lambda: "actors" not in system(gateway)[0], "the end of the worker")
    same.close()
    assert system(gateway)[0]["differing"] == 1


def test_more_than_fit_are_counted(stand):  # noqa: F811
    broker = stand.broker()
    gateway = stand.gateway()
    for _ in range(505):
        gateways = Named(broker)
        gateways.instance = new_id()
        stand.keep(gateways).say("0.0.9")
    told, programs = system(gateway)
    assert (told["gateways"], told["differing"], told["count"], len(programs)) == (506, 505, 500, 500)
    assert {each["version"] for each in programs} == {"0.0.9"}


def test_what_is_said_before_a_session_stands_is_not_refused(stand):  # noqa: F811
    stand.broker()
    gateway, early, actor = stand.gateway(), stand.gateway(hello=False), stand.actor(hello=False)
    early.send(("get_system", {"request": 1}))
    first = early.hello()["session"]
    early.hello()
    early.send(("get_system", {"request": 1}), session=first)  # what was on its way when it said hello again
    actor.send(("heartbeat", {"credit": 1}))
    for peer in early, actor:
        assert peer.expect("error")["code"] == code("ERROR_CODE_SESSION")
    assert "refused" not in system(gateway)[0]
    actor.hello()
    actor.send(("fail", {"job": new_id(), "lease": 1, "credit": 1, "kind": 200}))
    assert actor.expect("error")["code"] == code("ERROR_CODE_MALFORMED")
    early.send_raw(b"\x90")
    assert early.expect("error")["code"] == code("ERROR_CODE_MALFORMED")
    assert system(gateway)[0]["refused"] == 2


def test_a_disk_that_is_nearly_full_is_told(stand):  # noqa: F811
    stand.broker(TROUPE_SPACE_FLOOR=str(1 << 60))
    gateway = stand.gateway()
    told = until(lambda: (lambda one: one.get("disk_low") and one)(system(gateway)[0]), "a low disk")
    assert told["disk_floor"] == 1 << 60 and 0 < told["disk_free"] < 1 << 60
    assert gateway.submit()["code"] == code("REPLY_CODE_DISK_FULL")
    queues = gateway.ask("get_queues", "admin_page")
    assert (queues["count"], queues["disk_low"], queues["disk_floor"]) == (4, True, 1 << 60)
    assert 0 < queues["disk_free"] < 1 << 60, "with what is told of the queues"


def test_a_disk_that_has_room_is_told_by_no_flag(stand):  # noqa: F811
    stand.broker()
    gateway = stand.gateway()
    queues = gateway.ask("get_queues", "admin_page")
    assert "disk_low" not in queues and queues["disk_free"] > queues["disk_floor"] > 0
