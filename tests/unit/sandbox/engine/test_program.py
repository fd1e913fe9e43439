import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest
from pulumi.runtime import settings
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from sandbox.engine.program import UNKNOWN, run_program

WriteProject = Callable[..., Path]

PROGRAM = """
    import pulumi
    import pulumi_aws as aws

    queue = aws.sqs.Queue("first", delay_seconds=pulumi.Config().require_int("delay"))
    policy = aws.sqs.QueuePolicy("second", queue_url=queue.url, policy=pulumi.Output.json_dumps({"arn": queue.arn}))
    pulumi.export("url", queue.url)
    pulumi.export("nested", {"policy": [policy.policy]})
    pulumi.export("stack", pulumi.get_stack())
    pulumi.export("account", aws.get_caller_identity_output().account_id)
"""
CONFIG = {"baler:delay": "5"}


class Recorder(Mocks):
    def __init__(self, failing: str = "", failure: BaseException | None = None, *, knows: bool = True) -> None:
        self.registered: list[tuple[str, dict[str, Any]]] = []
        self._failing = failing
        self._failure = failure
        self._knows = knows

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.registered.append((args.name, cast("dict[str, Any]", args.inputs)))
        if self._failure is not None and args.name == self._failing:
            raise self._failure
        return (f"{args.name}-id", {"url": "https://queue", "arn": "arn:queue"}) if self._knows else ("", {})

    def call(self, args: MockCallArgs) -> Any:
        return {"aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "000000000000"}}[args.token]


@pytest.fixture
def program(write_project: WriteProject) -> Path:
    return write_project(PROGRAM) / "__main__.py"


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Let what a run leaves open be warned about, which is an error, in the test that left it."""
    yield
    gc.collect()


def test_the_program_gets_its_configuration_and_returns_plain_exports(program: Path) -> None:
    engine = Recorder()

    exports = run_program(engine, stack="test", config=CONFIG, program=program)

    assert exports == {
        "url": "https://queue",
        "nested": {"policy": ['{"arn": "arn:queue"}']},
        "stack": "test",
        "account": "000000000000",
    }
    assert dict(engine.registered)["first"] == {"delaySeconds": 5}


def test_a_resource_is_registered_after_those_it_takes_outputs_of(program: Path) -> None:
    engine = Recorder()

    run_program(engine, stack="test", config=CONFIG, program=program)

    assert [name for name, _ in engine.registered] == ["first", "second"]
    assert dict(engine.registered)["second"]["queueUrl"] == "https://queue"


def test_in_a_preview_what_the_engine_leaves_out_is_unknown(program: Path) -> None:
    exports = run_program(Recorder(knows=False), stack="test", config=CONFIG, preview=True, program=program)

    assert exports["url"] is UNKNOWN
    assert exports["nested"] is UNKNOWN
    assert exports["stack"] == "test"


def test_a_run_leaves_nothing_for_the_next(program: Path) -> None:
    run_program(Recorder(knows=False), stack="one", config=CONFIG, preview=True, program=program)
    exports = run_program(Recorder(), stack="two", config=CONFIG, program=program)

    assert exports["stack"] == "two"
    with pytest.raises(pulumi.ConfigMissingError):
        run_program(Recorder(), stack="three", config={}, program=program)


def test_a_run_leaves_nothing_in_pulumi(program: Path) -> None:
    run_program(Recorder(), stack="test", config=CONFIG, preview=True, program=program)

    # In the caller's context, and in one without values of its own, such as another thread's.
    for look in (copy_context(), Context()):
        assert look.run(settings.get_root_resource) is None
        assert look.run(settings.get_monitor) is None
        assert look.run(settings.get_stack) == "stack"
        assert not look.run(settings.is_dry_run)
        assert look.run(pulumi.Config("baler").get, "delay") is None


def test_a_program_can_run_where_an_event_loop_runs(program: Path) -> None:
    async def run() -> dict[str, Any]:
        return run_program(Recorder(), stack="test", config=CONFIG, program=program)

    assert asyncio.run(run())["url"] == "https://queue"


@pytest.mark.parametrize("failing", ["first", "second"])
def test_an_engines_exception_is_raised_as_it_is(program: Path, failing: str) -> None:
    cause = ValueError("the reason")
    failure = KeyError("refused")
    failure.__cause__ = cause

    with pytest.raises(KeyError) as raised:
        run_program(Recorder(failing, failure), stack="test", config=CONFIG, program=program)

    assert raised.value is failure
    assert raised.value.__cause__ is cause


def test_nothing_is_registered_after_the_engine_failed(write_project: WriteProject) -> None:
    program = write_project("""
        import pulumi
        import pulumi_aws as aws

        first = aws.sqs.Queue("first")
        aws.sqs.Queue("second", opts=pulumi.ResourceOptions(depends_on=[first]))
        aws.sqs.Queue("third")
    """)
    engine = Recorder("first", OSError("refused"))

    with pytest.raises(OSError, match="refused"):
        run_program(engine, stack="test", config={}, program=program / "__main__.py")

    assert [name for name, _ in engine.registered] == ["first"]


def test_a_failed_run_prints_nothing(
    program: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(OSError, match="refused"):
        run_program(Recorder("first", OSError("refused")), stack="test", config=CONFIG, program=program)
    gc.collect()

    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_the_programs_own_exception_is_raised_as_it_is(write_project: WriteProject) -> None:
    program = write_project("raise LookupError('no such setting')") / "__main__.py"

    with pytest.raises(LookupError, match="no such setting") as raised:
        run_program(Recorder(), stack="test", config={}, program=program)

    assert raised.value.__cause__ is None


def test_an_exception_inside_apply_is_raised(write_project: WriteProject) -> None:
    program = write_project("""
        import pulumi
        import pulumi_aws as aws

        def refuse(url):
            raise AssertionError(f"not {url}")

        aws.sqs.Queue("first").url.apply(refuse)
    """)

    with pytest.raises(AssertionError, match="not https://queue"):
        run_program(Recorder(), stack="test", config={}, program=program / "__main__.py")


def test_what_still_waits_when_the_engine_fails_is_given_up(write_project: WriteProject) -> None:
    program = write_project("""
        import asyncio
        import pulumi
        import pulumi_aws as aws

        aws.sqs.Queue("late", name=pulumi.Output.from_input(asyncio.sleep(3600, "late")))
        aws.sqs.Queue("first")
    """)
    engine = Recorder("first", OSError("refused"))

    with pytest.raises(OSError, match="refused"):
        run_program(engine, stack="test", config={}, program=program / "__main__.py")

    assert [name for name, _ in engine.registered] == ["first"]


def test_a_program_that_exits_ends_the_run(write_project: WriteProject) -> None:
    program = write_project("import sys; sys.exit('enough')") / "__main__.py"

    with pytest.raises(SystemExit, match="enough"):
        run_program(Recorder(), stack="test", config={}, program=program)


def test_the_callers_main_module_is_still_there_afterwards(program: Path) -> None:
    before = sys.modules["__main__"]

    run_program(Recorder(), stack="test", config=CONFIG, program=program)

    assert sys.modules["__main__"] is before


def test_ctrl_c_stops_after_the_resource_that_is_being_created(
    write_project: WriteProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C reaches the thread that waits for the program, not the one that runs it."""
    project = write_project(PROGRAM)
    interrupted = threading.Event()
    leave = ThreadPoolExecutor.__exit__

    def leave_after_interrupt(pool: ThreadPoolExecutor, *error: Any) -> bool | None:
        interrupted.set()
        return leave(pool, *error)

    class Interrupted(Recorder):
        def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
            os.kill(os.getpid(), signal.SIGINT)
            assert interrupted.wait(30)
            return super().new_resource(args)

    monkeypatch.setattr(ThreadPoolExecutor, "__exit__", leave_after_interrupt)
    mocks = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        run_program(mocks, stack="test", config=CONFIG, program=project / "__main__.py")
    assert [name for name, _ in mocks.registered] == ["first"]
