"""How the steps of a refresh are run: as Prefect tasks, or called in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Runner(Protocol):
    """Runs the steps: over all items of a list, or once. A step that raises for one item yields the
    exception."""

    def each(
        self, name: str, step: Callable[[T], R], items: Iterable[T], label: Callable[[T], str]
    ) -> list[R | Exception]: ...

    def once(self, name: str, step: Callable[[], R]) -> R: ...


class Direct:
    """Runs steps in this process, those over a list in threads."""

    # names matter to Prefect
    def each(
        self,
        name: str,
        step: Callable[[T], R],
        items: Iterable[T],
        label: Callable[[T], str],  # noqa: ARG002
    ) -> list[R | Exception]:
        def attempt(item: T) -> R | Exception:
            try:
                return step(item)
            # one source's failure is a value: it must not stop the others
            except Exception as error:  # noqa: BLE001
                return error

        with ThreadPoolExecutor(8 if name == "fetch" else 2, thread_name_prefix=name) as pool:
            return list(pool.map(attempt, items))

    def once(self, name: str, step: Callable[[], R]) -> R:  # noqa: ARG002
        return step()
