"""What is sent and stored is told apart by tags of its own, not by the names of our classes."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import msgspec
import pytest

from appliance.codec.container_orders import ContainerAnswer, ContainerOrder
from appliance.codec.reports import Report, ReportRequest
from appliance.ledger.messages import AnyMessage, EntryBody
from appliance.licences.commands import AnyCommand
from tests.unit.samples import structs_in

LISTED = Path(__file__).with_name("formats.txt")
MESSAGES: tuple[type[msgspec.Struct], ...] = (
    *typing.get_args(AnyMessage),
    *(ReportRequest, Report, ContainerOrder, ContainerAnswer),
)
COMMANDS: tuple[type[msgspec.Struct], ...] = typing.get_args(AnyCommand)


def line(kind: type[msgspec.Struct]) -> str:
    """One line of the list: by what it is known, and its fields in their order."""
    config = kind.__struct_config__
    fields = kind.__struct_encode_fields__
    known = config.tag or f"  {kind.__name__}"
    return f"{known}({', '.join(fields)})"


def listing() -> str:
    """All that is sent between hosts and stored in the ledger."""
    parts = {kind for top in (*MESSAGES, *COMMANDS, EntryBody) for kind in structs_in(top)}
    inner = sorted(line(kind) for kind in parts if not kind.__struct_config__.tag)
    return "\n".join(
        [
            "messages",
            *sorted(map(line, MESSAGES)),
            "",
            "commands",
            *sorted(map(line, COMMANDS)),
            "",
            "within them",
            *inner,
            "",
        ]
    )


@pytest.mark.parametrize("kinds", [MESSAGES, COMMANDS], ids=["messages", "commands"])
def test_every_tag_is_a_word_of_its_own(kinds: tuple[type[msgspec.Struct], ...]) -> None:
    tags = [kind.__struct_config__.tag for kind in kinds]
    assert len(set(tags)) == len(kinds)
    for kind, tag in zip(kinds, tags, strict=True):
        assert re.fullmatch("[a-z]+(-[a-z]+)*", str(tag)), f"{kind.__name__} needs a tag of its own"


def test_what_is_sent_and_stored_is_what_is_listed() -> None:
    """A change of this list changes FORMATS (appliance/__init__.py), unless a field at the end of a
    report has a default: hosts of two releases work together while a system is upgraded."""
    assert LISTED.read_text("utf-8") == listing()
