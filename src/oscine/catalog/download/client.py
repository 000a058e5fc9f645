"""Asking servers politely: a steady pace, patience when they are busy, and no secret in any text.

requests sends, urllib3's Retry waits as long as `Retry-After` or its backoff says and asks again.
A key travels in the address of a request, so addresses are shown without it: in errors, and in the
log lines of urllib3, which state them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from oscine.core import DownloadError

log = logging.getLogger("oscine")

BUSY = (429, 500, 502, 503, 504)
"""Answers that mean "ask again later"."""

CONNECT_S, READ_S = 10.0, 60.0
"""How long a server may take to accept a connection, and to send the next bytes."""

LONG_WAIT_S = 5.0
"""A wait that a server asks for is told when it is longer."""

USER_AGENT = "oscine (catalogs of bird sounds)"

HIDDEN = "***"


class Pace:
    """Lets a request through when the last one is long enough ago.

    Args:
        per_second: The most requests a second.
        clock: Tells seconds.
        sleep: Waits seconds.

    Example:
        >>> waits = []
        >>> pace = Pace(2.0, clock=lambda: 0.0, sleep=waits.append)
        >>> pace.wait(), pace.wait(), waits
        (None, None, [0.5])
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval_s = 1.0 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next_s = -float("inf")

    def wait(self) -> None:
        """Wait for the next turn."""
        now = self._clock()
        if now < self._next_s:
            self._sleep(self._next_s - now)
        self._next_s = max(now, self._next_s) + self._interval_s


class _PatientRetry(Retry):
    """Says so before it waits long: a server may ask for an hour."""

    def sleep_for_retry(self, response: Any) -> bool:
        wait_s = self.get_retry_after(response)
        if wait_s is not None and wait_s > LONG_WAIT_S:
            log.info("the server asks to wait %.0f s (status %s)", wait_s, response.status)
        return super().sleep_for_retry(response)


class _PacedAdapter(HTTPAdapter):
    """Keeps the pace for every request that leaves, those that follow a redirect too."""

    def __init__(self, pace: Pace, retry: Retry) -> None:
        super().__init__(max_retries=retry)
        self._pace = pace

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        self._pace.wait()
        return super().send(*args, **kwargs)


class Client:
    """Gets addresses from servers.

    Args:
        pace: How fast it may ask.
        secrets: Texts that no error and no log line may show.
        retries: How often a busy or silent server is asked again.
    """

    def __init__(self, pace: Pace, secrets: Sequence[str] = (), retries: int = 5) -> None:
        self._hidden = sorted({form for text in secrets for form in (text, quote_plus(text))})
        retry = _PatientRetry(
            total=retries,
            status_forcelist=BUSY,
            backoff_factor=1.0,
            backoff_max=60.0,
            raise_on_status=False,
        )
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _PacedAdapter(pace, retry))
        for name in ("urllib3.connectionpool", "urllib3.util.retry"):
            logging.getLogger(name).addFilter(self._redact_record)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        for name in ("urllib3.connectionpool", "urllib3.util.retry"):
            logging.getLogger(name).removeFilter(self._redact_record)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def redact(self, text: str) -> str:
        """Hide the secrets in a text."""
        for secret in self._hidden:
            text = text.replace(secret, HIDDEN)
        return text

    def _redact_record(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.redact(record.getMessage()), ()
        return True

    def get(
        self,
        url: str,
        *,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Ask for an address; the body is read by the caller, who closes the response.

        Args:
            url: The address.
            parameters: What follows it behind the question mark.
            headers: Further header lines.

        Returns:
            The answer, whatever its status.

        Raises:
            DownloadError: There was no answer, however often it was asked for.
        """
        try:
            return self._session.get(
                url,
                params=parameters,
                headers=headers,
                stream=True,
                timeout=(CONNECT_S, READ_S),
            )
        except requests.RequestException as error:
            # The error of requests states the whole address, so it is not chained.
            raise DownloadError(
                f"no answer: {self.redact(_root_cause(error))}", where=self.redact(url)
            ) from None


def _root_cause(error: BaseException) -> str:
    """Give the plain reason beneath what urllib3 and requests wrapped around it."""
    inner: object = error
    while True:
        below = getattr(inner, "reason", None) or (getattr(inner, "args", None) or [None])[0]
        if not isinstance(below, BaseException):
            return str(inner)
        inner = below
