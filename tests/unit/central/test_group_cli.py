"""`tmr central ticket`, `answer` and `receipt`, as they are typed."""

from __future__ import annotations

import json

from appliance.codec.group_files import build_group_receipt, build_group_request, read_group_answer
from tests.unit.central.asking import FIRM_A, ORDER, all_by_hand
from tests.unit.central.test_central_cli import homes, invoke, run
from tests.unit.central.test_groups import carried

__all__ = ["homes", "invoke", "run"]


def test_tickets_are_sold_and_listed_line_by_line(run, homes):
    code = run("ticket", "add", "--firm", "600100", "--product", "10", "--quantity", "3").strip()
    (shown,) = json.loads(run("ticket", "list", "--json"))["tickets"]
    line = {"line": 1, "product_code": 10, "quantity": 3, "whole": False, "left": 3}
    assert shown == {
        **{"ticket": code, "firm_code": 600100, "state": "open"},
        "lines": [{**line, "state": "open", "licences": []}],
    }
    assert "no product 99" in run("ticket", "add", "--firm", "600100", "--product", "99", expect=1)
    lines = ("--line", "10 --quantity 5 --text 'Press control'", "--line", "10 --units 500")
    more = json.loads(run("ticket", "add", "--firm", "600100", *lines, "--json"))["ticket"]
    (found,) = json.loads(run("ticket", "list", "--after", code, "--json"))["tickets"]
    assert found["ticket"] == more
    assert [(one["quantity"], one["whole"]) for one in found["lines"]] == [(5, False), (10, True)]
    for wrong in (
        ("--product", "10", *lines),
        ("--quantity", "5", *lines),
        ("--line", "10 --seats 5"),
        ("--line", "press"),
        ("--line", "10 --text 'open"),
        (),
    ):
        run("ticket", "add", "--firm", "600100", *wrong, expect=2)
    assert json.loads(run("returns", "--json")) == {"returns": [], "put_back": []}


def test_a_group_is_answered_and_its_receipt_is_taken_in(run, homes, tmp_path):
    code = run("ticket", "add", "--firm", "600100", "--product", "10", "--quantity", "3").strip()
    asked, answer, receipt = (tmp_path / name for name in ("asked", "answer", "receipt"))
    asked.write_bytes(carried(code, homes, ((1, 2),)))
    assert "Answer with 3 updates" in run("answer", str(asked), "--out", str(answer))
    first = answer.read_bytes()
    done = json.loads(run("answer", str(asked), "--out", str(answer), "--json"))
    assert done == {"file": str(answer), "updates": 3, "more": False}
    assert answer.read_bytes() == first, "the same once more"
    for home, update in zip(homes, read_group_answer(first).updates, strict=True):
        home.import_update(update)
    receipt.write_bytes(build_group_receipt(tuple(one.receipt(FIRM_A) for one in homes)))
    said = run("receipt", str(receipt))
    assert all(home.serial in said for home in homes)
    asked.write_bytes(carried(code, homes, ((1, 2),)))
    assert "have all that was issued" in run("answer", str(asked), "--out", str(answer))
    (sold,) = json.loads(run("ticket", "list", "--json"))["tickets"]
    (line,) = sold["lines"]
    assert (sold["state"], line["left"]) == ("in part", 1)
    assert [(one["tmr_id"], one["quantity"]) for one in line["licences"]] == [(1, 2)]
    assert "#1 (2)" in run("ticket", "list")
    for verb, file, said in (
        (("answer",), receipt, "not 'tmr-group-request-1'"),
        (("receipt",), asked, "not 'tmr-group-receipt-1'"),
    ):
        out = ("--out", str(answer)) if verb == ("answer",) else ()
        assert said in run(*verb, str(file), *out, expect=1)
    assert "cannot be written" in run(
        "answer", str(asked), "--out", str(tmp_path / "none" / "a"), expect=1
    )


def test_an_order_is_issued_to_the_three_of_one_file(run, homes, tmp_path):
    asked = tmp_path / "asked"
    asked.write_bytes(build_group_request(tuple(all_by_hand(homes, FIRM_A))))
    issue = ("issue", "--firm", "600100", "--product", "10", "--out", str(tmp_path / "out"))
    done = json.loads(run(*issue, "--order", ORDER, str(asked), "--json"))
    assert len(done["updates"]) == 3
    asked.write_bytes(asked.read_bytes()[:-50])
    assert "truncated" in run(*issue, "--order", ORDER, str(asked), expect=1)
