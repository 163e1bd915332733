"""The document of access rules: what is accepted, what is refused and where, what is written."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.codec.access.document import (
    DOCUMENT_BYTES_MAX,
    AccessFault,
    read_document,
    write_document,
)
from appliance.codec.access.naming import document_of, form_of, names_in
from appliance.codec.access.places import places_in
from appliance.codec.api_access import AccessGroup, AccessRule, AccessSet, NamedRules
from appliance.licences.access.form import why_not
from appliance.licences.names import tag_of

GOOD = """\
version = 12
# Who may press.
[groups]
design = ["user:ada", "user:Grace Hopper", "host:cad1", "cert:press7"]

[[set]]
default = "allow"
[[set.rule]]
deny = ["user:eve"]

[[set]]
firm = 6000010
product = 1
default = "deny"
[[set.rule]]
deny = ["network:10.1.2.0/24"]
[[set.rule]]
allow = ["group:design", "network:10.1.0.0/16", "address:192.0.2.7", "network:2001:db8::/32"]
[[set.rule]]
reserve = 3
for = ["group:design"]
[[set.rule]]
max = 5
"""


def tag(name: str) -> bytes:
    return tag_of(b"k" * 32, name)


def test_a_good_document_is_read_with_its_lines():
    text = read_document(GOOD.encode())
    assert (text.version, text.warnings) == (12, ())
    everything, product = text.rules.sets
    assert (everything.firm_code, everything.product_code) == (None, None)
    assert [(rule.action, rule.seats, rule.line, rule.column) for rule in product.rules] == [
        ("deny", 0, 15, 1),
        ("allow", 0, 17, 1),
        ("reserve", 3, 19, 1),
        ("max", 5, 22, 1),
    ]
    form = form_of(text.rules, tag)
    assert why_not(form) == ""
    assert names_in(text.rules) == {"ada", "Grace Hopper", "cad1", "eve"}


def fault(text: str | bytes) -> tuple[int, int, str]:
    with pytest.raises(AccessFault) as caught:
        read_document(text.encode() if isinstance(text, str) else text)
    return caught.value.line, caught.value.column, caught.value.what


SET = "[[set]]\n[[set.rule]]\n"
BAD = [
    ("colour = 1", 1, 1, "'colour' is not known here; there are version, groups, set"),
    ("[[set]]\nfirm = 1\n colour = 2", 3, 2, "'colour' is not known here"),
    (SET + 'deny = "everyone"\nfor = ["user:a"]', 4, 1, "'for' is not known here; there are deny"),
    ("[[set]]\nfirm = ", 2, 8, "Invalid value"),
    (SET + 'deny = ["group:gone"]', 3, 9, "there is no group 'gone'"),
    (SET + 'deny = ["user:a",\n  "everyone"]', 4, 3, "everyone stands alone"),
    (SET + "deny = []", 3, 1, "this names nobody"),
    (SET + 'deny = "user:a"', 3, 1, "subjects are a list"),
    (SET + "deny = [7]", 3, 9, "a subject is a text"),
    (SET + 'deny = ["ada"]', 3, 9, "'ada' is no subject: it begins with cert:"),
    (SET + 'deny = ["user:"]', 3, 9, "'user:' is no subject"),
    (SET + 'deny = ["user:a", "user:A"]', 3, 19, "'user:A' is named twice"),
    (SET + 'deny = ["user:a\\u0000b"]', 3, 9, "holds U+0000, which nobody sees"),
    (SET + 'deny = ["user:a\\u202Eb"]', 3, 9, "holds U+202E, which nobody sees"),
    (SET + 'deny = ["user: a"]', 3, 9, "begins or ends with a space"),
    (SET + f'deny = ["user:{"a" * 257}"]', 3, 9, "1 to 256 characters"),
    (SET + 'deny = ["network:10.1.2.3/24"]', 3, 9, "has host bits set"),
    (SET + 'deny = ["network:10.1.2.0/33"]', 3, 9, "is no network"),
    (SET + 'deny = ["address:localhost"]', 3, 9, "is no address"),
    (SET + 'deny = ["network:2001:db8::/80"]', 3, 9, "only the first 64 bits"),
    (
        SET + 'deny = ["network:10.1.2.0/24", "network:10.1.0.0/16"]',
        *(3, 9, "'10.1.2.0/24' lies within '10.1.0.0/16': name the wider one alone"),
    ),
    (
        SET + 'deny = ["network:10.0.0.0/8"]\n[[set.rule]]\nallow = ["address:10.1.2.3"]',
        *(5, 10, "'10.1.2.3' lies within '10.0.0.0/8' of line 2, which decides before"),
    ),
    (SET + "reserve = 3", 2, 1, "seats are reserved for somebody: add for"),
    (SET + 'reserve = 0\nfor = ["user:a"]', 3, 1, "reserve is a number from 1"),
    (SET + 'max = "5"', 3, 1, "max is a number from 0"),
    (SET + "max = true", 3, 1, "max is a number from 0"),
    (SET + 'deny = "everyone"\nallow = "everyone"', 2, 1, "a rule has one of allow, deny,"),
    (SET, 2, 1, "and this has 0"),
    ('[[set]]\ndefault = "maybe"', 2, 1, 'default is "allow" or "deny"'),
    ("[[set]]\nproduct = 1", 2, 1, "a product is a firm's"),
    ("[[set]]\nfirm = 1\n[[set]]\nfirm = 1", 3, 1, "there is a set for the same before it"),
    ("[[set]]\nfirm = -1", 2, 1, "firm is a number from 0"),
    ("set = 1", 1, 1, "a set begins with [[set]]"),
    ("set = [1]", 1, 8, "a set is a table"),
    ("groups = 1", 1, 1, "groups are a table"),
    ('[groups]\na = ["group:b"]', 2, 6, "a group holds no group"),
    ('[groups]\n"a\\u0001" = ["user:b"]', 2, 1, "holds U+0001"),
    (b"[[set]]\n\xff", 2, 1, "this is not UTF-8"),
    ("[[set]]\n\x00", 2, 1, "Invalid"),
    (b"#" * DOCUMENT_BYTES_MAX, 1, 1, "not under a megabyte"),
    ("a = " + "[" * 100_000, 1, 100_005, "the document is nested too deeply"),
]


@pytest.mark.parametrize(("text", "line", "column", "said"), BAD, ids=range(len(BAD)))
def test_a_fault_is_named_with_line_and_column(
    text: str | bytes, line: int, column: int, said: str
):
    told = fault(text)
    assert told[:2] == (line, column)
    assert said in told[2]


def test_what_is_never_reached_is_worth_a_look():
    text = read_document(
        b'[groups]\nunused = ["user:a"]\n[[set]]\n[[set.rule]]\ndeny = "everyone"\n'
        b'[[set.rule]]\nallow = ["user:a"]\n'
    )
    assert text.warnings == (
        (2, 1, "no rule names the group 'unused'"),
        (6, 1, "no check-out comes here: line 4 decides for everyone"),
    )


SUBJECTS = st.sampled_from(
    ["user:ada", 'user:O\'Neil "x"', "host:cad\\1", "cert:press7", "token:bob", "address:10.1.2.3"]
)
WHO = st.lists(SUBJECTS, min_size=1, max_size=6, unique=True).map(tuple)
NAMES = st.sampled_from(["design", "the 3rd floor", "größe"])
RULES = st.one_of(
    st.builds(lambda a, w: AccessRule(action=a, who=w), st.sampled_from(["allow", "deny"]), WHO),
    st.builds(lambda n, w: AccessRule(action="reserve", seats=n, who=w), st.integers(1, 9), WHO),
    st.builds(lambda n: AccessRule(action="max", seats=n), st.integers(0, 9)),
)
SCOPES = st.sampled_from([(None, None), (7, None), (7, 1), (7, 2)])
DOCUMENTS = st.builds(
    lambda groups, sets: NamedRules(
        groups=tuple(AccessGroup(name=name, members=of) for name, of in groups.items()),
        sets=tuple(
            AccessSet(firm_code=firm, product_code=product, default=default, rules=tuple(rules))
            for (firm, product), (default, rules) in sets.items()
        ),
    ),
    st.dictionaries(NAMES, WHO, max_size=3),
    st.dictionaries(
        SCOPES,
        st.tuples(st.sampled_from(["allow", "deny"]), st.lists(RULES, max_size=4)),
        max_size=4,
    ),
)


def without_places(rules: NamedRules) -> NamedRules:
    from msgspec.structs import replace

    return replace(
        rules,
        sets=tuple(
            replace(one, rules=tuple(replace(rule, line=0, column=0) for rule in one.rules))
            for one in rules.sets
        ),
    )


@settings(max_examples=100)
@given(DOCUMENTS)
def test_what_is_written_is_read_and_what_is_tagged_comes_back(rules: NamedRules):
    from hypothesis import reject

    text = write_document(rules, 3, ["made by nobody"])
    try:
        read = read_document(text.encode())
    except AccessFault as refused:
        assert "lies within" in refused.what
        reject()
    assert (read.version, without_places(read.rules)) == (3, rules)
    names = {tag(name): name for name in names_in(read.rules)}
    form = form_of(read.rules, tag)
    assert why_not(form) == ""
    again = document_of(form, lambda one: names[one])
    assert form_of(again, tag) == form
    unknown = document_of(form, lambda one: f"#{one.hex()}")
    assert form_of(unknown, tag) == form, "what was forgotten stays what it is"


# --- places ---

WORDS = st.sampled_from(["a", "b-1", '"x.y"', "'q'", '"\\u00e9"'])
VALUES = st.recursive(
    st.sampled_from(
        [
            *("1", "-1.5e3", "true", '"a#b\\"]"', "'[x'", '"""m\n"q" ]"""', "'''l\n'x''''"),
            *("1979-05-27 07:32:00", "07:32:00", "0xff", "nan"),
        ]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda of: "[ " + ", # c ]\n".join(of) + "\n]"),
        st.dictionaries(st.sampled_from("ab"), inner, max_size=2).map(
            lambda of: "{ " + ", ".join(f"{key} = {one}" for key, one in of.items()) + " }"
        ),
    ),
    max_leaves=5,
)
LINES = st.one_of(
    st.builds(
        lambda keys, value: f" {'.'.join(keys)} = {value}",
        st.lists(WORDS, min_size=1, max_size=2),
        VALUES,
    ),
    st.lists(WORDS, min_size=1, max_size=3).map(lambda keys: f"[{' . '.join(keys)}] # t"),
    st.lists(WORDS, min_size=1, max_size=3).map(lambda keys: f"[[{'.'.join(keys)}]]"),
    st.just("# a = 1"),
    st.just(""),
)


def paths_in(value: object, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {path} if path else set()
    if isinstance(value, dict):
        for key, one in value.items():
            found |= paths_in(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            found |= paths_in(one, (*path, number))
    return found


@settings(max_examples=300)
@given(st.lists(LINES, max_size=6).map("\n".join))
def test_every_value_that_tomllib_reads_has_a_place(text: str):
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    places = places_in(text)
    leaves = {path for path in paths_in(value) if not any(isinstance(p, int) for p in path[-1:])}
    assert {path for path in places if path in leaves} >= {
        path for path in leaves if not isinstance(_at(value, path), dict | list)
    }
    assert set(places) <= paths_in(value)
    lines = text.split("\n")
    for line, column in places.values():
        assert 1 <= column <= len(lines[line - 1]) + 1


def _at(value: object, path: tuple[str | int, ...]) -> object:
    for step in path:
        value = value[step]  # type: ignore[index]
    return value
