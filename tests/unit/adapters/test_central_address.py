"""Where License Central may be."""

from __future__ import annotations

import pytest

from appliance.adapters.central_client import CentralClient


@pytest.mark.parametrize(
    "url",
    ["http://central.example", "https://", "central.example", "https://a/?b=c", "https://a/#b"],
)
def test_only_an_https_address_is_one(url):
    with pytest.raises(ValueError, match="no address such as"):
        CentralClient(url)
