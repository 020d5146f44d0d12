"""An executor of one thread that nobody has to end.

Work that never returns, on a disk that is gone, keeps its thread for ever. In the event loop's default executor such
threads take the places of everybody's work, and the interpreter waits for them at its exit, as it does for those of
`ThreadPoolExecutor`. Here such work keeps one thread, which is nobody else's, and a daemon: the process ends without
it.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is to be done, and who waits for it."""

    future: "Future[Any]"
    call: Callable[[], Any]

    def do(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            answer = self.call()
        except BaseException as error:  # noqa: BLE001 - it is the caller's, who meets it in the future
            self.future.set_exception(error)
        else:
            self.future.set_result(answer)


class OneThread(Executor):
    """Does one thing after another, in the order in which they were asked for; the thread lives while there is work.

    Args:
        name: The thread's.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._waiting: deque[_Work] = deque()
        self._working = False

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        """Has the call made once what was asked before is done; one that has not begun may be cancelled.

        Raises:
            RuntimeError: The system gives no thread; nothing is left to be done then.
        """
        future: Future[_T] = Future()
        with self._lock:
            if not self._working:
                # Before anything is noted: where it cannot be started, the next call tries anew.
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
                self._working = True
            self._waiting.append(_Work(future=future, call=lambda: fn(*args, **kwargs)))
        return future

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._working = False
                    return
                work = self._waiting.popleft()
            work.do()
            del work  # an answer lives as long as those who asked for it
