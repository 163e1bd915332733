"""One throwaway CA for all tests of the client."""

from __future__ import annotations

import pytest

from tests.unit.client.fake import Certificates, make_certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """PEM files for servers on 127.0.0.1 and their clients."""
    return make_certificates(tmp_path_factory.mktemp("ca"))
