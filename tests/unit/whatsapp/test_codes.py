"""What Twilio's codes mean to the business."""

import pytest

from bot.errors import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ClientOptedOutError,
    WindowClosedError,
)
from channels.whatsapp.codes import error_of


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (WindowClosedError, [63016]),
        (ClientOptedOutError, [21610, 63014, 63033]),
        (ChatUnreachableError, [21211, 21614, 63003, 63015, 63024]),
        (ChannelBusyError, [20429, 30001, 63018, 63038]),
        (ChannelError, [0, 63007, 63032, 63049, 99999]),
    ],
)
def test_every_code_is_what_its_catcher_can_do(kind: type[ChannelError], codes: list[int]) -> None:
    assert {type(error_of(code)) for code in codes} == {kind}


def test_meta_s_choice_is_told_in_plain_words() -> None:
    assert str(error_of(63049)) == "Meta chose not to deliver this marketing message (63049)"


def test_an_unknown_code_is_named() -> None:
    assert "99999" in str(error_of(99999))
    assert "(0)" not in str(error_of(0))
