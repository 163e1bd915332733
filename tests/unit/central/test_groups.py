"""A group in one go, the vendors' side: over the network and by hand; strangers, repeats, races."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from secrets import token_bytes

import pytest

from appliance.adapters.container_home import ContainerHome
from appliance.codec.group_files import (
    REQUEST_BYTES_MAX,
    GroupAnswer,
    build_group_receipt,
    build_group_request,
    read_group_answer,
)
from appliance.codec.request_files import Purpose, Wanted, firm_audience
from appliance.codec.ticket_codes import Chosen, order_of, ticket_mark
from appliance.services.central import CentralRefused, LicenseCentral, Options
from appliance.services.central.groups import answer_by_hand, confirm_by_hand
from tests.unit.central.asking import (
    FIRM_A,
    FIRM_B,
    all_by_hand,
    containers,
    held_by,
    rows,
    sell,
)

LINES = ((10, Options.of(quantity=20)), (20, Options()))


@pytest.fixture
def homes(tmp_path, central) -> list[ContainerHome]:
    return containers(tmp_path, central, 1, 2, 3)


@pytest.fixture
def others(tmp_path, central) -> list[ContainerHome]:
    return containers(tmp_path, central, 4, 5, 6)


def carried(code: str, homes: Sequence[ContainerHome], chosen: Chosen = ()) -> bytes:
    """A group request file that shows a ticket and is carried by hand."""
    requests = []
    number = token_bytes(16)
    for home in homes:
        order, held = order_of(code, chosen), held_by(home)
        wanted = Wanted(Purpose.ACTIVATE, firm_audience(FIRM_A), number, order, held)
        requests.append(home.request(wanted))
    return build_group_request(tuple(requests), ticket_mark(code), chosen)


def answered(central: LicenseCentral, data: bytes) -> GroupAnswer:
    return read_group_answer(answer_by_hand(central, data))


def take(homes: Sequence[ContainerHome], answer: GroupAnswer) -> list[list[tuple[int, int, int]]]:
    """Each container imports its file; gives what each holds."""
    for home, update in zip(homes, answer.updates, strict=True):
        home.import_update(update)
    return [
        [(one.product_code, one.tmr_id, one.quantity) for one in home.firms()[0].items]
        for home in homes
    ]


def test_several_lines_are_one_update_for_each(central, net, homes, others):
    code = sell(central, *LINES)
    first = net.activate(code, homes, ((1, 5), (2, 0)))
    assert take(homes, first) == [[(10, 1, 5), (20, 2, 1)]] * 3
    assert net.activate(code, homes, ((1, 5), (2, 0))).updates == ()
    assert take(others, net.activate(code, others)) == [[(10, 3, 15)]] * 3
    with pytest.raises(CentralRefused, match="other containers"):
        net.activate(code, homes, ((1, 6),))
    (sold,) = central.firm(FIRM_A).tickets()
    assert [(one.line, one.quantity, one.tmr_id) for one in sold.uses] == [
        *((1, 5, 1), (2, 1, 2), (1, 15, 3)),
    ]


def test_by_hand_with_one_answer_and_one_receipt(central, homes):
    code = sell(central, *LINES)
    asked = carried(code, homes)
    assert code.encode() not in asked, "whoever reads the file does not have the ticket"
    first = answer_by_hand(central, asked)
    once = rows(central)
    assert answer_by_hand(central, asked) == first and rows(central) == once, "shown once more"
    take(homes, read_group_answer(first))
    receipt = build_group_receipt(tuple(home.receipt(FIRM_A) for home in homes))
    serials = tuple(home.serial for home in homes)
    assert confirm_by_hand(central, receipt) == confirm_by_hand(central, receipt) == serials
    assert set(central.firm(FIRM_A).confirmed(serials).values()) == {1}
    # A new request of the same wish gets nothing more, and nothing that was had.
    assert answered(central, carried(code, homes)).updates == ()


def test_what_a_group_lacks_comes_by_hand_too(central, homes):
    central.issue(FIRM_A, 10, all_by_hand(homes, FIRM_A), order="PO 4711")
    central.change(FIRM_A, 1, Options.of(quantity=7))

    def asked(firm: int) -> bytes:
        wanted = Wanted(Purpose.UPDATE, firm_audience(firm), token_bytes(16))
        return build_group_request(
            tuple(one.request(wanted._replace(held=held_by(one))) for one in homes)
        )

    assert take(homes, answered(central, asked(FIRM_A))) == [[(10, 1, 7)]] * 3
    assert (
        answered(central, asked(FIRM_A)).updates == answered(central, asked(FIRM_B)).updates == ()
    )
    with pytest.raises(CentralRefused, match="no firm here"):
        answer_by_hand(central, asked(5))
    with pytest.raises(CentralRefused, match="tmr central issue"):
        answer_by_hand(central, build_group_request(tuple(all_by_hand(homes, FIRM_A))))


def test_two_groups_that_use_a_line_at_once_get_it_once(central, net, homes, others):
    code = sell(central)
    groups = (homes, others)
    shown = [net.shown(code, group) for group in groups]
    ready = threading.Barrier(2)
    done: list[tuple[bytes, ...]] = []
    refused: list[str] = []

    def show(data: bytes) -> None:
        ready.wait()
        try:
            done.append(read_group_answer(net.transfers.activate(code, data)).updates)
        except CentralRefused as no:
            refused.append(no.detail)

    threads = [threading.Thread(target=show, args=(one,)) for one in shown]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [len(one) for one in done] == [3]
    assert ["used by other containers" in one for one in refused] == [True]
    (sold,) = central.firm(FIRM_A).tickets()
    assert [one.quantity for one in sold.uses] == [10]
    assert len(central.root.containers) == 3, "who got nothing was not activated"


def test_files_that_were_changed_copied_or_put_together_get_nothing(
    tmp_path, central, net, homes, others
):
    code, foreign = sell(central, *LINES), sell(central)
    mine, theirs = carried(code, homes, ((1, 5),)), carried(foreign, others)
    fields, other = json.loads(mine), json.loads(theirs)
    net.activate(sell(central, firm=FIRM_B), others)
    replaced = containers(tmp_path, central, 9)
    state = rows(central)

    def changed(**values: object) -> bytes:
        return json.dumps(fields | values).encode()

    requests = fields["requests"]
    for data, said in (
        (changed(chosen=[[1, 20]]), "other lines of it"),
        (changed(chosen=[]), "other lines of it"),
        (changed(ticket=other["ticket"]), "other lines of it|another ticket"),
        (changed(requests=other["requests"]), "another ticket"),
        (changed(requests=[*requests[:2], other["requests"][0]]), "another ticket"),
        (changed(requests=[*requests[:2], requests[0]]), "given twice"),
        (changed(requests=requests[:2]), "2 requests were given"),
        (changed(requests=[*requests, requests[0]]), "4 requests"),
        (changed(requests=[]), "0 requests"),
        (carried(code, [*homes[:2], others[0]]), "never takes a fourth|is new"),
        (carried(code, [*others[:2], *replaced]), "never takes a fourth"),
        (changed(typ="tmr-group-request-0"), "not 'tmr-group-request-1'"),
        (changed(typ="tmr-group-answer-1"), "not 'tmr-group-request-1'"),
        (changed(ticket=""), "not sold here"),
        (changed(ticket="AAAA"), "in their form"),
        (changed(chosen=[[2, 0], [1, 0]]), "in their form"),
        (changed(more=1), "unknown field"),
        (mine[:-40], "truncated"),
        (b"", "truncated"),
        (b" " * (REQUEST_BYTES_MAX + 1), "bytes long"),
        (mine.replace(b'"typ"', b'"ticket":"","typ"', 1), "twice"),
        (net.shown(code, homes), "shows no ticket to firm 600100"),
    ):
        with pytest.raises(CentralRefused, match=said):
            answer_by_hand(central, data)
    with pytest.raises(CentralRefused, match="which is not this License Central"):
        net.transfers.activate(code, mine)
    for receipt in (build_group_receipt((homes[0].request(),)), mine, b""):
        with pytest.raises(CentralRefused):
            confirm_by_hand(central, receipt)
    assert rows(central) == state
    # In another order, and through a mail program, it is the same file.
    wrapped = b"\r\n".join(mine[at : at + 70] for at in range(0, len(mine), 70))
    assert len(answered(central, wrapped).updates) == 3
    assert len(answered(central, changed(requests=requests[::-1])).updates) == 3
    fresh = json.loads(carried(code, homes, ((1, 5),)))["requests"]
    with pytest.raises(CentralRefused, match="put together from several files"):
        answer_by_hand(central, changed(requests=[*requests[:2], fresh[2]]))


def test_over_the_network_all_three_answer_one_challenge(central, net, homes):
    code = sell(central)
    asked = [one.request(net.wanted(Purpose.ACTIVATE, order_of(code, ()))) for one in homes]
    with pytest.raises(CentralRefused, match="several challenges"):
        net.transfers.activate(code, build_group_request(tuple(asked), ticket_mark(code)))
    shown = net.shown(code, homes)
    net.transfers.activate(code, shown)
    with pytest.raises(CentralRefused, match="used already"):
        net.transfers.activate(code, shown)
