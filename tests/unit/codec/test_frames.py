"""Frames: any chopping gives the same messages; no bytes do more than be refused."""

import re
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.codec.frames import (
    FRAME_BYTES_MAX,
    FrameReader,
    FrameRefused,
    encode_frame,
    field_at,
    kinds_of,
    link_reader,
)
from appliance.ledger.certificates.proofs import Voice
from appliance.ledger.election.terms import Term
from appliance.ledger.messages import (
    Ack,
    AnyMessage,
    Entry,
    Heartbeat,
    Message,
    Prepare,
    PreVote,
    PreVoteReply,
    Stage,
)

TERM = Term(3, "tmr1", 77)
MESSAGES: list[AnyMessage] = [
    PreVote(1),
    Heartbeat(TERM, 5, True),
    Stage(TERM, (Entry(1, TERM, b"r" * 32, b"body" * 100),)),
    PreVote(2**63 - 1),
]
STREAM = b"".join(map(encode_frame, MESSAGES))


def chunks_of(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=40))
def test_any_chunking_gives_the_same_messages(cuts):
    reader = link_reader()
    got = [message for chunk in chunks_of(STREAM, cuts) for message in reader.feed(chunk)]
    assert got == MESSAGES
    assert reader.kept_bytes == 0


def test_byte_by_byte_keeps_only_the_unfinished_frame():
    reader = link_reader()
    longest = max(len(encode_frame(message)) for message in MESSAGES)
    got = []
    for byte in STREAM:
        got += reader.feed(bytes([byte]))
        assert reader.kept_bytes < longest
    assert got == MESSAGES


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=8))
def test_random_bytes_are_refused_or_wanted_more_of(chunks):
    bound = 64
    reader = link_reader(bound)
    for chunk in chunks:
        try:
            reader.feed(chunk)
        except FrameRefused:
            break
        assert reader.kept_bytes <= bound + 4


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=1, max_size=300))
def test_random_content_of_honest_length_is_a_message_or_refused(content):
    reader = link_reader()
    frame = len(content).to_bytes(4, "big") + content
    try:
        messages = reader.feed(frame)
    except FrameRefused as refused:
        assert refused.detail
    else:
        assert len(messages) + reader.passed_over == 1


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(STREAM) - 1), st.integers(1, 255))
def test_a_flipped_byte_never_does_more_than_be_refused(position, flip):
    damaged = bytearray(STREAM)
    damaged[position] ^= flip
    try:
        link_reader(4096).feed(bytes(damaged))
    except FrameRefused as refused:
        assert refused.detail


@pytest.mark.parametrize("length", [0, 65, 2**31, 2**32 - 1])
def test_a_lying_length_is_refused_before_its_content_is_kept(length):
    reader = link_reader(64)
    with pytest.raises(FrameRefused, match=f"claims {length} bytes; allowed are 1 to 64"):
        reader.feed(length.to_bytes(4, "big"))
    assert reader.kept_bytes == 0
    # Nothing after a broken frame can be placed: even a good frame stays refused.
    with pytest.raises(FrameRefused, match=f"claims {length} bytes"):
        reader.feed(encode_frame(PreVote(1)))


def test_the_longest_frame_of_a_bound_is_read_and_sent_and_none_longer():
    frame = encode_frame(PreVote(1))
    size = len(frame) - 4
    assert link_reader(size).feed(frame) == [PreVote(1)]
    assert encode_frame(PreVote(1), size) == frame
    with pytest.raises(
        FrameRefused, match=f"A frame claims {size} bytes; allowed are 1 to {size - 1}"
    ):
        link_reader(size - 1).feed(frame)
    with pytest.raises(
        FrameRefused, match=f"A message of {size} bytes is over the bound of {size - 1}"
    ):
        encode_frame(PreVote(1), size - 1)
    assert FrameReader(msgspec.msgpack.Decoder(int), 1).feed(encode_frame(7, 1)) == [7]


def test_without_a_bound_of_ones_own_it_is_that_of_the_links():
    for reader in (link_reader, lambda: FrameReader(msgspec.msgpack.Decoder(bytes))):
        assert reader().feed(FRAME_BYTES_MAX.to_bytes(4, "big")) == []
        with pytest.raises(FrameRefused, match=f"allowed are 1 to {FRAME_BYTES_MAX}"):
            reader().feed((FRAME_BYTES_MAX + 1).to_bytes(4, "big"))


def test_an_unfinished_frame_is_not_looked_at_again_until_it_is_whole(monkeypatch):
    """Else a peer that sends byte by byte has the whole of it copied each time."""
    looked_at = []
    cut = FrameReader._cut

    def counted(self, data):
        looked_at.append(len(data))
        return cut(self, data)

    monkeypatch.setattr(FrameReader, "_cut", counted)
    frame = encode_frame(MESSAGES[2])
    reader = link_reader()
    got = [message for byte in frame * 2 for message in reader.feed(bytes([byte]))]
    assert got == [MESSAGES[2]] * 2
    assert looked_at == [1, 4, len(frame)] * 2


def test_a_length_that_lies_short_is_refused():
    content = encode_frame(Heartbeat(TERM, 5, True))[4:]
    frame = (len(content) - 1).to_bytes(4, "big") + content
    with pytest.raises(FrameRefused, match="holds no message"):
        link_reader().feed(frame)


def test_deeply_nested_content_is_refused():
    content = b"\x91" * 100_000 + b"\xc0"
    with pytest.raises(FrameRefused):
        link_reader().feed(len(content).to_bytes(4, "big") + content)


class FromTomorrow(Message, frozen=True, tag="from-tomorrow"):
    """What a later version may say."""

    text: str


