"""What the plugin serves to people and to programs; loaded where there is a web server."""

from collections.abc import Sequence

from starlette.routing import BaseRoute

from plugins.followup.api.operations import operations
from plugins.followup.dashboard.pages import Pages
from plugins.followup.dashboard.stopped import notices
from plugins.followup.numbers.pages import NumbersPages
from plugins.followup.ports import Ports
from plugins.followup.settings_tab.pages import TabPages
from plugins.followup.settings_tab.state import standing

__all__ = ["notices", "operations", "routes", "standing"]


def routes(ports: Ports) -> Sequence[BaseRoute]:
    """All pages."""
    pages = (Pages(ports), TabPages(ports), NumbersPages(ports))
    return tuple(route for each in pages for route in each.routes())
