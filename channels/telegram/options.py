"""The settings of a Telegram account."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_core.core_schema import ValidationInfo

API = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_APP = re.compile(r"\w+(\.\w+)*:\w+(\.\w+)*")


def _token(token: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("is no token: copy the one that @BotFather shows, like 123456789:AAE…")
    return token


def _base(written: str) -> str:
    parts = urlsplit(written)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise ValueError("should be an address like https://api.telegram.org")
    return written.rstrip("/")


def _app(written: str) -> str:
    if not _APP.fullmatch(written):
        raise ValueError("should be module:name, like shop.bot:dispatcher")
    return written


class TelegramOptions(BaseModel):
    """The account's table in the settings; `app` is the business's own bot, as module:name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: Annotated[SecretStr, AfterValidator(_token)]
    driver: Literal["aiogram", "python-telegram-bot"] = "aiogram"
    mode: Literal["polling", "webhook"] = "polling"
    secret: SecretStr | None = Field(default=None, validate_default=True)
    api_base: Annotated[str, AfterValidator(_base)] = API
    app: Annotated[str, AfterValidator(_app)] | None = None

    @field_validator("secret")
    @classmethod
    def _fits(cls, secret: SecretStr | None, before: ValidationInfo) -> SecretStr | None:
        if secret is None:
            if before.data.get("mode") == "webhook":
                raise ValueError(
                    "is required with mode 'webhook', so that nobody else can post updates: "
                    "1 to 256 of A-Z, a-z, 0-9, '_' and '-'"
                )
            return None
        if not _SECRET.fullmatch(secret.get_secret_value()):
            raise ValueError("should be 1 to 256 of A-Z, a-z, 0-9, '_' and '-'")
        return secret

    @property
    def bot_id(self) -> int:
        """The bot's own id, which every token begins with."""
        return int(self.token.get_secret_value().partition(":")[0])
