from __future__ import annotations

from djdock.stack.up import needed_first

HEALTHY = {"condition": "service_healthy"}
DONE = {"condition": "service_completed_successfully"}


def test_the_site_waits_for_what_is_behind_it_and_for_nothing_in_front_of_it() -> None:
    services = {
        "web": {"depends_on": {"db": HEALTHY, "migrate": DONE, "static": DONE, "redis": HEALTHY}},
        "migrate": {"depends_on": {"db": HEALTHY}},
        "nginx": {"depends_on": {"web": HEALTHY, "static": DONE}},
        "worker": {"depends_on": {"migrate": DONE, "rabbitmq": HEALTHY}},
        "prometheus": {},
        "redis": {"depends_on": {"tuning": HEALTHY}},
        "tuning": {"depends_on": None},
        "db": {},
        "static": {},
    }
    assert needed_first(services) == ["db", "redis", "tuning"]


def test_a_site_on_its_own_waits_for_nothing() -> None:
    assert needed_first({}) == []
    assert needed_first({"web": {"depends_on": {"migrate": DONE}}, "migrate": {}}) == []
