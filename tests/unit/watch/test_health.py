"""One list and one scale: the program's, and the one in docs/health.md; and the verdict from it."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from appliance.codec.api import LicencesDocument
from appliance.codec.health_documents import PutBackDocument
from appliance.details import Detail
from appliance.watch.facts import Finding, found
from appliance.watch.problems import CRITICAL, LEVELS, NOTICE, PROBLEMS, SEVERITIES, WARNING
from appliance.watch.verdict import WORDS, judge, summed_up
from appliance.watch.words import remedy, what
from tests.unit.watch.facts_world import (
    facts,
    health,
    hosts_as,
    licence,
    seen_with,
    tmr_host,
    twin_states,
    upstream,
)

PAGE = Path(__file__).parents[3] / "docs" / "health.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| ([a-z, ]+) \| (.+) \| (.+) \|$", re.MULTILINE)


def test_the_page_lists_each_problem_with_its_levels_meaning_and_remedy():
    rows = ROW.findall(PAGE.read_text("utf-8"))
    assert {code: tuple(levels.split(", ")) for code, levels, _, _ in rows} == LEVELS
    assert len(rows) == len(LEVELS)
    assert all(meaning.strip() and remedy.strip() for _, _, meaning, remedy in rows)


def test_a_finding_has_a_known_code_a_level_of_it_and_a_case_of_it():
    for severity in SEVERITIES:
        if severity not in LEVELS["upstream-down"]:
            with pytest.raises(ValueError, match="is never"):
                found("upstream-down", severity, "up1")
    with pytest.raises(ValueError, match="is never"):
        found("whatever", WARNING)
    with pytest.raises(ValueError, match="is never"):
        found("upstream-down", WARNING, "up1", "whatever")


GONE = upstream("up2", reachable=False, health=None, report_age_s=None, phase="")
VERDICTS = [
    (facts(), "serving", "all three upstreams answer"),
    # In a lab nothing keeps the clocks right, and all is well.
    (
        seen_with(*(upstream(n, health=health(clock_synchronised=False)) for n in ("up1", "up2"))),
        "serving",
        "all three upstreams answer",
    ),
    (seen_with(GONE), "degraded", "serving on two of three: up2 does not answer"),
    (
        seen_with(upstream("up2", phase="staging")),
        "degraded",
        "serving on two of three: up2 does not take part: staging",
    ),
    (
        seen_with(upstream("up2", damage=Detail.of("odd"))),
        "degraded",
        "serving on two of three: the store of up2 takes no part",
    ),
    (
        seen_with(upstream("up2", locked="stolen")),
        "degraded",
        "the vendor blocked the container of up2",
    ),
    (
        hosts_as(tmr_host("tmr2", role="unreachable", health=None, report_age_s=None)),
        "degraded",
        "tmr2 does not answer: nobody could take over",
    ),
    (
        hosts_as(tmr_host("tmr2", role="maintenance")),
        "degraded",
        "tmr2 is in maintenance: nobody could take over",
    ),
    (
        hosts_as(tmr_host("tmr1", role="passive"), missing=("up1", "up3")),
        "down",
        "quorum lost: no answer from up1 and up3",
    ),
]


@pytest.mark.parametrize(("known", "word", "reason"), VERDICTS)
def test_the_verdict_follows_from_the_list(known, word, reason):
    found = judge(known)
    assert (found.word, found.reason) == (word, reason)
    assert word in WORDS


def test_what_cannot_be_used_is_in_the_verdict_beside_the_host_that_is_gone():
    torn = licence(
        constituents=twin_states("ok", "unreachable", "differs"),
        available=False,
        refusal="quorum-lost",
    )
    document = LicencesDocument(virtual_serial="131-1", licences=(torn,))
    found = judge(facts(*seen_with(GONE).statuses, licences=document))
    assert [one.code for one in found.findings] == ["licence-unusable", "upstream-down"]
    assert found.reason == (
        "serving on two of three: up2 does not answer; 1 more problem: see `tmr doctor`"
    )


def a_finding(code: str, level: str) -> Finding:
    """One whose values are named as their places are."""
    case, text = next(iter(PROBLEMS[code].cases.items()))
    names = {name for _, name, _, _ in string.Formatter().parse("".join(text)) if name}
    return found(code, level, "", case, **dict.fromkeys(names, "x"))


def test_a_notice_leaves_the_verdict_alone_and_anything_worse_does_not():
    for code, levels in LEVELS.items():
        for level in levels:
            word, _ = summed_up([a_finding(code, level)])
            if level == NOTICE:
                assert word == "serving", code
            elif level == CRITICAL and code in ("no-answer", "not-serving"):
                assert word == "down", code
            else:
                assert word == "degraded", code


def test_two_logs_are_named_where_nobody_serves():
    back = PutBackDocument(signed_index=57, known_by="up2")
    stuck = hosts_as(
        tmr_host("tmr1", role="passive"),
        upstreams=(upstream("up1", put_back=back), upstream("up2"), upstream("up3")),
    )
    found = judge(stuck)
    assert found.word == "down"
    assert found.reason.startswith("there are two logs, both vouched for")
    assert [one.cause for one in found.findings] == ["disk-put-back/up1", "not-serving"]
    assert all("A disk was put back" in remedy(one) for one in found.findings)


def test_many_licences_with_one_trouble_are_one_finding():
    torn = tuple(
        licence(tmr_id=number, constituents=twin_states("ok", "differs", "ok"))
        for number in range(1, 8)
    )
    (together,) = judge(
        facts(licences=LicencesDocument(virtual_serial="131-1", licences=torn))
    ).findings
    assert (together.cause, together.severity, together.others) == ("licence-twin", NOTICE, 6)
    assert what(together) == (
        "Licence 100001:10#1 (CAD) is not whole: differs: up2; 6 more have the same trouble."
    )
