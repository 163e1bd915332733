"""Every finding: what makes it, what it is called, how bad it is, and that it stands alone."""

from __future__ import annotations

import errno
import ssl
import string
from dataclasses import replace

import msgspec
import pytest

from appliance.client import causes
from appliance.client.errors import Refused
from appliance.codec.api import (
    LicencesDocument,
    TimeServerStatus,
)
from appliance.details import Detail
from appliance.sentences import as_text
from appliance.services.tmr import short
from appliance.watch.checks import CHECKS, examine
from appliance.watch.facts import CRITICAL, WARNING, Facts, Finding, Silent
from appliance.watch.problems import LEVELS, PROBLEMS
from appliance.watch.verdict import judge
from appliance.watch.words import document, remedy, what
from tests.unit.watch import role_cases, rules_cases
from tests.unit.watch.each_problem import ALONE, only_licence, times
from tests.unit.watch.facts_world import (
    DAY_S,
    GIB,
    NOW_MS,
    NOW_S,
    archive_of,
    facts,
    health,
    hosts_as,
    licence,
    local,
    seen_with,
    status,
    tmr_host,
    twin_states,
    upstream,
)
from tests.unit.watch.other_cases import BESIDE

EXAMPLES = [one for known in (*(a for a, _ in ALONE), *BESIDE) for one in examine(known)]


def test_nothing_is_wrong_with_a_sound_system():
    assert examine(facts()) == ()
    # The passive one alone is enough to see it.
    assert examine(facts(status("tmr2"), local=None)) == ()


def as_told_to_a_client(known: Facts) -> Facts:
    statuses = tuple(short.status(one, leases=1) for one in known.statuses)
    listed = known.licences
    if listed is not None:
        told = tuple(short.licence(one) for one in listed.licences)
        listed = msgspec.structs.replace(listed, licences=told)
    return replace(known, statuses=statuses, licences=listed, local=None)


@pytest.mark.parametrize("in_use", [0, 1])
def test_nothing_is_wrong_with_a_sound_system_for_a_client_who_is_told_little(in_use):
    sound = as_told_to_a_client(only_licence(in_use=in_use))
    assert examine(sound) == ()
    assert judge(sound)[:2] == ("serving", "all three upstreams answer")
    for one in sound.statuses:
        assert examine(replace(sound, statuses=(one,))) == ()


def test_a_client_is_told_that_something_is_wrong_and_not_what():
    full = seen_with(upstream("up3", health=health(disk_free_bytes=GIB)), verdict="degraded")
    (found,) = examine(as_told_to_a_client(full))
    assert found.cause == "told-in-short"
    assert "disk" not in what(found)


@pytest.mark.parametrize(("used", "refusal"), [(1, "unknown-product"), (0, "quorum-lost")])
def test_a_client_is_told_of_a_licence_that_cannot_be_used(used, refusal):
    of_one = only_licence(available=False, refusal=refusal, in_use=used)
    assert [x.code for x in examine(as_told_to_a_client(of_one))] == ["licence-unusable"]


def test_a_licence_that_never_was_one_here_is_no_trouble_of_a_client():
    of_one = only_licence(
        constituents=twin_states("ok", "missing", "missing"),
        available=False,
        refusal="unknown-product",
        in_use=0,
    )
    assert examine(as_told_to_a_client(of_one)) == ()


def test_hosts_that_do_not_hear_each_other_are_found_by_whoever_asks_both():
    """Each alone takes the other for down; both asked, nobody may say that all is well."""
    both = facts(
        *(
            status(
                host,
                tmr_hosts=tuple(
                    tmr_host(name)
                    if name == host
                    else tmr_host(name, role="unreachable", health=None, report_age_s=None)
                    for name in ("tmr1", "tmr2")
                ),
            )
            for host in ("tmr1", "tmr2")
        )
    )
    assert [one.cause for one in examine(replace(both, statuses=both.statuses[:1]))] == [
        "tmr-down/tmr2"
    ]
    assert [one.cause for one in examine(both)] == ["twins-apart"]
    assert judge(both)[:2] == (
        "degraded",
        "tmr1 and tmr2 do not hear each other, though both answer",
    )


def refused_certificate(code: int) -> str:
    error = ssl.SSLCertVerificationError()
    error.verify_code, error.verify_message = code, "self-signed certificate"
    return causes.of_certificate(error)


@pytest.mark.parametrize(
    "why",
    [
        *map(refused_certificate, (9, 10, 18)),
        causes.of_alert("TLSV1_ALERT_CERTIFICATE_EXPIRED"),
        causes.of_alert("TLSV1_ALERT_UNKNOWN_CA"),
        Refused("unauthenticated", "no such token", 401).sentence,
    ],
    ids=["not-yet", "expired", "unknown", "own-expired", "own-unknown", "token"],
)
def test_no_remedy_contradicts_a_reason_that_says_what_to_do(why):
    silent = (Silent("10.77.0.21:7200", why),)
    (alone,) = examine(Facts(now_ms=NOW_MS, silent=silent))
    (beside,) = examine(facts(silent=silent))
    for found in (alone, beside):
        assert why in what(found)
        assert remedy(found) == "See to the reason that is named: a host is there."


