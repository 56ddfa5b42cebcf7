"""Telling by a webhook. Imported where one is configured: `urllib.request` takes its time."""

from __future__ import annotations

from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tui import __version__
from tui.control.channels import DeliveryError

LIMIT_S = 10.0
"""For connecting, and for each wait for an answer."""


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: what is sent is meant for the address that a person wrote down, and for no other."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Always None: the redirect is an error then."""
        return None


class Webhook:
    """Sends documents as JSON by POST. The environment's proxies are used.

    No message names more than the host: an address may hold a secret.
    """

    def __init__(self, url: str, limit_s: float = LIMIT_S) -> None:
        """`url`: http or https, as the configuration checks it."""
        self._url = url
        self._host = urlsplit(url).hostname or "?"
        self._limit_s = limit_s
        self._opener = build_opener(_Stay)

    def deliver(self, document: bytes) -> None:
        """See `Carrier.deliver`."""
        headers = {"Content-Type": "application/json", "User-Agent": f"lanewatch/{__version__}"}
        request = Request(self._url, document, headers, method="POST")  # noqa: S310 - the configuration takes web addresses alone
        try:
            with self._opener.open(request, timeout=self._limit_s):
                pass
        except HTTPError as error:
            error.close()
            raise DeliveryError(f"{self._host} answered {error.code}") from None
        except URLError as error:
            raise DeliveryError(f"{self._host} cannot be reached: {error.reason}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise DeliveryError(f"{self._host} gave no answer ({type(error).__name__})") from None

    def stop(self) -> None:
        """See `Carrier.stop`. A request ends by its own time limit, or with the process."""
