"""`tmr access`: the document is read here, and what the hosts say of it is told."""

from __future__ import annotations

from pathlib import Path

from appliance.codec.api_access import (
    AccessAppliedDocument,
    AccessDocument,
    AccessExplained,
    AccessMatch,
    AccessRule,
    AccessSet,
    AccessVersion,
    NamedRules,
)
from appliance.errors import ExitCode
from tests.unit.cli.world import World, cells, document
from tests.unit.client.fake import Reply, problem

WHY = ("--why", "asked by the lab")
TEXT = '[[set]]\nfirm = 100\nproduct = 10\n[[set.rule]]\ndeny = ["user:eve"]\n'
RULES = NamedRules(
    sets=(
        AccessSet(
            firm_code=100,
            product_code=10,
            rules=(AccessRule(action="deny", who=("user:eve",), line=4, column=1),),
        ),
    )
)


def written(world: World, text: str = TEXT) -> Path:
    path = world.directory / "access.toml"
    path.write_text(text, "utf-8")
    return path


def in_force(world: World, rules: NamedRules = RULES, version: int = 7) -> None:
    told = AccessVersion(
        version=version, rules=1, who="cert:adam", why="first", at_ms=1_700_000_000_000, index=9
    )
    answer = AccessDocument(version=version, in_force=version, rules=rules, versions=(told,))
    world.first.say("GET /v1/access", Reply(200, answer))


def test_a_sound_document_is_said_to_be_one_and_nobody_is_asked(world: World) -> None:
    path = written(world)
    assert world.tmr("access", "check", path).stdout == (
        f"{path} is sound: 1 rule in 1 set, 0 groups.\n"
    )
    assert document(world.tmr("access", "check", path, "--json"))["warnings"] == []
    assert world.sent("GET") == []


def test_a_fault_is_one_sentence_with_line_and_column(world: World) -> None:
    path = written(world, '[[set]]\n[[set.rule]]\ndeny = ["group:gone"]\n')
    for call in (("check",), ("apply", *WHY), ("diff",)):
        result = world.tmr("access", call[0], path, *call[1:])
        assert result.exit_code == ExitCode.REFUSED
        assert result.stderr == f"tmr: {path}:3:9: there is no group 'gone'.\n"
    assert world.sent("POST") == []


def test_a_megabyte_is_refused(world: World) -> None:
    path = written(world, "#" * 1_000_001)
    assert "not under a megabyte" in world.tmr("access", "check", path).stderr


def test_what_is_worth_a_look_is_said(world: World) -> None:
    path = written(world, f'[groups]\nunused = ["user:a"]\n{TEXT}')
    result = world.tmr("access", "check", path)
    assert result.exit_code == ExitCode.OK
    assert result.stderr == f"Take care: {path}:2:1: no rule names the group 'unused'.\n"


def test_rules_are_applied_to_the_version_that_they_were_made_from(world: World) -> None:
    in_force(world)
    done = AccessAppliedDocument(
        index=9, version=8, detail="version 8 is in force", ended=1, left=2
    )
    world.first.say("POST /v1/access", Reply(200, done))
    result = world.tmr("access", "apply", written(world), "--end-leases", *WHY)
    assert result.stdout == (
        "Version 8 is in force.\n1 lease ended; 2 more are to end: do it again.\n"
    )
    world.tmr("access", "apply", written(world, f"version = 5\n{TEXT}"), *WHY)
    world.tmr("access", "apply", written(world, f"version = 5\n{TEXT}"), "--base", 6, *WHY)
    assert [(one.document["base"], "end_leases" in one.document) for one in world.sent("POST")] == [
        (7, True),
        (5, False),
        (6, False),
    ]
    assert world.tmr("access", "apply", written(world)).exit_code == ExitCode.USAGE


def test_a_late_change_is_refused_in_the_hosts_words(world: World) -> None:
    in_force(world)
    world.first.say(
        "POST /v1/access", problem("access-rules-refused", 409, detail="version 8 is in force")
    )
    result = world.tmr("access", "apply", written(world), *WHY)
    assert result.exit_code == ExitCode.REFUSED
    assert "version 8 is in force" in result.stderr


