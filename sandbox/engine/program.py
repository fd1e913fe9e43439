"""Runs a Pulumi program in this process, unchanged, against a `Mocks` that plays the engine."""

from __future__ import annotations

import asyncio
import runpy
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import pulumi
from pulumi.runtime import settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.stack import Stack, run_pulumi_func

from sandbox.engine.configuration import stack_config

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROJECT", "PROJECT_DIR", "UNKNOWN", "run_program", "stack_config"]

PROJECT_DIR: Final = Path(__file__).resolve().parents[2]
PROJECT: Final = "baler"


class _Unknown:
    """An export that is known only after a real deployment."""

    def __repr__(self) -> str:
        return "<unknown until deployed>"


UNKNOWN: Final = _Unknown()


def run_program(
    mocks: Mocks,
    *,
    stack: str,
    config: Mapping[str, str],
    preview: bool = False,
    program: Path = PROJECT_DIR / "__main__.py",
) -> dict[str, Any]:
    """Run the program to its end and return its exports as plain values.

    It runs in a thread of its own, with its own event loop and its own context: the caller may have a running
    loop, and nothing of one run is left for the next. Resources reach the mocks one after another, on one thread.
    One run at a time in a process: the program is its `__main__` module meanwhile.

    Args:
        mocks: What plays the engine. An exception it raises ends the run and is raised here, the same object.
        stack: The stack's name, as `pulumi.get_stack()` returns it.
        config: The configuration by qualified key, as `stack_config` returns it.
        preview: Run as `pulumi preview` does: outputs that the mocks leave out are unknown, and so is what
            depends on them. Exports that are unknown are `UNKNOWN`.
        program: The file to run.

    Raises:
        Exception: Whatever the program or the mocks raised.
    """
    engine = _Engine(mocks)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pulumi-program") as thread:
        run = thread.submit(Context().run, _run_isolated, engine, stack, config, program, preview=preview)
        try:
            failure = run.exception()
        except KeyboardInterrupt as interrupt:
            engine.failure = interrupt  # nothing more is created; the block's end waits for what is being created
            raise
    if engine.failure is not None:
        raise engine.failure
    if failure is not None:
        # Pulumi raises a failed registration "from" itself, which is a cause that says nothing.
        failure.__cause__ = None if failure.__cause__ is failure else failure.__cause__
        raise failure
    return run.result()


class _StoppedError(Exception):
    """Stops the program after the mocks failed; their exception is raised once Pulumi has let go."""


class _Engine(Mocks):
    """Stops at the mocks' first exception, and keeps it out of Pulumi, which would wrap it or change its cause."""

    def __init__(self, mocks: Mocks) -> None:
        self._mocks = mocks
        self.failure: BaseException | None = None

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if self.failure is not None:
            raise _StoppedError(f"{args.name} was not reached")
        try:
            return cast("tuple[str | None, dict[Any, Any]]", self._mocks.new_resource(args))
        except BaseException as error:  # noqa: BLE001 - raised again, as it is, at the end of the run
            raise self._stopped_by(error) from None

    def call(self, args: MockCallArgs) -> Any:
        try:
            return cast("Any", self._mocks.call(args))
        except BaseException as error:  # noqa: BLE001 - raised again, as it is, at the end of the run
            raise self._stopped_by(error) from None

    def _stopped_by(self, error: BaseException) -> _StoppedError:
        self.failure = self.failure or error
        return _StoppedError(str(error))


def _run_isolated(
    engine: _Engine, stack: str, config: Mapping[str, str], program: Path, *, preview: bool
) -> dict[str, Any]:
    try:
        with asyncio.Runner() as runner:
            return runner.run(_run(engine, stack, config, program, preview=preview))
    finally:
        # Pulumi's settings also write their first value into a default that every context shares.
        settings.reset_options(
            project="project", stack="stack", root_directory="root_directory", organization="organization"
        )


async def _run(
    engine: _Engine, stack: str, config: Mapping[str, str], program: Path, *, preview: bool
) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    # Mocks are called in the loop's executor, where Pulumi wants a loop too and would leave one open per thread.
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1, initializer=_open_loop))
    try:
        # Fresh settings first: the mocks' own leave some of the last run's in place.
        settings.reset_options(project=PROJECT, stack=stack, root_directory=str(program.parent), preview=preview)
        set_mocks(engine, PROJECT, stack, preview)
        set_all_config(dict(config), [])
        await run_pulumi_func(lambda: _execute(program))
        return await _exports()
    except BaseException:
        # The outputs that failed with the first failure say the same again when they are collected.
        loop.set_exception_handler(lambda _loop, _context: None)
        await _cancel_the_rest()
        raise
    finally:
        await loop.run_in_executor(None, _close_loop)


async def _cancel_the_rest() -> None:
    """End what Pulumi leaves under way when it gives up, before it registers anything else."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


def _execute(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")


async def _exports() -> dict[str, Any]:
    stack = cast("Stack", settings.get_root_resource())
    exports: dict[str, Any] = {}
    for name, value in stack.outputs.items():
        output: pulumi.Output[Any] = pulumi.Output.from_input(value)
        exports[name] = await output.future() if await output.is_known() else UNKNOWN
    return exports


def _open_loop() -> None:
    asyncio.set_event_loop(asyncio.new_event_loop())


def _close_loop() -> None:
    asyncio.get_event_loop().close()
    asyncio.set_event_loop(None)
