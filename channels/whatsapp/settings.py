"""The account's table in the settings."""

import re
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    model_validator,
)

CLIENT_NAME = "{client_name}"
REMINDER = "{reminder}"
PLACEHOLDERS = (CLIENT_NAME, REMINDER)
# Of what Meta lets a filled template have, enough is left for the reminder itself.
OWN_WORDS = 500
_MOST_VARIABLES = 100


def _secret(token: SecretStr) -> SecretStr:
    if not token.get_secret_value().strip():
        raise ValueError("must not be blank; the Twilio console shows it beside the account SID")
    return token


def _sid(prefix: str, what: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(rf"{prefix}[0-9a-fA-F]{{32}}", text):
            raise ValueError(
                f"should be {what} as Twilio shows it: {prefix} and 32 characters of 0-9 and a-f"
            )
        return text

    return AfterValidator(check)


def _number(text: str) -> str:
    if not re.fullmatch(r"whatsapp:\+[1-9][0-9]{5,14}", text):
        raise ValueError('should be a WhatsApp sender like "whatsapp:+14155238886"')
    return text


def _address(text: str) -> str:
    try:
        url = TypeAdapter(AnyHttpUrl).validate_python(text)
    except ValueError:
        raise ValueError("should be an address like https://api.twilio.com") from None
    if url.query or url.fragment or url.username or url.password:
        raise ValueError("should be an address without user, query or fragment")
    return str(url).rstrip("/")


def _variables(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Twilio refuses empty values, and a template without the reminder would say nothing."""
    if len(variables) > _MOST_VARIABLES:
        raise ValueError(f"has more than {_MOST_VARIABLES} entries, and Twilio takes no more")
    for key, text in variables.items():
        if not key.strip() or not text.strip():
            raise ValueError(f"'{key}' is empty, and Twilio takes no empty ones")
        for found in re.findall(r"\{[^{}]*\}", text):
            if found not in PLACEHOLDERS:
                raise ValueError(
                    f"'{key}' has the unknown placeholder {found}; "
                    f"there are {' and '.join(PLACEHOLDERS)}"
                )
    if not any(REMINDER in text for text in variables.values()):
        raise ValueError(f'one must hold the reminder, like "2" = "{REMINDER}"')
    if sum(map(len, variables.values())) > OWN_WORDS:
        raise ValueError(f"are longer than {OWN_WORDS} characters, which leaves no room")
    return variables


class Template(BaseModel):
    """An approved template, for what is sent outside of the 24 hours; variables by their names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    content_sid: Annotated[str, _sid("HX", "a content template's SID")]
    variables: Annotated[dict[str, str], AfterValidator(_variables)]


class WhatsAppOptions(BaseModel):
    """One sender of one Twilio account; `number` is called `from` in the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_sid: Annotated[str, _sid("AC", "the account's SID")]
    auth_token: Annotated[SecretStr, AfterValidator(_secret)]
    number: Annotated[str, AfterValidator(_number)] | None = Field(
        default=None, validation_alias="from"
    )
    messaging_service_sid: Annotated[str, _sid("MG", "a messaging service's SID")] | None = None
    api_base: Annotated[str, AfterValidator(_address)] | None = None
    template: Template | None = None

    @model_validator(mode="after")
    def _one_sender(self) -> Self:
        if (self.number is None) is (self.messaging_service_sid is None):
            raise ValueError(
                'needs one of from = "whatsapp:+…" and messaging_service_sid = "MG…", not both'
            )
        return self