@pytest.mark.parametrize(
    "number", [errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT]
)
def test_a_host_that_is_not_reached_is_looked_for_on_the_network(number):
    silent = (Silent("10.77.0.21:7200", causes.of_system(OSError(number, ""))),)
    for known in (Facts(now_ms=NOW_MS, silent=silent), facts(silent=silent)):
        (found,) = examine(known)
        assert "network" in remedy(found)


@pytest.mark.parametrize(("found_in", "wanted"), ALONE, ids=[w[0] + "-" + w[1] for _, w in ALONE])
def test_one_cause_one_finding(found_in, wanted):
    (finding,) = examine(found_in)
    cause, severity, words = wanted
    assert (finding.cause, finding.severity) == (cause, severity)
    assert words in what(finding)
    assert what(finding).endswith(".")
    assert remedy(finding).endswith(".")
    assert "  " not in what(finding) + remedy(finding)


def test_two_clocks_that_are_wrong_together_are_not_taken_for_right():
    """They win the vote; who looks from a computer whose clock is right is told of both."""
    found = examine(
        seen_with(
            upstream("up1", system_time_ms=NOW_MS + DAY_S * 1000, times=times(0)),
            upstream("up2", system_time_ms=NOW_MS + DAY_S * 1000, times=times(0)),
            upstream("up3", times=times(-DAY_S * 1000, outvoted=True)),
        )
    )
    assert [one.cause for one in found] == ["clock-off/up3", "clock-off/here"]
    assert "agrees with it: the others may be wrong together" in what(found[0])
    assert "tmr time update --all" in remedy(found[0])


def test_an_upstream_that_refuses_everybody_is_named_with_its_clock():
    lost = {"reachable": False, "health": None, "report_age_s": None, "phase": ""}
    (refuses,) = examine(seen_with(upstream("up3", failure=Detail("link-refused"), **lost)))
    assert "up3 does not answer (refused: it takes the connection" in what(refuses)
    assert "Look at the clock of up3" in remedy(refuses)
    (gone,) = examine(seen_with(upstream("up3", failure=Detail.of("no answer within 1 s"), **lost)))
    assert "(no answer within 1 s)" in what(gone) and "power and network" in remedy(gone)


def test_a_time_server_that_lies_is_reported_with_what_it_said():
    lies = TimeServerStatus(url="http://t", state="liar", detail=Detail.of("900 ms from http://u"))
    (found,) = examine(seen_with(upstream("up2", time_servers=(lies,))))
    assert found.cause == "time-server/http://t"
    assert "900 ms from http://u" in what(found) and "name another" in remedy(found)


def test_every_problem_and_each_case_of_it_is_among_the_tests():
    tested = {(wanted[0].partition("/")[0], wanted[1]) for _, wanted in ALONE}
    assert tested == {(code, level) for code, levels in LEVELS.items() for level in levels}
    cases = {(one.code, one.case) for one in EXAMPLES}
    assert cases == {(code, case) for code, problem in PROBLEMS.items() for case in problem.cases}
    assert len(CHECKS) == len(set(CHECKS))


@pytest.mark.parametrize("finding", EXAMPLES, ids=[f"{x.cause} {x.case}" for x in EXAMPLES])
def test_the_sentences_use_each_value_and_have_no_other_place(finding):
    text = PROBLEMS[finding.code].cases[finding.case]
    used = {name for part in text for _, name, _, _ in string.Formatter().parse(part) if name}
    assert used == {*finding.values, *(["why"] if finding.why is not None else ())}
    assert text.what and text.remedy.endswith(".") and not text.what.endswith(".")
    again = msgspec.json.decode(msgspec.json.encode(finding, enc_hook=as_text), type=Finding)
    assert (again, document(again)) == (finding, document(finding)), "it travels as data"


@pytest.mark.parametrize(
    ("sound"),
    [
        # Of an upstream that does not answer nothing else is said.
        seen_with(upstream("up2", system_time_ms=None, health=None, phase="following")),
        # Two clocks that differ: nobody knows which is wrong.
        seen_with(
            upstream("up1", system_time_ms=None),
            upstream("up2", system_time_ms=NOW_MS + 4_000),
        ),
        # A large disk may be full by share and still have room.
        seen_with(
            upstream("up1", health=health(disk_free_bytes=30 * GIB, disk_total_bytes=2000 * GIB))
        ),
        # Nobody coordinates yet: then nobody follows.
        facts(local=local(clock_synchronised=None, disk_free_bytes=None)),
        # In the loopback there is no address.
        hosts_as(
            tmr_host("tmr1", holds_address=False, vrrp=""),
            tmr_host("tmr2", vrrp=""),
            virtual_ip="",
        ),
        # The twins of an upstream that is down are missing with it.
        only_licence(expires_at_s=NOW_S + 31 * DAY_S),
        # A licence of another role is used, or one for emergencies is not: lingering is no use.
        only_licence(role="overflow", in_use=5),
        role_cases.emergency(in_use=0, lingering=2, usage_ends_s=NOW_S + 40 * DAY_S),
    ],
)
def test_what_is_not_wrong(sound):
    assert examine(sound) == ()