def test_a_message_of_a_later_version_is_passed_over_and_what_follows_is_read():
    reader = link_reader()
    stream = encode_frame(PreVote(1)) + encode_frame(FromTomorrow("x")) + encode_frame(PreVote(2))
    got = [message for byte in stream for message in reader.feed(bytes([byte]))]
    assert got == [PreVote(1), PreVote(2)]
    assert reader.passed_over == 1
    assert reader.feed(encode_frame(FromTomorrow("y")) * 2) == []
    assert reader.passed_over == 3


@pytest.mark.parametrize(
    "content",
    [
        msgspec.msgpack.encode(["pre-vote", "no number"]),  # a known kind, and wrong
        msgspec.msgpack.encode([]),
        msgspec.msgpack.encode([7, 1]),
        msgspec.msgpack.encode({"type": "from-tomorrow"}),
        msgspec.msgpack.encode(["from-tomorrow", 1])[:-1],
        msgspec.msgpack.encode(["from-tomorrow"]) + b"x",
    ],
)
def test_what_is_no_message_is_refused_and_not_passed_over(content):
    reader = link_reader()
    with pytest.raises(FrameRefused, match="holds no message"):
        reader.feed(len(content).to_bytes(4, "big") + content)
    assert reader.passed_over == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (["pre-vote", "one"], "Expected `int`, got `str` - at PreVote.number"),
        (["pre-vote"], "Expected `array` of at least length 2, got 1"),
        ([], "Expected `array` of at least length 1, got 0"),
        (7, "Expected `array`, got `int`"),
    ],
)
def test_what_is_wrong_with_a_message_is_told_to_the_letter(content, said):
    frame = encode_frame(content)
    with pytest.raises(FrameRefused) as refused:
        link_reader().feed(frame)
    detail = f"A frame of {len(frame) - 4} bytes holds no message of this protocol: {said}."
    assert str(refused.value) == refused.value.detail == detail


class Wordless:
    """A decoder that refuses everything and says nothing."""

    def decode(self, data: bytes) -> None:
        raise ValueError


def test_without_names_of_fields_or_words_what_there_is_is_told():
    unnamed = FrameReader(msgspec.msgpack.Decoder(AnyMessage))
    with pytest.raises(FrameRefused, match=re.escape("'from-tomorrow' - at `$[0]`.")):
        unnamed.feed(encode_frame(FromTomorrow("x")))
    with pytest.raises(FrameRefused, match=r"of this protocol: ValueError\.$"):
        FrameReader(Wordless()).feed(encode_frame(1))


def test_a_reader_that_was_told_no_kinds_refuses_unknown_ones():
    reader = FrameReader(msgspec.msgpack.Decoder(AnyMessage))
    with pytest.raises(FrameRefused):
        reader.feed(encode_frame(FromTomorrow("x")))


def test_kinds_are_the_names_on_the_wire():
    assert kinds_of(PreVote) == {"pre-vote": PreVote}
    assert {"append", "ack", "promise"} < set(kinds_of(AnyMessage))
    with pytest.raises(TypeError, match=f"^{re.escape(str(Entry))} has no tag$"):
        kinds_of(Entry)


def test_a_message_over_the_bound_is_not_sent():
    with pytest.raises(FrameRefused, match="over the bound"):
        encode_frame(Stage(TERM, (Entry(1, TERM, b"", b"x" * 100),)), 64)


def test_other_unions_are_read_with_their_own_decoder():
    reader = FrameReader(msgspec.msgpack.Decoder(list[int]), 100)
    assert reader.feed(encode_frame([1, 2])) == [[1, 2]]
    with pytest.raises(FrameRefused):
        reader.feed(encode_frame(["one"]))


@pytest.mark.parametrize(
    ("message", "path", "field"),
    [
        (PreVoteReply, "", "PreVoteReply"),
        (PreVoteReply, "[1]", "PreVoteReply.number"),
        (PreVoteReply, "[4]", "PreVoteReply.hears"),
        (PreVoteReply, "[3][0]", "PreVoteReply.promised.counter"),
        (PreVoteReply, "[3][2]", "PreVoteReply.promised.nonce"),
        (Ack, "[4][0][1][1]", "Ack.endorsement.statement.term.host"),
        (Ack, "[4][1][...]", "Ack.endorsement.objections"),
        (Stage, "[2][...][1][1]", "Stage.entries.term.host"),
        # As far as it leads.
        (PreVoteReply, "[0]", "PreVoteReply"),
        (PreVoteReply, "[0][1]", "PreVoteReply"),
        (PreVoteReply, "[5]", "PreVoteReply"),
        (PreVoteReply, "[3][3]", "PreVoteReply.promised"),
        (PreVoteReply, "[1][...][2]", "PreVoteReply.number"),
        (PreVoteReply, "[...][3]", "PreVoteReply"),
    ],
)
def test_a_decoders_path_is_told_by_the_names_of_fields(message, path, field):
    assert field_at(message, path) == field


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (PreVoteReply(1, True, Term(2**63, "tmr1", 1), ""), "PreVoteReply.promised.counter"),
        (Ack(TERM, 1, b"r" * 33, None, b"", Voice(b"", b"")), "Ack.root"),
        (Stage(TERM, (Entry(1, Term(1, "x" * 65, 1), b"", b""),)), "Stage.entries.term.host"),
    ],
)
def test_a_number_or_text_out_of_range_is_refused_and_its_field_named(message, field):
    with pytest.raises(FrameRefused, match=f" - at {field}\\."):
        link_reader().feed(encode_frame(message))


def test_what_no_bytes_can_say_is_refused_and_named():
    for message in (PreVote(2**64), Prepare(Term(1, "\ud800", 1))):
        with pytest.raises(FrameRefused, match=f"A {type(message).__name__} cannot be put into"):
            encode_frame(message)
