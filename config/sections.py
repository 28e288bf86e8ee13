"""The tables of the settings that belong to the application itself."""

from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from config.values import (
    BlankIsNone,
    DatabaseUrl,
    HttpUrl,
    Network,
    Phone,
    RedisUrl,
    TelegramId,
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Section(BaseModel):
    """A table of the settings in which every key is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class WebSettings(Section):
    """Where the web server listens and how the outside reaches it."""

    host: Text = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: Annotated[HttpUrl | None, BlankIsNone] = None
    trusted_proxies: tuple[Network, ...] = ()


class DatabaseSettings(Section):
    """The database; none is SQLite in the data folder."""

    url: Annotated[DatabaseUrl | None, BlankIsNone] = Field(default=None, repr=False)


class RedisSettings(Section):
    """The Redis server; none is the embedded one in the data folder."""

    url: Annotated[RedisUrl | None, BlankIsNone] = Field(default=None, repr=False)


class ModelSettings(Section):
    """The language model; none is the demo voice. `timeout` is in seconds."""

    base_url: Annotated[HttpUrl | None, BlankIsNone] = None
    api_key: Annotated[SecretStr | None, BlankIsNone] = None
    timeout: float = Field(default=60, gt=0, le=3600, allow_inf_nan=False)
    # After what it depends on: validators see only the fields above their own.
    name: Annotated[Text | None, BlankIsNone] = Field(default=None, validate_default=True)

    @field_validator("name")
    @classmethod
    def _named_when_connected(cls, name: str | None, before: ValidationInfo) -> str | None:
        if name is None and (before.data.get("base_url") or before.data.get("api_key")):
            raise ValueError("is required when a model is connected: the name its maker gave it")
        return name

    @property
    def configured(self) -> bool:
        """Whether a model is connected."""
        return self.name is not None


class RetentionSettings(Section):
    """How long conversations are kept."""

    days: int = Field(default=365, ge=1, le=36_500)


class LogSettings(Section):
    """How log lines look: `text` for people, `json` for what collects them."""

    format: Literal["text", "json"] = "text"


class MetricsSettings(Section):
    """Who may read the measures, and where a process without a web server shows them."""

    host: Text = "127.0.0.1"
    port: int | None = Field(default=None, ge=0, le=65535)
    token: Annotated[SecretStr | None, BlankIsNone] = None


class TracingSettings(Section):
    """Where spans are sent: the base URL of an OpenTelemetry collector (OTLP over HTTP)."""

    endpoint: Annotated[HttpUrl | None, BlankIsNone] = None


class AdminSettings(Section):
    """Who may give commands, by what their network calls them."""

    telegram: frozenset[TelegramId] = frozenset()
    whatsapp: frozenset[Phone] = frozenset()

    def on(self, kind: str) -> frozenset[str]:
        """The admins' ids on that kind of channel."""
        return {"telegram": self.telegram, "whatsapp": self.whatsapp}.get(kind, frozenset())
