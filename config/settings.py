"""File + environment → one frozen Settings; the only file that reads the environment."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import SettingsError
from bot.model import Employee
from bot.options import faults, nearest, validated
from bot.schedule import Day, Interval, Weekday, Zone
from config.environment import Given, given
from config.sections import (
    AdminSettings,
    DatabaseSettings,
    LogSettings,
    MetricsSettings,
    ModelSettings,
    RedisSettings,
    RetentionSettings,
    Text,
    TracingSettings,
    WebSettings,
)
from config.values import Identifier

Extra = dict[str, Any]

_SECRET = re.compile("token|secret|password|key")
PERSONA = "Friendly and helpful; writes short, plain sentences."


class EmployeeSettings(BaseModel):
    """An employee as the file describes it, with a table for each plugin that has one."""

    model_config = ConfigDict(frozen=True, extra="allow")
    # Here pydantic looks for the type of extra keys, and it takes no other spelling.
    __pydantic_extra__: dict[str, Extra] = Field(init=False)  # type: ignore[mutable-override]

    name: Text
    persona: Text = PERSONA
    timezone: Zone = "UTC"
    working_hours: dict[Weekday, tuple[Interval, ...]] = {}
    special_days: dict[Day, tuple[Interval, ...]] = {}

    @property
    def plugin_tables(self) -> dict[str, Extra]:
        """The plugins' own tables, by plugin; nobody has checked them yet."""
        return dict(self.model_extra or {})

    def employee(self, employee_id: str) -> Employee:
        """The value that the runtime works with."""
        return Employee(
            id=employee_id,
            name=self.name,
            persona=self.persona,
            timezone=self.timezone,
            working_hours=dict(self.working_hours.items()),
            special_days=dict(self.special_days),
        )


class ChannelSettings(BaseModel):
    """One account on one network; the rest of its table belongs to the channel."""

    model_config = ConfigDict(frozen=True, extra="allow")

    kind: Identifier
    employee: Identifier

    @property
    def options(self) -> Extra:
        """The channel's own keys; nobody has checked them yet."""
        return dict(self.model_extra or {})

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Options stay out of what is printed: tokens live there."""
        return [("kind", self.kind), ("employee", self.employee)]


def _named(employees: object) -> object:
    """An employee without a name is called like its id."""
    if not isinstance(employees, dict):
        return employees
    return {
        key: {"name": _readable(key), **table} if isinstance(table, dict) else table
        for key, table in employees.items()
    }


def _readable(employee_id: str) -> str:
    return re.sub("[_-]+", " ", employee_id).strip().title() or employee_id


Employees = Annotated[dict[Identifier, EmployeeSettings], BeforeValidator(_named)]


class Settings(BaseSettings):
    """Everything that can be set; built by `load`."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    web: WebSettings = WebSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    model: ModelSettings = ModelSettings()
    retention: RetentionSettings = RetentionSettings()
    logs: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    tracing: TracingSettings = TracingSettings()
    admins: AdminSettings = AdminSettings()
    plugins: dict[Identifier, Extra] = {}
    employees: Employees = {}
    channels: dict[Identifier, ChannelSettings] = {}

    @property
    def secrets(self) -> frozenset[str]:
        """What must be told to nobody: keys, tokens and passwords, those of channels too."""
        urls = [self.database.url, self.redis.url, self.model.base_url, self.tracing.endpoint]
        keys = [key for key in (self.model.api_key, self.metrics.token) if key is not None]
        options = (item for each in self.channels.values() for item in each.options.items())
        return frozenset(
            {key.get_secret_value() for key in keys}
            | {word for url in urls if url is not None for word in _passwords(str(url))}
            | {str(value) for name, value in options if _SECRET.search(name)}
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *others: PydanticBaseSettingsSource,
        **more: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Built by hand, it holds what it was given: only `load` looks at the environment."""
        return (init_settings,)


class _EmployeesAlone(BaseModel):
    employees: Employees = {}


class _Table(PydanticBaseSettingsSource):
    """A source whose table was read already."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        super().__init__(Settings)
        self._table = dict(table)

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self._table.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._table


def _passwords(url: str) -> set[str]:
    """The password in a URL, as it is and as the URL spells it."""
    password = urlsplit(url).password or ""
    return {password, unquote(password)} - {""}


def load(path: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the file, if any, with the environment over it.

    Raises SettingsError with a line for each fault.
    """
    variables = os.environ if environment is None else environment
    file = _read(path) if path else {}
    said = given(variables, Settings, file)
    try:
        settings = _merged(said.table, file)
    except ValidationError as error:
        raise SettingsError("\n".join([*said.unknown, *_lines(error, said)])) from None
    if said.unknown:
        raise SettingsError("\n".join(said.unknown))
    return settings


def employees_from(path: Path) -> dict[str, EmployeeSettings]:
    """The employees of any settings file, whatever else is in it. Raises SettingsError."""
    return validated(_EmployeesAlone, _read(path)).employees


def employee_from(key: str, table: Mapping[str, Any]) -> Employee:
    """The employee that such a table of the settings describes. Raises SettingsError."""
    return validated(_EmployeesAlone, {"employees": {key: table}}).employees[key].employee(key)


def find_config() -> Path:
    """The settings file of the current folder, or the packaged demo."""
    own = Path("config/bot.toml")
    return own if own.is_file() else Path(str(files("config") / "demo.toml"))


def check_references(settings: Settings, known_employees: Iterable[str]) -> list[str]:
    """A line for each channel whose employee is neither in the file nor otherwise known."""
    known = {*known_employees, *settings.employees}
    return [
        f"channels.{account}.employee: no employee '{channel.employee}'"
        + (nearest(channel.employee, known) or _listed("employees", known))
        for account, channel in settings.channels.items()
        if channel.employee not in known
    ]


def unknown_tables(settings: Settings, plugin_names: Iterable[str]) -> list[str]:
    """A line for each table, of an employee too, that belongs to no plugin."""
    plugins = set(plugin_names)
    keys = {*plugins, *EmployeeSettings.model_fields}
    strangers = [
        f"plugins.{name}: no such plugin{nearest(name, plugins) or _listed('plugins', plugins)}"
        for name in settings.plugins
        if name not in plugins
    ]
    return strangers + [
        f"employees.{employee}.{table}: unknown key{nearest(table, keys) or _listed('keys', keys)}"
        for employee, described in settings.employees.items()
        for table in described.plugin_tables
        if table not in plugins
    ]


def _merged(stronger: Mapping[str, Any], weaker: Mapping[str, Any]) -> Settings:
    # By name, because type checkers see only the fields among the arguments.
    sources: dict[str, Any] = {"_build_sources": ((_Table(stronger), _Table(weaker)), {})}
    return Settings(**sources)


def _listed(what: str, known: set[str]) -> str:
    return f"; known {what}: {', '.join(sorted(known)) or 'none'}"


def _lines(error: ValidationError, said: Given) -> list[str]:
    found = [(path, text, said.name_of(path)) for path, text in faults(Settings, error)]
    return [
        f"{'.'.join(path)}: {text}" + (f" (set by {name})" if name else "")
        for path, text, name in found
    ]


def _read(path: Path) -> dict[str, Any]:
    try:
        # Some editors put a byte order mark first, which TOML does not know.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(_misspelled(path, str(error))) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is not text in UTF-8") from None
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such settings file") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None


def _misspelled(path: Path, fault: str) -> str:
    text, found, place = fault.rstrip(")").rpartition(" (at ")
    return f"{path}: {place}: {text}" if found else f"{path}: {fault}"