def test_rules_are_shown_with_their_lines(world: World) -> None:
    in_force(world)
    result = world.tmr("access", "show")
    assert ["100:10", "4", "deny", "-", "user:eve"] in cells(result)
    assert result.stdout.endswith("100:10: by default allow.\nVersion 7.\n")
    in_force(world, NamedRules(), version=0)
    assert "everybody may have everything" in world.tmr("access", "show").stdout


def test_what_is_exported_can_be_applied_and_changes_nothing(world: World) -> None:
    in_force(world)
    out = world.directory / "out.toml"
    assert world.tmr("access", "export", "--out", out).exit_code == ExitCode.OK
    assert out.read_text("utf-8") == world.tmr("access", "export").stdout
    assert out.read_text("utf-8").startswith("version = 7\n\n[[set]]\nfirm = 100\n")
    assert world.tmr("access", "diff", out).stdout == f"{out} changes nothing of version 7.\n"
    out.write_text(out.read_text("utf-8").replace("user:eve", "user:bob"), "utf-8")
    changed = world.tmr("access", "diff", out).stdout.splitlines()
    assert '-deny = ["user:eve"]' in changed and '+deny = ["user:bob"]' in changed


def test_a_version_can_be_had_back(world: World) -> None:
    in_force(world)
    done = AccessAppliedDocument(index=9, version=8, detail="version 8 is in force")
    world.first.say("POST /v1/access/undo", Reply(200, done))
    assert world.tmr("access", "undo", *WHY).stdout == "Version 8 is in force.\n"
    world.tmr("access", "undo", "--to", 3, *WHY)
    before, named = world.sent("POST")
    assert before.document == {"base": 7, "why": "asked by the lab"}
    assert named.document["to"] == 3
    in_force(world, NamedRules(), version=0)
    assert "no access rules to be undone" in world.tmr("access", "undo", *WHY).stderr


def test_the_log_says_who_and_why(world: World) -> None:
    in_force(world)
    assert cells(world.tmr("access", "log"))[1] == [
        *("7", "1", "2023-11-14 22:13 UTC", "cert:adam", "first"),
    ]


def test_an_options_file_is_translated_and_what_is_not_is_named(world: World) -> None:
    path = world.directory / "vendor.opt"
    path.write_text("EXCLUDE f1 USER eve\nTIMEOUT f1 900\nMAX 2 f2 USER bob\n", "utf-8")
    out = world.directory / "access.toml"
    call = ("access", "import-flexlm", path, "--feature", "f1=100:10", "--out", out)
    result = world.tmr(*call)
    assert result.exit_code == ExitCode.OK
    assert result.stderr.splitlines() == [
        f"{path}:2: TIMEOUT f1 900: a seat ends here when its program stops sending heartbeats,"
        " not when it is idle.",
        f"{path}:3: MAX 2 f2 USER bob: which product is f2? Say --feature f2=FIRM:PRODUCT.",
        "2 lines not translated.",
    ]
    assert world.tmr("access", "check", out).exit_code == ExitCode.OK
    assert 'deny = ["user:eve"]' in out.read_text("utf-8")
    for wrong in ("f1", "f1=100", "=100:10"):
        result = world.tmr("access", "import-flexlm", path, "--feature", wrong)
        assert result.exit_code == ExitCode.USAGE


def test_an_explanation_names_the_line_and_what_it_rests_on(world: World) -> None:
    told = AccessExplained(
        version=7,
        reason="denied-by-rule",
        detail="Line 4 of the access rules denies 100:10 to whoever asks here.",
        scope="100:10",
        default="allow",
        free=3,
        decided_by=AccessMatch(
            action="deny", line=4, by="user:eve", worth="claimed", group="guests"
        ),
        counted_by=(
            AccessMatch(action="max", line=6, by="everyone", worth="everyone", seats=5, held=1),
        ),
    )
    path = "/v1/access/explain?firm_code=100&product_code=10&seats=1&user=eve"
    world.first.say(f"GET {path}", Reply(200, told))
    result = world.tmr("access", "explain", "100:10", "--user", "eve")
    assert result.stdout.splitlines() == [
        "It would be refused: denied-by-rule.",
        "Line 4 of the access rules denies 100:10 to whoever asks here.",
        "The set for 100:10 is used.",
        "Line 4 decides (deny): by user:eve in group guests, claimed: any program can say that.",
        "Line 6 (max 5) counts 1 seat: it is for everyone.",
    ]
