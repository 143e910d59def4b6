"""The validator in a process of its own: its answers, and what becomes of it when it has none."""

import time
from collections.abc import Iterator
from contextlib import closing
from threading import Thread

import pytest

from tests.fakes.certificates import NOW, Chain
from workbench.pki.judge_process import JudgeProcess
from workbench.pki.purposes import Purpose


@pytest.fixture(scope="module")
def judge() -> Iterator[JudgeProcess]:
    with closing(JudgeProcess()) as made:
        yield made


@pytest.fixture(scope="module")
def path() -> list[bytes]:
    chain = Chain("Ed25519")
    return [chain.leaf.der, chain.sub.der, chain.root.der]


def test_it_accepts_and_refuses(judge: JudgeProcess, path: list[bytes]) -> None:
    assert judge.reason(path, NOW, Purpose.CODE_SIGNING) == ""
    assert "time stamping" in judge.reason(path, NOW, Purpose.TIME_STAMPING)
    damaged = [path[0][:-1] + bytes([path[0][-1] ^ 1]), *path[1:]]
    assert judge.reason(damaged, NOW, Purpose.CODE_SIGNING)
    assert judge.reason([b"\x30\x80", *path[1:]], NOW, Purpose.ANY)
    assert judge.reason(path, NOW, Purpose.CODE_SIGNING) == ""


def test_one_process_answers_many_threads(judge: JudgeProcess, path: list[bytes]) -> None:
    answers: list[str] = []
    threads = [
        Thread(target=lambda: answers.append(judge.reason(path, NOW, Purpose.ANY)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [""] * 8


HANGS = ("-c", "import sys\nfor line in sys.stdin:\n    while True: pass\n")
DIES = ("-c", "import sys\nsys.stdin.readline()\n")
NEVER = ("-c", "raise SystemExit(1)")


def test_a_validator_that_hangs_is_killed(path: list[bytes]) -> None:
    with closing(JudgeProcess(0.4, HANGS)) as judge:
        began = time.perf_counter()
        assert judge.reason(path, NOW, Purpose.ANY) == "no answer within 0.4 seconds"
        assert time.perf_counter() - began < 5
        assert judge._process is None
        assert "no answer" in judge.reason(path, NOW, Purpose.ANY)


@pytest.mark.parametrize("child", [DIES, NEVER])
def test_a_validator_that_dies_is_no_yes(path: list[bytes], child: tuple[str, str]) -> None:
    with closing(JudgeProcess(20, child)) as judge:
        for _ in range(2):
            assert judge.reason(path, NOW, Purpose.ANY) == "the validator ended without an answer"


def test_it_does_not_outlive_this_process(path: list[bytes]) -> None:
    with closing(JudgeProcess()) as judge:
        assert judge.reason(path, NOW, Purpose.ANY) == ""
        process = judge._process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()  # as the end of this process would
        assert process.wait(10) == 0
