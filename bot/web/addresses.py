"""Where a request comes from, as tries to sign in are counted; and where links lead."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from starlette.requests import Request

# Who has one IPv6 address has all of such a network.
_HOME: Final = 64
_UNKNOWN: Final = "unknown"


def address_of(request: Request) -> str:
    """The client's address; behind a proxy on this machine, what that proxy says.

    Only the last entry of the last line counts: those before it may be anybody's invention.
    """
    peer = request.client.host if request.client is not None else _UNKNOWN
    if _is_loopback(peer):
        *_, last = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        return _shared(last.strip()) or _shared(peer) or _UNKNOWN
    return _shared(peer) or _UNKNOWN


def set_up_link(base: str, secret: str) -> str:
    """The page at which a password is chosen; `base` is the address of this site."""
    return f"{base.rstrip('/')}/set-up/{secret}"


def _is_loopback(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False


def _shared(text: str) -> str | None:
    """The address, or the network that it stands for; None if it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, _HOME), strict=False))
    return str(address)
