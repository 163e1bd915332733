"""Try the small changes of the code (mutmut), each in a fork of one pytest that has collected once.

    cd FOLDER && python .../tests/mutation/run.py CHILDREN MODULE...

mutmut makes the changes, and remembers what came of each. It would start a pytest for each, which
takes longer than the tests that a change needs. Here one pytest collects all, notes which tests
reach which function and what processor time they take, and forks for each change; the child runs
the tests that reach the changed function, the quickest first, up to the first that fails.
"""

from __future__ import annotations

import bisect
import contextlib
import itertools
import json
import math
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from mutmut.__main__ import collect_or_load_stats, create_mutants
from mutmut.configuration import config
from mutmut.mutation import trampoline
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.runners.harness import ListAllTestsResult, TestRunner
from mutmut.state import state
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths
from mutmut.utils.format_utils import mangled_name_from_mutant_name
from mutmut.workers.isolation import ForkRunner

# So much processor time a change gets of the tests that reach it, the quickest first, but one of
# them always: a change that survives costs all of it.
TESTS_S = 2.0
# These are no tests of a room, but run for each of its changes that the others let pass.
LIVES = "tests/mutation/lives.py::"
# The processor time that a change may take: this, and so many times what its tests take without it.
# mutmut's own limit of the time by the clock is far wider, so that a busy machine kills nothing.
CPU_MIN_S = 2.0
CPU_TIMES = 3.0
STATS = Path("mutants/mutmut-stats.json")


class OneSession(TestRunner):
    """Runs tests of a pytest session that has collected them already."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session
        self.items = {item.nodeid: item for item in session.items}

    def list_all_tests(self) -> ListAllTestsResult:
        """What was collected."""
        return ListAllTestsResult(ids=set(self.items))

    def run_stats(self, *, tests: Iterable[str]) -> int:
        """Note which functions each test reaches, and its processor time with its fixtures."""
        state()._stats.clear()
        for name in sorted(set(tests) or set(self.items)):
            began = time.process_time()
            failed = self._run([name])
            state().duration_by_test[name] = time.process_time() - began
            if failed:
                say(f"left out, since it fails without any change too: {name}")
            for function in () if failed else state()._stats:
                state().tests_by_mangled_function_name[function].add(name)
            state()._stats.clear()
        return 0

    def check(self, modules: Sequence[str]) -> None:
        """Raise AssertionError unless a child in which nothing was changed passes the tests that
        reach these modules, and one in which every function fails does not."""
        packages = tuple(f"{module.removesuffix('.py').replace('/', '.')}." for module in modules)
        functions = [f for f in state().tests_by_mangled_function_name if f.startswith(packages)]
        tests = list(dict.fromkeys(test for f in functions for test in tests_of(f)))
        assert self._in_a_child("", tests) == 0, "tests fail without any change"
        assert self._in_a_child("fail", tests) != 0, "tests pass whatever is changed"

    def _in_a_child(self, change: str, tests: Iterable[str]) -> int:
        pid = os.fork()
        if pid == 0:
            os._exit(self.run_tests(mutant_name=change, tests=tests))
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def run_tests(self, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """In a child: give 1 at the first test that fails, 0 if none does."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        self.replaced = sys.stdout, sys.stderr  # A file that goes unclosed would fail a test.
        if mutant_name is not None:  # mutmut looks it up in the environment at each call.
            trampoline.get_mutant_under_test = lambda: mutant_name
        try:
            return int(self._run(list(tests)))
        except BaseException:  # Whatever it is must not return into the copy of the parent.
            return 1

    def _run(self, names: Sequence[str]) -> bool:
        """Whether one fails; the rest is then not run."""
        before = self.session.testsfailed
        with contextlib.chdir("mutants"):
            items = [self.items[name] for name in names]
            for item, after in zip(items, [*items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
                if self.session.testsfailed > before:
                    return True
        return False


def say(line: str) -> None:
    """Tell the one who waits; pytest has taken the usual way."""
    print(line, file=sys.__stdout__, flush=True)


def tests_of(function: str) -> list[str]:
    """The quickest of the tests that reach a function, then the simulated lives that do."""
    times = state().duration_by_test
    reaching = state().tests_by_mangled_function_name.get(function, set())
    lives = {name for name in reaching if name.startswith(LIVES)}
    quickest = sorted(reaching - lives, key=times.__getitem__)
    so_far_s = list(itertools.accumulate(times[name] for name in quickest))
    quickest = quickest[: max(1, bisect.bisect_right(so_far_s, TESTS_S))]
    return [*quickest, *sorted(lives, key=times.__getitem__)]


def forget_what_changed() -> None:
    """Have the tests of files that are younger than what is known of them noted anew; and all
    tests, if there are functions of which it is not known what reaches them."""
    known = json.loads(STATS.read_text("utf-8"))
    if not known["function_hashes"].keys() >= state().current_function_hashes.keys():
        STATS.unlink()
        return
    of_age = STATS.stat().st_mtime
    for name in list(known["duration_by_test"]):
        path = Path(name.partition("::")[0])
        if not path.exists() or path.stat().st_mtime > of_age:
            del known["duration_by_test"][name]
    STATS.write_text(json.dumps(known), "utf-8")


class Campaign:
    """What pytest is to do instead of running all tests once."""

    def __init__(self, children: int, modules: Sequence[str]) -> None:
        self.children = children
        self.modules = modules

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the changes of each module, in the order in which they were named."""
        with contextlib.chdir(".."):
            if STATS.exists():
                forget_what_changed()
            tests = OneSession(session)
            runner = ForkRunner(self.children, tests)
            collect_or_load_stats(runner)
            set_mutant_under_test("")
            tests.check(self.modules)
            runner.startup()
            for module in self.modules:
                self.try_module(runner, module)
            runner.shutdown()
        return True

    def try_module(self, runner: ForkRunner, module: str) -> None:
        """Try each change of a module that has no verdict yet."""
        data = SourceFileMutationData(path=Path(module))
        data.load()
        began = time.monotonic()
        open_ones = [name for name, code in data.exit_code_by_key.items() if code is None]
        for name in open_ones:
            tests = tests_of(mangled_name_from_mutant_name(name))
            takes_s = sum(state().duration_by_test[test] for test in tests)
            while not runner.has_capacity():
                note(runner, data)
            limit = math.ceil(CPU_MIN_S + CPU_TIMES * takes_s)
            runner.submit(name, tests, limit, takes_s)
        while runner.pending_count():
            note(runner, data)
        took = time.monotonic() - began
        say(f"{module}: tried {len(open_ones)} in {took:.0f} s")


def note(runner: ForkRunner, data: SourceFileMutationData) -> None:
    """Wait for one change's verdict and write it down."""
    result = runner.wait_for_result()
    data.exit_code_by_key[result.mutant_name] = result.exit_code
    data.durations_by_key[result.mutant_name] = result.duration
    data.save()


def main(arguments: Sequence[str]) -> int:
    """Make the changes, then have one pytest try them."""
    children, modules = int(arguments[0]), arguments[1:]
    sys.path.pop(0)  # The folder of this file.
    set_mutant_under_test("mutant_generation")
    Path("mutants").mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    setup_source_paths()
    create_mutants(children)
    set_mutant_under_test("")
    selection = config().pytest_add_cli_args_test_selection
    campaign = Campaign(children, modules)
    with contextlib.chdir("mutants"):
        options = ["-q", "--rootdir=.", "--capture=sys", "--tb=native", "-o", "timeout=0"]
        return int(
            pytest.main([*options, "-p", "no:cacheprovider", *selection], plugins=[campaign])
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
