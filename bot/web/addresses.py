"""Where a request comes from, as tries to sign in are counted; and where links lead."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

# Who has one IPv6 address has all of such a network.
_HOME: Final = 64
_UNKNOWN: Final = "unknown"
# Many requests come from few addresses.
_REMEMBERED: Final = 4096
_NEAR: Final = frozenset({_UNKNOWN, str(ip_network(("::1", _HOME), strict=False))})


def address_of(request: Request) -> str:
    """The client's address; behind a proxy on this machine, what that proxy says.

    Only the last entry of the last line counts: those before it may be anybody's invention.
    """
    peer = request.client.host if request.client is not None else _UNKNOWN
    if _is_loopback(peer):
        *_, last = _forwarded(request.headers)
        return _shared(last.strip()) or _shared(peer) or _UNKNOWN
    return _shared(peer) or _UNKNOWN


def far_address(request: Request) -> str | None:
    """The same, or None for this machine: that may be anybody behind a proxy that does not tell."""
    address = address_of(request)
    return None if address in _NEAR or _is_loopback(address) else address


class Proxied:
    """Believes proxies on other machines, those that the settings name, whom they forward for."""

    def __init__(self, app: ASGIApp, proxies: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, as if it came from there."""
        if scope["type"] == "http" and scope.get("client") is not None and self._proxies:
            peer, port = scope["client"]
            scope = {**scope, "client": (self._far(peer, _forwarded(Headers(scope=scope))), port)}
        await self._app(scope, receive, send)

    def _far(self, peer: str, told: list[str]) -> str:
        """The last address that is no proxy of ours: what comes before it may be invented."""
        while self._trusts(peer) and told and _shared(last := told.pop().strip()):
            peer = last
        return peer

    def _trusts(self, text: str) -> bool:
        if _is_loopback(text):
            return True
        try:
            address = ip_address(text)
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return any((mapped or address) in each for each in self._proxies)


def _forwarded(headers: Headers) -> list[str]:
    """Whom proxies forward for, the nearest last; each may have added a line of its own."""
    return ",".join(headers.getlist("x-forwarded-for")).split(",")


def set_up_link(base: str, secret: str) -> str:
    """The page at which a password is chosen; `base` is the address of this site."""
    return f"{base.rstrip('/')}/set-up/{secret}"


@lru_cache(_REMEMBERED)
def _is_loopback(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False


@lru_cache(_REMEMBERED)
def _shared(text: str) -> str | None:
    """The address, or the network that it stands for; None if it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, _HOME), strict=False))
    return str(address)
