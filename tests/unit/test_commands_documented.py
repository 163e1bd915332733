"""Each command, option, file and sentence that a page or the program names is really there."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import click
import pytest

from appliance.cli.main import tmr
from appliance.client import load_profile
from appliance.client.tools import tool_trust
from appliance.verifier.trust import root_der
from tests.unit import documented
from tests.unit.documented import PAGES, PROGRAMS, ROOT, Command, fault_of, in_blocks, in_sentences
from tests.unit.verifier.plant import Plant

BASES = (ROOT, ROOT / "appliance", ROOT / "monitor_gui")
OF_ANSIBLE = {"--check", "--diff", "--limit", "--tags", "--require-hashes"}
A_PATH = re.compile(r"[\w.-]+/[\w./*-]*")
SOURCES = (".py", ".yml", ".j2", ".sh", "")
SAY = ("backup.md", "replacing.md")
"""Pages that quote what the service says."""
OF_THE_SHELL = ("systemctl", "runuser", "ip", "rsync")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def pages() -> list[object]:
    return [pytest.param(path, id=name_of(path)) for path in PAGES]


def texts_of(*folders: str) -> str:
    return "\n".join(
        path.read_text("utf-8", errors="replace")
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix in SOURCES
    )


@pytest.mark.parametrize("page", pages())
def test_a_page_names_no_command_that_fails_as_written(page: Path):
    text = page.read_text("utf-8")
    named = [*in_blocks(text, name_of(page)), *in_sentences(text, name_of(page))]
    assert [f"{one} -> {said}" for one in named if (said := fault_of(one))] == []


def test_the_pages_are_read_at_all():
    """What is found in README alone, or the test above would pass on nothing."""
    text = (ROOT / "README.md").read_text("utf-8")
    whole = {shown(one) for one in in_blocks(text, "")}
    assert {
        "make lab LAB=loopback",
        "tmr status --profile .lab/people/view/profile.toml",
        "tmr run --profile people/client-01/profile.toml --product 6000010:1 -- ./press-control",
        "tmr central issue --firm 6000010 --product 1 --order PO 4711 --out updates"
        " up1.request up2.request up3.request",
        "ansible-playbook -i inventory/production playbooks/site.yml",
    } <= whole
    named = {shown(one) for one in in_sentences(text, "")}
    assert {"tmr time update", "tmr release CLIENT LEASE --why …", "make bench"} <= named


def shown(command: Command) -> str:
    return " ".join(command.words)


WRONG = [
    ("tmr frobnicate", "has no verb 'frobnicate'"),
    ("tmr time mend", "has no verb 'mend'"),
    ("tmr central", "needs a verb"),
    ("tmr status --colour", "No such option"),
    ("tmr enrol press7", "needs '--why'"),
    ("tmr enrol --why because", "needs 'NAME'"),
    ("tmr enrol press7 press8 --why because", "takes no 'press8'"),
    ("tmr switchover --why", "requires an argument"),
    ("tmr status # how it is, (and so on)", ""),
    ("tmr logs --level shouting", "'shouting'"),
    ("tmr status --wait soon", "not a valid float"),
    ("tmr run --product 6000010 -- ls -l", "is not FIRM:PRODUCT[:SEATS]"),
    ("tmr run --product 6000010:1 -- ls -l", ""),
    ("tmr release CLIENT LEASE --why …", ""),
    ("tmr central product add ... --certified-age-max-s 2592000", ""),
    ("tmr central product add ... --certified-age-max-s never", "'never'"),
    ("tmr --version", ""),
    ("tmr --prefix", "No such option"),
    ("tmr pki --dir pki client press7 --out press7", ""),
    ("tmr pki --folder pki client press7 --out press7", "No such option"),
    ("tmr pki --dir pki customer press7", "has no verb 'customer'"),
    ("make setup wheelhouse", ""),
    ("make dinner", "no target 'dinner'"),
    ("make lab LAB=loopback", ""),
    ("make lab LABS=loopback", "reads no LABS"),
    ("ansible-playbook -i inventory/production playbooks/site.yml", ""),
    ("ansible-playbook -i inventory/elsewhere playbooks/site.yml", "no inventory"),
    ("ansible-playbook playbooks/sight.yml", "no playbook"),
    ("ansible-playbook playbooks/replace_host.yml -e replace_host=up2", ""),
    ("ansible-playbook playbooks/replace_host.yml -e replaced_host=up2", "reads replaced_host"),
    ("ansible-playbook playbooks/site.yml --tags pki", ""),
    ("ansible-playbook playbooks/site.yml --tags pie", "the tag pie"),
]


@pytest.mark.parametrize(("line", "said"), WRONG)
def test_a_command_is_judged_as_a_shell_would_run_it(line: str, said: str):
    (command,) = in_blocks(f"    $ {line}\n", "page")
    assert said in fault_of(command) and bool(said) == bool(fault_of(command))


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("tmr enrol", ""),
        ("tmr central", ""),
        ("tmr enrol NAME", "needs '--why'"),
        ("tmr enrol NAME …", ""),
        ("tmr upstream init --again", "needs '--config'"),
        ("tmr central reissue --for", ""),
        ("tmr central reissue --four", "No such option"),
    ],
)
def test_a_verb_in_a_sentence_is_a_name_and_whatever_is_more_is_whole(span: str, said: str):
    (command,) = in_sentences(f"It is `{span}` that\nhelps.", "page")
    assert said in fault_of(command) and bool(said) == bool(fault_of(command))


def test_a_line_may_go_on_in_the_next_one():
    page = "1. So:\n\n        $ tmr switchover \\\n              --why x   # now\n\nand more"
    (command,) = in_blocks(page, "page")
    assert (command.words, command.where) == (("tmr", "switchover", "--why", "x"), "page:3")


def test_the_program_tells_nobody_to_use_what_is_not_there():
    """Errors, remedies, help and docstrings."""
    found, count = [], 0
    for folder in ("appliance", "monitor_gui", "scripts"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for line, text in documented.sentences_of(path):
                for one in in_sentences(text, f"{name_of(path)}:{line}"):
                    count += 1
                    if said := fault_of(one):
                        found.append(f"{one} -> {said}")
    assert found == []
    assert count > 100


def test_the_playbooks_tell_nobody_to_use_what_is_not_there():
    found = []
    for folder in ("playbooks", "roles", "inventory"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".yml", ".j2"):
                text = re.sub(r"\{\{.*?\}\}", "VALUE", path.read_text("utf-8"), flags=re.DOTALL)
                flat = "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
                for one in in_sentences(flat, name_of(path)):
                    if said := fault_of(one):
                        found.append(f"{one} -> {said}")
    assert found == []


@pytest.mark.parametrize("page", pages())
def test_options_files_and_links_that_a_page_names_are_there(page: Path):
    text = page.read_text("utf-8")
    known = documented.option_names() | OF_ANSIBLE
    faults = []
    for span in documented.spans(text):
        option = re.match(r"--[a-z][a-z-]*", span)
        if option and option[0] not in known:
            faults.append(f"no verb has {option[0]}")
        if span.startswith("-e "):
            faults.append(documented.fault_of_setting("-e", span[3:]))
        if (
            re.match(r"[a-z_]+\.yml\b", span)
            and not (ROOT / "playbooks" / span.split()[0]).exists()
        ):
            faults.append(f"there is no playbook {span}")
        faults.append(fault_of_path(span.partition("::")[0]))
    faults += [fault_of_link(page, link) for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    assert [one for one in faults if one] == []


def test_readme_leads_to_every_page():
    text = (ROOT / "README.md").read_text("utf-8")
    pages = [name_of(page) for page in (ROOT / "docs").glob("*.md")]
    assert [page for page in pages if f"]({page})" not in text] == []


def fault_of_path(span: str) -> str:
    """Whether a file of this project is named that is not there."""
    if not A_PATH.fullmatch(span):
        return ""
    bases = [base for base in BASES if (base / span.partition("/")[0]).is_dir()]
    there = any(any(base.glob(span.rstrip("/"))) for base in bases)
    made = span.startswith(("inventory/", "build/", ".venv/"))
    return "" if there or made or not bases else f"there is no {span}"


def fault_of_link(page: Path, link: str) -> str:
    if link.startswith(("https://", "http://")):
        return ""
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    if not target.exists():
        return f"{link} leads nowhere"
    heads = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE) if anchor else []
    anchors = [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads]
    return f"{link} leads to no heading" if anchor and anchor not in anchors else ""


def verbs_of(text: str) -> list[tuple[tuple[str, ...], click.Command]]:
    """The verbs that a text has in backticks, each with its command."""
    found = []
    for span in re.findall(r"`([^`]+)`", text):
        words = span.removeprefix("tmr ").split()
        command: click.Command = tmr
        context = click.Context(tmr, info_name="tmr")
        path = []
        while isinstance(command, click.Group) and words:
            words = getattr(command, "completed", list)(words)
            below = command.get_command(context, words[0])
            assert below is not None, span
            path.append(words.pop(0))
            command, context = below, click.Context(below, parent=context)
        found.append((tuple(path), command))
    return found


def test_readme_says_who_may_do_what_as_the_verbs_themselves_do():
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    operate, administer = re.findall(
        r"; (`release`.*?) need `operate`; (`enrol`.*?) need `administer`", text
    )[0]
    for words, role in ((operate, "operate"), (administer, "administer")):
        for path, command in verbs_of(words):
            said = re.search(r"[Nn]eeds role (\w+)", " ".join((command.help or "").split()))
            assert said is not None, f"the help of {path} names no role"
            assert said[1] == role, path


def test_each_verb_of_readmes_table_has_json():
    rows = re.findall(r"^\| (`tmr .*?) \| ", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    verbs = verbs_of(" ".join(row for row in rows if "bench" not in row and "sim" not in row))
    assert len(verbs) > 12
    for path, command in verbs:
        assert any("--json" in param.opts for param in command.params), path


def test_the_profile_that_a_page_shows_is_one(tmp_path: Path):
    page = (ROOT / "docs" / "programs.md").read_text("utf-8")
    (shown,) = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    profile = tmp_path / "profile.toml"
    profile.write_text(shown)
    for name in ("ca.pem", "cert.pem", "key.pem", "licence-root.pem"):
        (tmp_path / name).write_bytes(Plant().root)
    found = load_profile(profile)
    assert found.addresses == (("10.77.0.100", 7200),)
    assert root_der(tool_trust(found).root) == Plant().root


def units_in(text: str) -> set[str]:
    """The services of ours that a text has somebody look at or start, by their whole names."""
    named = re.findall(r"(?:systemctl [a-z]+|journalctl -u) (tmr-[\w.-]+)", text)
    named += re.findall(r"\btmr-[a-z]+\.(?:service|timer)\b", text)
    return {name if "." in name else f"{name}.service" for name in named}


def test_services_that_anybody_is_sent_to_are_there():
    files = (path.name.removesuffix(".j2") for path in (ROOT / "roles").rglob("*"))
    there = {name for name in files if name.endswith((".service", ".timer"))}
    pages_say = units_in("\n".join(page.read_text("utf-8") for page in PAGES))
    assert "tmr-upstream.service" in pages_say
    assert pages_say | units_in(texts_of("appliance", "monitor_gui")) <= there


def test_routes_that_a_page_names_are_there():
    source = texts_of("appliance")
    for page in PAGES:
        for route in re.findall(r"\b(?:GET|POST|PUT|DELETE) (/[\w./-]*)", page.read_text("utf-8")):
            fixed = re.split(r"[A-Z]", route)[0].rstrip("/") or "/"
            assert f'"{fixed}' in source, f"{name_of(page)}: {route}"


def test_what_a_page_imports_is_there():
    blocks = [
        block
        for page in PAGES
        for block in re.findall(
            r"^```python\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
        )
    ]
    assert len(blocks) > 1
    for block in blocks:
        compile(block, "page", "exec")
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(str(node.module))
                assert [one.name for one in node.names if not hasattr(module, one.name)] == []


def test_variables_of_the_surroundings_are_read_by_somebody():
    source = texts_of("appliance", "monitor_gui", "tests", "scripts", "roles", "playbooks")
    source += (ROOT / "Vagrantfile").read_text("utf-8")
    read = set(re.findall(r"\bTMR_[A-Z_]+", source))
    named = {
        name for page in PAGES for name in re.findall(r"\bTMR_[A-Z_]+", page.read_text("utf-8"))
    }
    assert named - read == set()
    assert "TMR_PROFILE" in named


@pytest.mark.parametrize("name", SAY)
def test_what_a_page_quotes_is_what_the_program_says(name: str):
    """Sentence by sentence, apart from names, numbers and what `…` leaves out."""
    said = "\n".join(
        " ".join(text.split())
        for path in sorted((ROOT / "appliance").rglob("*.py"))
        for _, text in documented.sentences_of(path)
    )
    quoted = [
        span
        for span in documented.spans((ROOT / "docs" / name).read_text("utf-8"))
        if len(span.split()) > 2 and span.split()[0] not in (*PROGRAMS, *OF_THE_SHELL)
    ]
    assert len(quoted) > 8
    for span in quoted:
        for part in re.split(r"…|\b(?:up[123]|tmr[12])\b|\d+|: ", span):
            if len(part.split()) > 1:
                assert part.strip() in said, span
