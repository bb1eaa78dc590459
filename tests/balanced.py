"""A balancer before several services: it asks each whether it is ready, and sends to those that are.

A request is sent again where nobody listened, and never after it was sent: it may have been done.
"""

import itertools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import httpx

from api.prefix import PREFIX
from tests.patience import PATIENCE
from tests.service_process import until

_ASKED_EVERY = 0.05  # seconds


class Balancer:
    def __init__(self, urls: list[str]) -> None:
        self._ready = dict.fromkeys(urls, False)
        self._turns = itertools.count()
        self._of_thread = threading.local()
        self._ended = threading.Event()
        self.refused = 0
        """Requests that met nobody, and were sent again."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        watchers = [threading.Thread(target=self._watch, args=(url,)) for url in self._ready]
        for watcher in watchers:
            watcher.start()
        try:
            yield
        finally:
            self._ended.set()
            for watcher in watchers:
                watcher.join()

    def wait_for(self, url: str) -> None:
        until(lambda: self._ready[url], f"{url} is ready")

    def done(self, verb: str, body: Mapping[str, object]) -> Any:
        """On connections that are kept, one for each service and thread of the caller's."""
        turn = next(self._turns)
        for attempt in range(len(self._ready) * 2):
            ready = [url for url, is_ready in self._ready.items() if is_ready]
            url = ready[(turn + attempt) % len(ready)]
            try:
                answer = self._client().post(f"{url}{PREFIX}/{verb}", json=body)
            except httpx.ConnectError:
                self.refused += 1
                continue
            assert answer.status_code == HTTPStatus.OK, answer.text
            assert answer.json()["code"] == 0, answer.text
            return answer.json().get("data")
        raise AssertionError("nobody listens")

    def close(self) -> None:
        """The calling thread's connections."""
        self._client().close()

    def _client(self) -> httpx.Client:
        if not hasattr(self._of_thread, "client"):
            self._of_thread.client = httpx.Client(timeout=PATIENCE, verify=False)  # noqa: S501 - it speaks HTTP
        client: httpx.Client = self._of_thread.client
        return client

    def _watch(self, url: str) -> None:
        with httpx.Client(timeout=PATIENCE, verify=False) as client:  # noqa: S501 - as above
            while not self._ended.wait(_ASKED_EVERY):
                try:
                    status = client.get(f"{url}/readyz").status_code
                except httpx.TransportError:
                    status = HTTPStatus.SERVICE_UNAVAILABLE
                self._ready[url] = status == HTTPStatus.OK
