"""What `make fuzz KEEP=1` leaves in the tree stays small, and its table knows each target."""

from __future__ import annotations

import re
import subprocess
import sys
from hashlib import sha1
from pathlib import Path

import msgspec
import pytest

from tests.fuzz import keep, seeds, signing
from tests.fuzz.clients import KINDS, answers
from tests.fuzz.keep import Places, folder, named, table, tried, with_table, within_bounds
from tests.fuzz.targets import TARGETS, check
from tests.fuzz.told import words


def digest(data: bytes) -> str:
    return sha1(data, usedforsecurity=False).hexdigest()


# --- the corpus in the tree ---


def test_the_corpus_is_within_its_bounds() -> None:
    whole = 0
    for place in keep.CORPUS.iterdir():
        sizes = [path.stat().st_size for path in place.iterdir()]
        assert len(sizes) <= keep.FILES_MAX, place.name
        assert sum(sizes) <= keep.BYTES_MAX, place.name
        whole += sum(sizes)
    assert whole <= keep.CORPUS_BYTES_MAX


def test_each_part_of_the_corpus_belongs_to_a_target() -> None:
    places = {place.name for place in keep.CORPUS.iterdir()}
    assert places <= {folder(name) for name in TARGETS}, "rename it along with its target"


def test_what_was_kept_is_what_the_fuzzer_wrote() -> None:
    """No program on its way changed line ends, for example."""
    for place in keep.CORPUS.iterdir():
        others = {path.name for path in named(place)}
        for path in place.iterdir():
            assert path.name in others or path.name == digest(path.read_bytes())


def written(place: Path, *contents: bytes) -> list[Path]:
    place.mkdir(parents=True, exist_ok=True)
    for data in contents:
        (place / digest(data)).write_bytes(data)
    return [place / digest(data) for data in contents]


def test_the_smallest_inputs_are_kept_as_far_as_there_is_room(tmp_path: Path) -> None:
    big, small, middle = written(tmp_path, b"b" * 6_000, b"s", b"m" * 5_999)
    assert within_bounds([big, small, middle], []) == [small, middle, big]
    (other,) = written(tmp_path / "others", b"o")
    assert within_bounds([big, small, middle], [other]) == [small, middle]


def test_no_more_inputs_are_kept_than_the_bound(tmp_path: Path) -> None:
    many = written(tmp_path, *(bytes([number]) for number in range(keep.FILES_MAX + 1)))
    assert len(within_bounds(many, [])) == keep.FILES_MAX
    assert len(within_bounds(many[1:], many[:1])) == keep.FILES_MAX - 1


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places("serial", tmp_path / "work", tmp_path / "kept")
    found.begin()
    return found


def test_a_merge_takes_over_what_reaches_more_and_drops_the_rest(places: Places) -> None:
    written(places.kept, b"no longer needed")
    (places.kept / "not-a-number").write_bytes(b"130-x")
    assert places.begin_merge() == [places.corpus, places.kept]
    before = {path.name for path in places.merged.iterdir()}
    assert before == {"seed-0", "named-not-a-number"}, "what these reach is reached anyway"
    (new,) = written(places.merged, b"131")
    assert places.end_merge() == (2, 0)
    assert {path.name for path in places.kept.iterdir()} == {new.name, "not-a-number"}


def test_a_merge_that_adds_nothing_makes_no_directory(places: Places) -> None:
    assert places.begin_merge() == [places.corpus]
    assert places.end_merge() == (0, 0)
    assert not places.kept.exists()


def test_seeds_of_an_older_format_are_not_begun_with(places: Places) -> None:
    (places.seeds / "seed-77").write_bytes(b"old")
    places.begin()
    assert [path.name for path in places.seeds.iterdir()] == ["seed-0"]


# --- the table ---


def test_contributing_has_a_row_for_each_target() -> None:
    text = keep.TABLE.read_text("utf-8")
    assert table(tried(text), TARGETS) in text, "run: make fuzz KEEP=1 TARGET=… RUNS=1000"


def test_inputs_are_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "CONTRIBUTING.md"
    path.write_text(f"Before.\n\n{keep.HEAD}| serial | 1 200 | 0 |\n\nAfter.\n", "utf-8")
    monkeypatch.setattr(keep, "TABLE", path)
    keep.count("serial", 34)
    keep.count("frames", 5)
    text = path.read_text("utf-8")
    assert text.startswith("Before.\n\n| target") and text.endswith("|\n\nAfter.\n")
    numbers = tried(text)
    assert (numbers["serial"], numbers["frames"], numbers["query"]) == (1_234, 5, 0)


def test_a_target_that_is_gone_loses_its_row_at_the_end_of_a_file() -> None:
    text = f"Before.\n\n{keep.HEAD}| gone | 7 | 0 |\n| serial | 8 | 0 |\n"
    assert with_table(text, tried(text), ["serial"]) == (
        f"Before.\n\n{keep.HEAD}| serial | 8 | 0 |\n"
    )


def test_what_was_found_is_what_has_a_name(tmp_path: Path) -> None:
    written(tmp_path / "serial", b"1", b"2")
    (tmp_path / "serial" / "too-long").write_bytes(b"9" * 99)
    assert table({}, ["serial"], tmp_path) == f"{keep.HEAD}| serial | 0 | 1 |\n"


# --- what native code tells ---


def test_each_kind_of_message_is_told_apart() -> None:
    told = {frozenset(words(check("messages", data))) for data in seeds.messages()}
    assert len(told) >= len(list(seeds.messages())) - 1, "the last is no message of the link"


def test_it_is_told_how_far_a_message_was_read() -> None:
    begun = msgspec.msgpack.encode(["no such kind"])
    assert set(words(check("messages", begun))) != set(words(check("messages", b"\x91")))


@pytest.mark.parametrize("one, two", [(b'"a"', b'"bcd"'), (b'{"x":7}', b'{"y":8}')])
def test_what_only_the_input_made_up_is_not_told(one: bytes, two: bytes) -> None:
    name = "request for a transfer"
    assert list(words(check(name, one))) == list(words(check(name, two)))


def test_each_kind_is_expected_of_a_server_once() -> None:
    seen = {data[1] for data in answers()}
    assert seen == set(range(len(KINDS)))


def test_the_fuzzer_counts_what_is_told() -> None:
    """By libFuzzer itself: an input that is told of in another word is one that it keeps."""
    program = """
import atheris
from tests.fuzz.told import counted
note = counted(atheris)
atheris.Setup(["fuzz", "-runs=500", "-seed=1"], lambda data: note(7 if data[:1] > b"m" else "x"))
atheris.Fuzz()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=keep.ROOT, capture_output=True, text=True, check=False
    )
    reached = re.search(r"DONE +cov: (\d+)", done.stderr)
    assert reached and int(reached[1]) == len({"int", "str"}), done.stderr


# --- what the signed ones are given ---


def test_a_signed_file_is_what_the_product_writes() -> None:
    from appliance.codec import request_files
    from tests.unit.codec import world

    (request,) = seeds.requests()
    (payload,) = seeds.request_payloads()
    key = world.CONTAINER_KEYS[1]
    assert signing.signed_file(key, request_files.REQUEST_TYPE, payload) == request


def test_a_certificate_or_list_is_what_the_root_signs() -> None:
    assert [*map(signing.issued, seeds.certificate_parts())] == [*seeds.certificates()]
    assert [*map(signing.issued, seeds.block_list_parts())] == [*seeds.block_lists()]
