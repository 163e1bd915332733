"""Every row of the table of options: its bounds, and that nobody who shows licences leaves it out.

The monitor's part stands in tests/gui/test_licence_options.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from appliance.cli._option_columns import OWN_COLUMNS, SHOWN, options_column
from appliance.cli.licences import table
from appliance.cli.main import tmr
from appliance.codec.api import LicenceDocument
from appliance.codec.licence_files import check_item
from appliance.licences import commands as c
from appliance.licences import reasons
from appliance.licences.bounds import DURATION_S_MAX
from appliance.licences.item import DEFAULTS, OPTION_NAMES, ItemOptions, options_of
from appliance.licences.model import ProductItem
from appliance.licences.modes import MODES
from appliance.licences.options import FIELDS, OPTIONS, activation, needs_rules, shown, usage_period
from appliance.licences.options.row import Field, Kind, Option
from appliance.licences.refusals import UpdateRefused
from appliance.licences.serials import Binding
from appliance.services.central.options import Options, Product
from appliance.services.tmr import metrics
from appliance.services.tmr.licence_lists import Seen, licences
from appliance.services.upstream.documents import OwnLicenceDocument, container_document
from appliance.watch.checks import examine
from tests.unit.licences.builders import (
    FIRM,
    PRODUCT,
    Desk,
    check_out,
    founded,
    import_of,
    product,
    update_of,
)
from tests.unit.licences.option_samples import DAY_S, sampled
from tests.unit.watch.facts_world import facts, status

ROOT = Path(__file__).parents[3]
SECONDS_FAR = 3_000 * DAY_S
"""By then everything has ended that a sample lets end."""
options = pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name.en)
fields = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.field)


def refused(item: ProductItem) -> tuple[str, str]:
    """What the vendor's tool and the machine say against this item."""
    with pytest.raises(UpdateRefused) as told:
        check_item(item)
    outcome = founded(twins=()).do(import_of(update_of(1, item)))
    assert outcome.reason == reasons.UPDATE_REFUSED
    return told.value.detail, outcome.detail


def test_the_table_has_each_field_once() -> None:
    assert sorted(field.field for field in FIELDS) == sorted(OPTION_NAMES)
    assert len({option.name for option in OPTIONS}) == len(OPTIONS)
    assert len({field.flag for field in FIELDS}) == len(FIELDS)


@options
def test_what_lets_a_licence_rest_has_words_for_people(option: Option) -> None:
    rests = option.refuses is not None or option.at is not None
    assert rests == (option.reason is not None) == bool(option.rests and option.why)
    if option.reason is not None:
        row = reasons.ROWS[option.reason.word]
        assert (row.status, row.uses_number, row.no_licence) == (403, True, True)
    assert all(option.name) and all(option.why or "")


def values_of(field: Field) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Values that just fit, and such that just do not."""
    if field.kind is Kind.TEXT:
        return ("x" * field.most,), ("x" * (field.most + 1),)
    if field.kind is Kind.DATE:
        return ("2026-09-01", "2026-12-31"), ("1.9.2026", "2026-13-01", "")
    if field.kind is Kind.MODES:
        return (MODES, MODES[1:], ("exclusive",)), ((), MODES[::-1], ("user-limit", "all"))
    if field.kind is Kind.WORD:
        return field.words, ("", "no such word", field.words[0].upper())
    return (field.least or 1, field.most), (field.least - 1, field.most + 1)


@fields
def test_the_vendors_tools_and_the_machine_refuse_the_same_values(field: Field) -> None:
    """They had bounds of their own once, and a feature map passed one and not the other."""
    fitting, others = values_of(field)
    # No linger time is longer, and there is something to reset.
    patient = product(lease_ttl_s=DURATION_S_MAX, usage_period_s=DURATION_S_MAX)
    for value in fitting:
        item = msgspec.structs.replace(patient, **{field.field: value})
        check_item(item)
        assert founded(twins=()).do(import_of(update_of(1, item))).ok
    for value in others:
        item = msgspec.structs.replace(product(), **{field.field: value})
        assert all(field.name in said for said in refused(item))


@pytest.mark.parametrize("code", ["product_code", "tmr_id"])
def test_so_they_do_of_the_codes(code: str) -> None:
    for value in (-1, 2**32):
        item = msgspec.structs.replace(product(), **{code: value})
        name = "TMR-ID" if code == "tmr_id" else "product code"
        assert all(name in said for said in refused(item))


@options
def test_what_an_item_needs_of_the_rules(option: Option) -> None:
    assert needs_rules(product()) == 1
    assert needs_rules(sampled(option)) == option.since


@options
def test_it_travels_in_every_document(option: Option) -> None:
    """The upstream's document lacked three of them once."""
    item = sampled(option)
    state = founded(item).state
    shown_to_clients = licences(state, Seen((), {})).licences[0]
    firm = update_of(1, item).firm
    content: Any = SimpleNamespace(
        locked="", block_list=SimpleNamespace(number=0), cmact_id="A", twin=1, firms=(firm,)
    )
    clock: Any = SimpleNamespace(system_ms=lambda: 0, box_ms=0, certified_ms=None)
    bound: Any = SimpleNamespace(binding=Binding.FILE, shut="", changes=(), compared=None)
    container: Any = SimpleNamespace(serial="130-1", content=content, bound=bound)
    shown_by_upstream = container_document(container, clock).licences[0]
    made = Product(product_code=10, **options_of(item)).item(1, Options())
    for document in (shown_to_clients, shown_by_upstream, made):
        assert options_of(document) == options_of(item)
        wire = json.loads(msgspec.json.encode(document))
        for field in option.fields:
            assert wire[field.field] == json.loads(msgspec.json.encode(getattr(item, field.field)))


