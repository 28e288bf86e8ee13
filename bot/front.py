"""What answers requests, put together: the dashboard, the API, the channels' own routes.

Apart from the rest, since only a process that serves has any use for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.applications import Starlette

from bot.findings import Look
from bot.hooks import notices_of
from bot.keys import Keys
from bot.plugin import Channel, Plugin, Runtime
from bot.schedule import zones
from bot.staff import Staff
from bot.web.dashboard import Dashboard
from bot.web.employees.office import Office
from bot.web.employees.pages import MENU, TABS, EmployeePages
from bot.web.health import Health
from bot.web.server import web_app
from bot.web.site import WebSite
from config.settings import Settings, employee_from


@dataclass(frozen=True, slots=True)
class Front:
    """All that pages and programs are served with."""

    settings: Settings
    look: Look | None
    runtime: Runtime
    site: WebSite
    keys: Keys
    staff: Staff
    health: Health

    def app(self, plugins: Sequence[Plugin], channels: Mapping[str, Channel]) -> Starlette:
        """The site with their pages. Raises SettingsError where two operations are in one place."""
        tabs = (item for each in plugins for item in each.tabs().items())
        self.site.tabs = {**TABS, **dict(tabs)}
        runtime = self.runtime
        office = Office(
            self.site, self.staff, runtime.clock, runtime.accounts, employee_from, zones()
        )
        dashboard = Dashboard.of(self.site, self.keys, settings=self.settings.web, look=self.look)
        menu = {label: path for each in plugins for label, path in each.menu().items()} | {**MENU}
        pages = [
            *EmployeePages(office).routes(),
            *(page for each in plugins for page in each.routes()),
        ]
        api = dashboard.api(office, [each for plugin in plugins for each in plugin.operations()])
        return web_app(
            [*api.routes(), *(route for channel in channels.values() for route in channel.routes)],
            [*dashboard.routes(menu), *pages],
            next(iter(menu.values()), None),
            replace(dashboard.gate, notices=lambda: notices_of(plugins)),
            health=self.health,
            problem=dashboard.problem,
        )
