"""Sends notices to a webhook. Imported only if one is configured, because `urllib.request` is slow to import."""

from __future__ import annotations

from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tui import __version__
from tui.control.channels import DeliveryError

LIMIT_S = 10.0
"""Time limit in seconds for connecting, and for each wait for an answer."""


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: a notice is meant only for the address that the operator configured."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Always None: the redirect is then an error."""
        return None


class WebhookCarrier:
    """Sends documents as JSON by POST. The proxies of the environment are used.

    Error messages contain only the host, because an address may contain a secret.
    """

    def __init__(self, url: str, limit_s: float = LIMIT_S) -> None:
        """`url` is an http or https address, checked by the configuration."""
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
        """See `Carrier.stop`. Does nothing: a request ends by its own time limit, or with the process."""
