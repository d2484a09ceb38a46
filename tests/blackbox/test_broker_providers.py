"""What actors of all hosts share of their providers, through the real broker."""

import re

from broker_stand import CHARACTER, WAITING, code, stand, until
from test_metrics import fetch, samples_of, value_of

STUDIO = {"name": "studio", "account": "shared", "use": code("PROVIDER_USE_CHAT")}


def tell(actor, job, state, operation=0, **fields):
    actor.send(("operation", dict(job=job["job"], lease=job["lease"], credit=actor.credit, operation=operation,
                                  provider="studio", state=code("OPERATION_STATE_" + state), **fields)))


def intent(actor, job, **fields):
    tell(actor, job, "INTENT", **fields)


def report(actor, fault, failures, **fields):
    actor.send(("report", dict(provider="studio", failures=failures, fault=code("PROVIDER_FAULT_" + fault), **fields)))


def wait_reason(gateway, job):
    gateway.send(("get_position", {"request": gateway.number(), "jobs": job}))
    return gateway.expect("position")["wait_reason"]


def test_what_one_actor_reports_holds_for_another(stand):
    stand.broker()
    gateway = stand.gateway()
    first = stand.actor(CHARACTER, slots=1, hello=False).hello(providers=[STUDIO])
    second = stand.actor(CHARACTER, slots=1, hello=False).hello(providers=[STUDIO])
    old = stand.actor(CHARACTER, slots=1)  # an older one, which declares nothing
    for _ in range(3):
        gateway.submit()
    jobs = [actor.job() for actor in (first, second, old)]
    intent(first, jobs[0])
    first.expect("operation_ack", job=jobs[0]["job"])
    report(first, "DOWN", 5)
    intent(first, jobs[0], operation=1)
    assert first.expect("operation_denied", job=jobs[0]["job"], operation=1)["reason"] == code("DENIAL_DOWN")
    intent(second, jobs[1])
    denied = second.expect("operation_denied", job=jobs[1]["job"], lease=jobs[1]["lease"])
    assert denied["reason"] == code("DENIAL_DOWN") and 0 < denied["retry_after_ms"] <= 10000
    intent(old, jobs[2])
    old.expect("operation_ack", job=jobs[2]["job"])
    second.fail(jobs[1], "THROTTLED", code="provider_down")
    state = gateway.get(jobs[1]["job"])
    assert (state["state"], state.get("attempts_made", 0), state["error_code"]) == (WAITING, 0, "provider_down")
    assert wait_reason(gateway, jobs[1]["job"]) == code("WAIT_REASON_PROVIDER_DOWN")


def test_a_pause_that_a_provider_asks_for_holds_the_queue(stand):
    stand.broker()
    gateway = stand.gateway()
    actor = stand.actor(CHARACTER, hello=False).hello(providers=[STUDIO])
    gateway.submit()
    job = actor.job()
    report(actor, "THROTTLED", 1, retry_after_ms=600000)
    intent(actor, job)
    denied = actor.expect("operation_denied", job=job["job"])
    assert denied["reason"] == code("DENIAL_LIMITED") and denied["retry_after_ms"] > 590000
    waiting = gateway.submit()
    assert wait_reason(gateway, waiting["job"]) == code("WAIT_REASON_RATE_LIMITED")


def money(broker):
    """US dollars that the metrics tell of: spent, uncertain, wasted."""
    samples = samples_of(fetch(int(re.search(r'msg="metrics" host=127.0.0.1 port=(\d+)', broker.log())[1])).text)
    return (value_of(samples, "troupe_provider_cost_usd_total", provider="studio", queue="character"),
            value_of(samples, "troupe_cost_uncertain_usd_total"), value_of(samples, "troupe_wasted_usd_total"))


def test_a_result_that_comes_after_another_was_paid_for_is_counted_as_wasted(stand):
    """A worker that was given up sends what it has made when the next attempt has paid, too. Both calls are spent; what
    became of the first one was not told in time, so it is uncertain."""
    broker = stand.broker(TROUPE_METRICS="127.0.0.1:0")
    gateway = stand.gateway()
    actor = stand.actor(slots=2, hello=False).hello(providers=[dict(STUDIO, use=code("PROVIDER_USE_IMAGE"))])
    gateway.submit()
    first = actor.job()
    intent(actor, first, price=40000)
    actor.expect("operation_ack", lease=1)
    actor.fail(first, retry_after_ms=1)
    second = actor.job(job=first["job"], lease=2)
    intent(actor, second, price=40000)
    actor.expect("operation_ack", lease=2)
    actor.done(first, price=40000)
    assert gateway.event(first["job"], "provider")["price"] == 40000
    until(lambda: money(broker) == (0.04, 0.04, 0.04), "the wasted dollars")
    tell(actor, second, "FINISHED", charged=code("CHARGE_YES"))
    actor.done(second, price=40000)
    until(lambda: money(broker) == (0.08, 0.04, 0.04), "the price of both calls")
