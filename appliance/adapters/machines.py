"""The licence machine as every host runs it: all that a vendor signs is read under one root."""

from __future__ import annotations

import functools

from appliance.adapters.signatures import verify_store
from appliance.codec.binding_statements import read_binding
from appliance.codec.block_list import read_block_list
from appliance.codec.certified_statements import read_statement
from appliance.codec.licence_files import read_update, rules_of_update
from appliance.ledger.certificates.proofs import head_reader, proof_reader
from appliance.licences.machine import Machine
from appliance.licences.members import STORES


def machine_of(root: bytes, stores: int = STORES) -> Machine:
    """A machine that believes this licence root (certificate, DER), for ledgers of so many stores.

    Whoever replays a log needs all of its readers: with one of them missing, a block list, a
    certified time or a replaced store has no effect, and every later outcome may be another.
    """
    return Machine(
        functools.partial(read_update, root=root),
        functools.partial(read_block_list, root=root),
        functools.partial(read_statement, root=root),
        proof_reader(verify_store),
        verify_store,
        rules_of_update,
        binding=functools.partial(read_binding, root=root),
        stores=stores,
        seen=head_reader(verify_store),
    )
