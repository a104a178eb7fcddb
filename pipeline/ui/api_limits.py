"""How much is done for one caller, and the errors that say no."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from pipeline.errors import UsageError

BUSY = "Many photos are being looked at right now; try again in a few seconds."
LOADING = "The models are still being loaded; try again in a few seconds."
OFTEN = "That is more than {} from one caller; try again in {} s."
NO_PHOTO = "The photo must be an uploaded file, or a picture file as base64; nothing else can be read."
TOO_LARGE = "The photo is larger than {} MB; make it smaller and send it again."


class Refused(Exception):
    """A call that is not answered; `str(error)` is one sentence that says why and what to do.

    status: the HTTP status. after: seconds after which it may be tried again, None where that would not help.
    """

    def __init__(self, status: int, sentence: str, after: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.after = after


class Callers:
    """Counts the calls of each caller, in memory."""

    def __init__(self, rate: str) -> None:
        """rate: such as "60/minute" or "10/second;500/day"; empty: any number of calls.

        Raises:
            UsageError: it cannot be read.
        """
        try:
            self._rates = parse_many(rate) if rate else []
        except ValueError as error:
            raise UsageError(
                f"FASHION_API_RATE must be like 60/minute, 30/minute;500/day or off, not {rate!r}."
            ) from error
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, caller: str) -> None:
        """Count a call.

        Raises:
            Refused: it is one too many.
        """
        for rate in self._rates:
            if not self._limiter.hit(rate, caller):
                left = self._limiter.get_window_stats(rate, caller).reset_time - time.time()
                after = max(math.ceil(left), 1)
                period = rate.GRANULARITY.name if rate.multiples == 1 else f"{rate.multiples} {rate.GRANULARITY.name}s"
                raise Refused(429, OFTEN.format(f"{rate.amount} calls per {period}", after), after)


def caller_of(host: str | None, headers: Mapping[str, str], proxy: bool) -> str:
    """Who calls: an IPv4 address, or the /64 network of an IPv6 one, which is what one house has.

    Args:
        host: the address at the other end of the connection. headers: of the request, names in small letters.
        proxy: whether one stands in front. Proxies append what they see to `X-Forwarded-For`, and further ones inside
            the same house have private addresses, so the last public one is the caller's. What stands before it could
            be anybody's invention.
    """
    told = reversed(headers.get("x-forwarded-for", "").split(",")) if proxy else ()
    public = (address for text in told if (address := _address(text)) and address.is_global)
    caller = next(public, None) or _address(host or "")
    if caller is None:
        return host or ""
    return str(ip_network((caller, 64), strict=False)) if caller.version == 6 else str(caller)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
