"""An upstream process whose container is shut: it says so, takes no part, and comes back."""

from __future__ import annotations

import json
import os
import signal

import pytest

from appliance.adapters.keys.shut import KeyShut
from appliance.codec.reports import Report, ReportRequest, report_reader
from appliance.codec.request_files import read_request
from appliance.errors import UserError
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import Prepare, Promise
from appliance.licences.serials import Binding
from appliance.services.settings import KeySettings
from appliance.services.upstream.user_errors import user_errors
from tests.unit.adapters.tools import MODULE, PIN, Tokens, needs_token
from tests.unit.services.upstream_world import Deployment, Upstream, eventually


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    return Deployment(tmp_path_factory.mktemp("deployment"))


def held(upstream):
    """What the upstream says of what holds its key."""
    code, answer = upstream.ask("viewer", "GET", "/v1/container")
    assert code == 200
    return json.loads(answer)["binding"]


@needs_token
def test_a_token_that_is_missing_is_named_and_the_host_comes_back_with_it(tmp_path, deployment):
    tokens = Tokens(tmp_path)
    name = tokens.new("dongle")
    (tmp_path / "pin").write_text(PIN)
    keys = KeySettings(module=str(MODULE), pin_file=tmp_path / "pin")
    made = Upstream(tmp_path, deployment, keys=keys, binding=Binding.TOKEN, token_label="dongle")
    tokens.unplug(name)
    made.start(SOFTHSM2_CONF=os.environ["SOFTHSM2_CONF"])
    links = [made.link(), made.link(make_reader=report_reader)]
    link, asking = links
    try:
        status = held(made)
        assert (status["binding"], status["kind"]) == ("token", "hardware")
        assert status["shut"]["code"] == "token-missing"
        assert status["shut"]["values"]["label"] == "'dongle'"
        code, refused = made.ask("operator", "POST", "/v1/container/request")
        assert code == 409 and b"container-shut" in refused
        link.send(Prepare(Term(1, "tmr1", 7)))
        report = asking.ask(ReportRequest(0))
        assert isinstance(report, Report) and "plug it in" in str(report.shut)
        tokens.plug_in(name)
        eventually(lambda: not held(made).get("shut"), "the token is found again")
        promise = link.ask(Prepare(Term(2, "tmr1", 8)))
        assert isinstance(promise, Promise) and promise.term.counter == 2  # the first had no answer
        code, request = made.ask("operator", "POST", "/v1/container/request")
        assert (code, read_request(request).serial) == (200, made.home.serial)
        assert PIN not in made.log
    finally:
        for one in links:
            one.close()
        made.stop(signal.SIGKILL)


def test_a_key_that_fails_meanwhile_ends_the_process_with_its_reason():
    with pytest.raises(UserError, match="plug it in"), user_errors():
        raise KeyShut("The token is gone: plug it in")
