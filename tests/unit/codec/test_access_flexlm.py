"""Options files of FlexNet as manuals and public repositories have them (names replaced): each
means here what its author meant, and each line that means nothing here is named."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from appliance.codec.access.document import read_document, write_document
from appliance.codec.access.flexlm import translate
from appliance.codec.access.naming import form_of
from appliance.licences.access.form import why_not
from appliance.licences.names import tag_of

Said = tuple[str, int, str]
"""(action, seats, who)."""


class File(NamedTuple):
    """An options file, the products of its features, what each product's set says by default and
    by its rules, the groups, and which lines mean nothing here, with a part of why."""

    text: str
    products: dict[str, tuple[int, int]]
    sets: dict[tuple[int, int | None], tuple[str, list[Said]]]
    groups: dict[str, list[str]]
    left: dict[int, str]


ONE = {"f1": (7, 1)}
FILES = {
    # docs.revenera.com, fnp 2024r1, Simple Options File Example
    "simple": File(
        "RESERVE 1 compile USER bob\nRESERVE 3 compile HOST mainframe\n"
        "EXCLUDE compile USER eve\nNOLOG QUEUED\n",
        {"compile": (7, 1)},
        {
            (7, 1): (
                "allow",
                [
                    ("deny", 0, "user:eve"),
                    ("reserve", 1, "user:bob"),
                    ("reserve", 3, "host:mainframe"),
                ],
            )
        },
        {},
        {4: "tmr logs"},
    ),
    # docs.revenera.com, fnp 2026r1, EXCLUDE Example
    "exclude": File(
        '#First Define the group "painters"\nGROUP painters ada bob carl\n'
        "EXCLUDE spell GROUP painters\nEXCLUDE spell USER eve\n"
        "EXCLUDE spell INTERNET 123.123.123.*\n",
        {"spell": (7, 1)},
        {
            (7, 1): (
                "allow",
                [
                    ("deny", 0, "group:painters"),
                    ("deny", 0, "user:eve"),
                    ("deny", 0, "network:123.123.123.0/24"),
                ],
            )
        },
        {"painters": ["user:ada", "user:bob", "user:carl"]},
        {},
    ),
    # docs.revenera.com, fnp 2026r1, Limiting Access for Multiple Users
    "multiple users": File(
        "GROUP Hackers ada bob carl\n# Then exclude the group\nEXCLUDE toothbrush GROUP Hackers\n"
        "HOST_GROUP writers desk1 desk2\nEXCLUDE f1 HOST_GROUP writers\n",
        {"toothbrush": (7, 2), "f1": (7, 1)},
        {
            (7, 1): ("allow", [("deny", 0, "group:writers")]),
            (7, 2): ("allow", [("deny", 0, "group:Hackers")]),
        },
        {
            "Hackers": ["user:ada", "user:bob", "user:carl"],
            "writers": ["host:desk1", "host:desk2"],
        },
        {},
    ),
    # FLEXnet Licensing End User Guide, pages 57 and 58
    "end user guide": File(
        "INCLUDEALL USER ada\nLINGER f1 3600\nMAX 5 f1 USER bob\nMAX_BORROW_HOURS f1 24\n",
        ONE,
        {
            (7, None): ("deny", [("allow", 0, "user:ada")]),
            (7, 1): ("deny", [("allow", 0, "user:ada"), ("max", 5, "user:bob")]),
        },
        {},
        {2: "vendor's option", 4: "no such rule"},
    ),
    # FLEXnet Licensing End User Guide, page 49
    "stars": File(
        "EXCLUDE coolsoft USER ada\nGROUP stars bob carl \\\n dora\nEXCLUDE coolsoft GROUP stars\n",
        {"coolsoft": (7, 1)},
        {(7, 1): ("allow", [("deny", 0, "user:ada"), ("deny", 0, "group:stars")])},
        {"stars": ["user:bob", "user:carl", "user:dora"]},
        {},
    ),
    # FLEXnet Licensing End User Guide, page 53
    "host names": File(
        "INCLUDE f1 HOST desk.plant.example\nFQDN_MATCHING exact\n",
        ONE,
        {(7, 1): ("deny", [("allow", 0, "host:desk.plant.example")])},
        {},
        {2: "compared as the program says it"},
    ),
    # openlm.com, FLEXnet Option Files Examples
    "allocating": File(
        "GROUP Maths_Users ada bob carl\nINCLUDE Optimization_Toolbox GROUP Maths_Users\n"
        "GROUP Draught_Users dora eve\nINCLUDE 41100ACD_2002_0F GROUP Draught_Users\n"
        "MAX 7 41100ACD_2002_0F GROUP Draught_Users\n",
        {"Optimization_Toolbox": (8, 1), "41100ACD_2002_0F": (9, 1)},
        {
            (8, 1): ("deny", [("allow", 0, "group:Maths_Users")]),
            (9, 1): (
                "deny",
                [("allow", 0, "group:Draught_Users"), ("max", 7, "group:Draught_Users")],
            ),
        },
        {
            "Maths_Users": ["user:ada", "user:bob", "user:carl"],
            "Draught_Users": ["user:dora", "user:eve"],
        },
        {},
    ),
    # a public repository's guide to ansyslmd.opt: groups, and licences of two dates
    "two dates": File(
        "GROUPCASEINSENSITIVE ON\nGROUP GroupA ada Ada bob\nGROUP GroupB dora eve\n"
        "RESERVE 1 hfss:EXPDATE=31-jan-2027 GROUP GroupA\n"
        "RESERVE 1 hfss:EXPDATE=31-mar-2027 GROUP GroupB\nRESERVE 2 hfss GROUP GroupA\n",
        {"hfss": (7, 1), "hfss:EXPDATE=31-jan-2027": (7, 2)},
        {
            (7, 1): ("allow", [("reserve", 2, "group:GroupA")]),
            (7, 2): ("allow", [("reserve", 1, "group:GroupA")]),
        },
        {"GroupA": ["user:ada", "user:bob"]},
        {2: "case does not count here", 5: "--feature hfss:EXPDATE=31-mar-2027=FIRM:PRODUCT"},
    ),
    # the same guide: who may, who may not, whoever idles
    "all features": File(
        "GROUP TeamA ada bob\nGROUP TeamB dora\n"
        "INCLUDE hfss GROUP TeamA\nEXCLUDE hfss GROUP TeamB\n"
        "INCLUDEALL GROUP TeamA\nEXCLUDEALL HOST kiosk\nTIMEOUT ansys 7200\nTIMEOUTALL 7200\n"
        "EXCLUDE_BORROW ansys GROUP TeamB\nMAX_OVERDRAFT hfss 2\n",
        {"hfss": (7, 1)},
        {
            (7, None): ("deny", [("deny", 0, "host:kiosk"), ("allow", 0, "group:TeamA")]),
            (7, 1): (
                "deny",
                [
                    ("deny", 0, "group:TeamB"),
                    ("deny", 0, "host:kiosk"),
                    ("allow", 0, "group:TeamA"),
                    ("allow", 0, "group:TeamA"),
                ],
            ),
        },
        {"TeamA": ["user:ada", "user:bob"], "TeamB": ["user:dora"]},
        {7: "heartbeats", 8: "heartbeats", 9: "no such rule", 10: "no such rule"},
    ),
    # a public repository that writes adskflex.opt
    "adskflex": File(
        "TIMEOUTALL 1800\nGROUPCASEINSENSITIVE ON\nGROUP group_name ada\n"
        "RESERVE 1 12345ABC_2018_0F GROUP group_name\n",
        {"12345ABC_2018_0F": (9, 1)},
        {(9, 1): ("allow", [("reserve", 1, "group:group_name")])},
        {"group_name": ["user:ada"]},
        {1: "heartbeats"},
    ),
    # a public repository that writes ugslmd.opt
    "ugslmd": File(
        "GROUPCASEINSENSITIVE ON \n\nUSER ada\n\nINCLUDE NX12100N USER ada \n\n",
        {"NX12100N": (9, 1)},
        {(9, 1): ("deny", [("allow", 0, "user:ada")])},
        {},
        {3: "no such rule"},
    ),
    # a public repository that reads MATLAB's options files
    "quoted": File(
        'INCLUDE "MATLAB key=ABCD1234" USER ada\n'
        "HOST_GROUP lab pc1 pc2\nHOST_GROUP lab pc3 10.1.2.*\n"
        "EXCLUDE MATLAB HOST badhost\nMAX 5 MATLAB HOST_GROUP lab\nRESERVE 0 MATLAB USER ada\n",
        {"MATLAB": (8, 1), "MATLAB key=ABCD1234": (8, 2)},
        {
            (8, 1): ("allow", [("deny", 0, "host:badhost"), ("max", 5, "group:lab")]),
            (8, 2): ("deny", [("allow", 0, "user:ada")]),
        },
        {"lab": ["host:pc1", "host:pc2", "host:pc3", "network:10.1.2.0/24"]},
        {6: "begins with a number of seats"},
    ),
    # docs.revenera.com, fnp 2025r1, MAX: of all users and groups
    "of all": File(
        "MAX 2 f1 USER bob\nMAX 1 f1 USER ALL_USERS\nMAX 3 f1 GROUP ALL_GROUPS\n"
        "INCLUDE f1 DISPLAY /dev/ttyp0\nINCLUDE f1 PROJECT moon\nINCLUDE f1 GROUP gone\n",
        ONE,
        {(7, 1): ("deny", [("max", 2, "user:bob")])},
        {},
        {
            2: "tmr limit",
            3: "written for each",
            4: "DISPLAY says nothing",
            5: "PROJECT says nothing",
            6: "there is no GROUP gone",
        },
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_an_options_file_means_what_its_author_meant(name: str) -> None:
    file = FILES[name]
    found = translate(file.text, file.products)
    sets = {
        (one.firm_code, one.product_code): (
            one.default,
            [(rule.action, rule.seats, *rule.who) for rule in one.rules],
        )
        for one in found.rules.sets
    }
    assert sets == file.sets
    assert {group.name: list(group.members) for group in found.rules.groups} == file.groups
    assert [one.line for one in found.untranslated] == list(file.left)
    for one in found.untranslated:
        assert file.left[one.line] in one.why
    document = read_document(write_document(found.rules).encode())
    form = form_of(document.rules, lambda name: tag_of(b"k" * 32, name))
    assert why_not(form) == ""


def test_without_its_products_nothing_is_translated_and_each_line_is_named() -> None:
    text = FILES["all features"].text
    found = translate(text, {})
    assert (found.rules.sets, found.rules.groups) == ((), ())
    assert [one.line for one in found.untranslated] == [3, 4, 5, 6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("EXCLUDE f1 USER", "names a feature, a type and a name"),
        ("EXCLUDE f1 HOST *.example.com", "a name has no *"),
        ("EXCLUDE f1 INTERNET 10.*.2.3", "is no address"),
        ("EXCLUDE f1 INTERNET 10.1.2.300", "is no address"),
        ("EXCLUDE f1 USER a\u202eb", "holds U+202E"),
        ("GROUP alone", "names a group and its members"),
        ("MAX many f1 USER bob", "begins with a number of seats"),
        ("EXCLUDEALL USER", "names a type and a name"),
        ("\x00", "no such rule"),
    ],
)
def test_a_line_that_means_nothing_is_named(line: str, why: str) -> None:
    (left,) = translate(line, ONE).untranslated
    assert why in left.why and left.line == 1


def test_an_address_behind_a_wider_one_is_said_once() -> None:
    found = translate("EXCLUDE f1 INTERNET 10.1.*.*\nEXCLUDE f1 INTERNET 10.1.2.3\n", ONE)
    assert [rule.who for rule in found.rules.sets[0].rules] == [("network:10.1.0.0/16",)]
    assert read_document(write_document(found.rules).encode())