def test_what_follows_from_a_lost_upstream_is_not_said_too():
    lost = upstream("up2", reachable=False, health=None, report_age_s=None, phase="", lag=10**6)
    document = LicencesDocument(
        virtual_serial="131-1",
        licences=(licence(constituents=twin_states("ok", "missing", "ok")),),
    )
    base = seen_with(lost, verdict="degraded")
    found = examine(facts(*base.statuses, licences=document))
    assert [one.cause for one in found] == ["upstream-down/up2"]


def test_the_worst_comes_first_and_each_cause_once():
    found = examine(
        facts(
            *seen_with(
                upstream("up2", reachable=False, report_age_s=None),
                upstream("up3", health=health(disk_free_bytes=GIB)),
            ).statuses,
            local=local(host="up3", certificate=None, disk_free_bytes=GIB),
        )
    )
    assert [(one.cause, one.severity) for one in found] == [
        ("disk/up3", CRITICAL),
        ("upstream-down/up2", WARNING),
    ]
    assert isinstance(found[0], Finding)


def test_a_host_on_its_own_is_examined_without_asking_anybody():
    alone = Facts(now_ms=NOW_MS, local=local(store_missing=True), asked=False)
    assert [one.cause for one in examine(alone)] == ["store-missing/tmr1"]


def test_causes_hold_no_number_that_changes():
    for lag in (2000, 3000):
        (finding,) = examine(seen_with(upstream("up1", lag=lag)))
        assert finding.cause == "upstream-behind/up1"


def test_an_address_that_two_claim_by_their_own_words_is_found():
    both = facts(
        status("tmr1"),
        status(
            "tmr2",
            tmr_hosts=(
                tmr_host("tmr1", holds_address=False, vrrp="", hears_twin=None),
                tmr_host("tmr2", holds_address=True),
            ),
        ),
    )
    assert [one.cause for one in examine(both)] == ["address-twice"]


@pytest.mark.parametrize(
    "archive", [archive_of(3200, 12.0), archive_of(4096, 400.0), None], ids=["room", "old", "tmr"]
)
def test_an_archive_that_has_room_or_all_its_days_is_no_trouble(archive):
    assert examine(seen_with(upstream("up3", health=health(archive=archive)))) == examine(
        seen_with(upstream("up3", health=health()))
    )


def test_of_a_host_that_is_too_old_nothing_else_is_said_and_its_remedy_is_a_release() -> None:
    found = examine(rules_cases.knowing(2, 2, rules_cases.OLD))
    assert [one.cause for one in found] == ["host-outdated/up3"]
    assert "rolling_upgrade.yml" in remedy(found[0])
    (stopped, *rest) = examine(rules_cases.STOPPED)
    assert (stopped.code, stopped.case) == ("not-serving", "outdated")
    assert stopped.values["hosts"] == ("up2", "up3")
    assert {one.code for one in rest} == {"host-outdated"}


def test_rules_may_be_raised_once_every_host_knows_them() -> None:
    assert not examine(rules_cases.knowing(2, 1, upstream("up3", health=health(rules=1))))
    assert not examine(rules_cases.knowing(2, 0)), "it is not told which are in force"
    silent = upstream("up3", health=None)
    codes = {one.code for one in examine(rules_cases.knowing(2, 1, silent))}
    assert "rules-to-raise" not in codes


@pytest.mark.parametrize(
    ("left_s", "case", "level"), [(1, "timed", WARNING), (0, "", CRITICAL), (-9, "", CRITICAL)]
)
def test_what_an_emergency_licence_has_left_is_said_while_it_has_any(left_s, case, level) -> None:
    found = {one.code: one for one in examine(role_cases.emergency(usage_ends_s=NOW_S + left_s))}
    assert found["emergency-licence"].case == case
    assert found["usage-period"].severity == level
    assert judge(role_cases.emergency())[:2] == (
        "degraded",
        "emergency licence 100001:10#4 is in use",
    )


def test_a_client_is_told_that_an_emergency_licence_is_used_as_well() -> None:
    (found,) = examine(as_told_to_a_client(role_cases.emergency()))
    assert found.cause == "emergency-licence/100001:10#4"