def test_a_document_says_each_option_even_if_it_is_not_set() -> None:
    for kind in (LicenceDocument, OwnLicenceDocument):
        assert issubclass(kind, ItemOptions)
        assert not kind.__struct_config__.omit_defaults


@options
def test_a_vendor_may_set_it_on_the_command_line(option: Option) -> None:
    for verb in (("product", "add"), ("issue",), ("change",), ("ticket", "add")):
        text = CliRunner().invoke(tmr, ["central", *verb, "--help"], terminal_width=200).output
        for field in option.fields:
            assert field.flag in text and field.help.split(",")[0] in text


@options
def test_the_command_lines_tables_show_it(option: Option) -> None:
    item = sampled(option)
    name = option.fields[0].field
    head, cells = options_column([product(), item])
    if name in OWN_COLUMNS:
        assert (head, cells) == ((), [(), ()])
        return
    assert head == ("options",)
    assert cells == [(None,), (", ".join(shown(item, SHOWN, OWN_COLUMNS)),)]
    assert f"{option.name.en} {option.shown(item, SHOWN)}" in str(cells[1][0])


@options
def test_tmr_licences_shows_it(option: Option) -> None:
    def shown_of(item: ProductItem) -> object:
        return table(licences(founded(item).state, Seen((), {})))

    assert shown_of(sampled(option)) != shown_of(product(quantity=1))


def made_to_rest(option: Option) -> Desk:
    """A licence that rests by this option alone, if it can without anybody's wish."""
    desk = founded(sampled(option))
    if option is usage_period.OPTION:
        assert desk.do(check_out()).ok
    if option is not activation.OPTION:
        desk.now_ms += SECONDS_FAR * 1000
    desk.do(c.Tick())
    return desk


@options
def test_what_lets_a_licence_rest_is_told_everywhere(option: Option) -> None:
    """Metrics say that it cannot be used, a problem says why: to `tmr status` and `tmr doctor`, the
    alerts, the metric of problems and the monitor, which all go by it. `containers` was in none."""
    desk = made_to_rest(option)
    document = licences(desk.state, Seen(set(desk.state.containers), {}))
    (one,) = document.licences
    assert one.refusal in ("", option.reason.word if option.reason is not None else "")
    assert one.available == (not one.refusal)
    found = [finding.cause for finding in examine(facts(licences=document))]
    number = f"{one.firm_code}:{one.product_code}#{one.tmr_id}"
    if one.refusal and option is not activation.OPTION:  # whoever waits for a day knows of it
        assert [cause.partition("/")[2] for cause in found] == [number]
    else:
        assert found == []


def test_an_emergency_licence_in_use_is_told_everywhere() -> None:
    """With the time that is left: in `tmr licences`, in the metrics, and as a problem."""
    desk = founded(product(role="emergency", usage_period_s=7 * DAY_S))
    assert desk.do(check_out()).ok
    document = licences(desk.state, Seen(set(desk.state.containers), {}))
    ends_s = desk.now_ms // 1000 + 7 * DAY_S
    columns, ((*cells,),) = table(document)
    assert "emergency" in str(cells[columns.index("options")])
    assert "7 d left" in str(cells[columns.index("usage period")])
    seen = metrics.Scrape(status(), document.licences)
    gauges = {one.name: dict(one.read(seen)) for one in metrics.READINGS}
    labels = (str(FIRM), str(PRODUCT), "1")
    assert gauges["tmr_licence_usage_ends_timestamp_seconds"] == {labels: ends_s}
    assert gauges["tmr_licence_seats_in_use"][labels] == 1
    told = {one.code: one for one in examine(facts(licences=document))}
    assert told["emergency-licence"].values["left_s"] == 7 * DAY_S
    assert told["emergency-licence"].severity == "warning"


def test_what_is_not_set_is_not_shown() -> None:
    assert list(shown(DEFAULTS, SHOWN)) == []


def test_a_ticket_holds_options_and_nothing_else() -> None:
    assert Options.of(quantity=3, units=None).applied_to(product(units=5)).units is None
    for values in ({"seats": 3}, {"quantity": "three"}, {"quantity": None}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"values": values}, Options)


def test_the_page_of_the_options_is_written_from_the_table() -> None:
    script = str(ROOT / "scripts" / "options-reference")
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
