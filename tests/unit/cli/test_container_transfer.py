"""`tmr container activate|update|return`: what is asked of the upstream, and what is said of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from appliance.cli import _container_transfer
from appliance.cli.main import tmr

OPERATOR = ("--cert", "c", "--key", "k", "--ca", "a")


@pytest.fixture
def upstream(monkeypatch) -> Any:
    """An upstream that answers what it is told to; what it was asked is kept."""

    class Told:
        answer: dict[str, Any]
        asked: list[tuple[str, str, Any]]

    told = Told()
    told.answer, told.asked = {}, []

    def ask(admin, method, path, body=None, timeout_s=0.0):
        told.asked.append((method, path, json.loads(body)))
        return json.dumps(told.answer).encode()

    monkeypatch.setattr(_container_transfer, "ask", ask)
    return told


def run(*words: str, expect: int = 0) -> str:
    result = CliRunner().invoke(tmr, ["container", *words, *OPERATOR])
    assert result.exit_code == expect, result.output
    return result.output


def test_activation(upstream):
    upstream.answer = {"imported": [], "waiting_for": 2}
    assert "2 more of the three" in run("activate", "ABCDE")
    upstream.answer = {
        "imported": [[600100, 1]],
        "waiting_for": 0,
        "detail": "certified time was 8 days old and was updated first",
    }
    said = run("activate", "ABCDE")
    assert said.startswith("First of all, certified time was 8 days old")
    assert "update 1 of firm 600100" in said
    assert upstream.asked == [("POST", "/v1/container/transfer", {"ticket": "ABCDE"})] * 2


def test_update(upstream):
    upstream.answer = {"imported": [], "waiting_for": 0}
    assert "nothing new" in run("update")
    upstream.answer = {"imported": [[1, 2], [3, 4]], "waiting_for": 0}
    assert "update 2 of firm 1, update 4 of firm 3" in run("update")
    assert json.loads(run("update", "--json")) == upstream.answer
    assert {body for *_, body in ((*one[:2], str(one[2])) for one in upstream.asked)} == {"{}"}


def test_return(upstream):
    upstream.answer = {"imported": [[600100, 2]], "waiting_for": 2}
    said = run("return", "600100:10#1")
    assert "600100:10#1 is given back" in said and "tmr container update" in said
    upstream.answer["waiting_for"] = 0
    assert "still hold" not in run("return", "600100:10#1")
    licence = {"firm_code": 600100, "product_code": 10, "tmr_id": 1}
    assert [one[2] for one in upstream.asked] == [{"licence": licence}] * 2


@pytest.mark.parametrize("wrong", ["600100:10", "a:b#c", "1:2#3x", "", "１:2#3"])
def test_what_is_no_licence_is_refused(upstream, wrong):
    assert "is no licence such as" in run("return", wrong, expect=2)
    assert upstream.asked == []
