"""Random bodies, headers, paths and methods: an answer that is documented, and never a 500."""

from __future__ import annotations

import base64

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.codec import api
from tests.unit.services.tmr.parts import FIRM, secret
from tests.unit.services.tmr.world import ADMIN, ALICE, OPERATOR, PRODUCT, World, run

NONCE = base64.b64encode(bytes(16)).decode()
HASH = base64.b64encode(bytes(32)).decode()
GOOD = {"firm_code": FIRM, "product_code": PRODUCT, "nonce": NONCE, "secret_hash": HASH}


def changed(**fields) -> bytes:
    return msgspec.json.encode(GOOD | fields)


BODIES = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(
        st.sampled_from(
            [*GOOD, "holder", "generation", "number", "units", "why", "host", "on", "token_hash"]
        ),
        st.one_of(
            st.integers(-(2**70), 2**70),
            st.text(max_size=20),
            st.sampled_from([NONCE, HASH, FIRM, PRODUCT, 1, 2, True, None, 1.5]),
            st.dictionaries(st.sampled_from(["user", "pid", "x"]), st.text(max_size=5)),
        ),
    ).map(msgspec.json.encode),
    st.sampled_from([changed(), changed(product_code=99)]),
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([api.SECRET_HEADER, api.DEADLINE_HEADER, "authorization", "x"]),
        st.one_of(st.binary(max_size=40), st.sampled_from([b"1000", secret()[1].encode()])),
    ),
    max_size=3,
)
TARGETS = st.one_of(
    st.sampled_from(
        [
            "/v1/leases/one",
            "/v1/leases/one?generation=5",
            "/v1/leases/one/heartbeat",
            "/v1/leases/one/units",
            "/v1/leases/cert:alice/one/release",
            "/v1/clients/someone",
            "/v1/leases",
            "/v1/licences?all=1",
            "/v1/status",
        ]
    ),
    st.text(max_size=30).map(lambda text: "/v1/leases/" + text),
)


def test_no_request_whatever_gets_a_500():
    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(
        method=st.sampled_from(["PUT", "POST", "DELETE", "GET", "PATCH"]),
        target=TARGETS,
        body=BODIES,
        headers=HEADERS,
        who=st.sampled_from([ALICE, OPERATOR, ADMIN, None]),
    )
    def attempt(method, target, body, headers, who):
        async def test(world: World) -> None:
            await world.check_out()
            encoded = target.encode("utf-8", "surrogatepass").decode("latin-1")
            reply = await world.call(method, encoded, body, headers=headers, who=who)
            assert 200 <= reply.status < 600 and reply.status != 500
            assert reply.status < 400 or reply.reason

        run(test)

    attempt()
