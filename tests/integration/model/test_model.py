"""The model's client against a real server: what is asked, what is understood, what is an error."""

import socket

import pytest

from bot.errors import ModelError
from bot.llm import OpenAiModel
from bot.model import Reply
from tests.integration.model.conftest import (
    KEY,
    PROMPT,
    Answer,
    Connected,
    ModelServer,
    completion,
)

ASKED = [("system", "You are Anna."), ("user", PROMPT)]
SCHEMA: dict[str, object] = {"type": "object", "properties": {"verdict": {"type": "string"}}}


async def refused(model: OpenAiModel, schema: dict[str, object] | None = None) -> str:
    """The error's text, which shows neither what was asked nor the key."""
    with pytest.raises(ModelError) as caught:
        await model.complete(ASKED, schema)
    text = str(caught.value)
    assert PROMPT not in text
    assert KEY not in text
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return text


async def test_the_completion_comes_back_with_its_tokens(
    server: ModelServer, model: Connected
) -> None:
    server.says(Answer(completion("  Hello, client!\n")))

    reply = await model().complete(ASKED)

    assert reply == Reply("Hello, client!", tokens=42)
    assert server.asked == [
        {
            "model": "m",
            "messages": [
                {"role": "system", "content": "You are Anna."},
                {"role": "user", "content": PROMPT},
            ],
        }
    ]
    assert server.keys == [f"Bearer {KEY}"]


async def test_a_schema_is_asked_for_as_structured_output(
    server: ModelServer, model: Connected
) -> None:
    await model().complete(ASKED, SCHEMA)

    wanted = server.asked[0]["response_format"]
    assert wanted["type"] == "json_schema"
    assert wanted["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": 3}])
async def test_usage_may_be_missing(server: ModelServer, model: Connected, usage: object) -> None:
    server.says(Answer(completion(usage=usage)))

    assert await model().complete(ASKED) == Reply("Hello!", tokens=None)


@pytest.mark.parametrize("status", [400, 422])
async def test_a_server_that_knows_no_schemas_is_asked_without(
    server: ModelServer, model: Connected, status: int
) -> None:
    server.says(Answer({"error": {"message": "response_format?"}}, status), Answer())

    assert (await model().complete(ASKED, SCHEMA)).text == "Hello!"
    assert ["response_format" in asked for asked in server.asked] == [True, False]


async def test_a_request_that_is_bad_without_a_schema_is_not_repeated(
    server: ModelServer, model: Connected
) -> None:
    server.says(Answer({"error": {"message": f"bad: {PROMPT}"}}, 400))

    assert "400" in await refused(model())
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
async def test_a_passing_fault_is_tried_again(
    server: ModelServer, model: Connected, status: int
) -> None:
    quick = {"retry-after-ms": "1"}
    server.says(Answer({"error": {"message": PROMPT}}, status, headers=quick), Answer())

    assert (await model().complete(ASKED)).text == "Hello!"
    assert len(server.asked) == 2


async def test_a_fault_that_does_not_pass_is_tried_three_times(
    server: ModelServer, model: Connected
) -> None:
    server.says(Answer({"error": {"message": PROMPT}}, 500, headers={"retry-after-ms": "1"}))

    assert "500" in await refused(model())
    assert len(server.asked) == 3


async def test_a_server_that_asks_to_wait_longer_than_the_timeout_is_not_waited_for(
    server: ModelServer, model: Connected
) -> None:
    server.says(Answer({"error": {"message": "slow down"}}, 429, headers={"retry-after": "59"}))

    assert "within" in await refused(model(timeout=0.5))
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_what_will_not_get_better_is_not_tried_again(
    server: ModelServer, model: Connected, status: int
) -> None:
    server.says(Answer({"error": {"message": f"not with {KEY}"}}, status))

    assert str(status) in await refused(model())
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        '"a text"',
        "[]",
        "null",
        "{}",
        {"choices": None},
        {"choices": []},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"message": None}]},
        {"choices": {"message": {"content": "Hello"}}},
        {"error": {"message": PROMPT}},
        completion(None),
        completion(""),
        completion(" \n"),
        completion(7),
        completion([{"type": "text", "text": PROMPT}]),
    ],
    ids=str,
)
async def test_an_answer_without_a_text_is_an_error(
    server: ModelServer, model: Connected, body: object
) -> None:
    server.says(Answer(body))

    await refused(model())


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/json"])
async def test_a_page_instead_of_an_answer_is_an_error(
    server: ModelServer, model: Connected, kind: str
) -> None:
    server.says(Answer(f"<html><body>{PROMPT}: sign in first</body></html>", kind=kind))

    await refused(model())


async def test_an_answer_that_says_it_is_a_text_is_read_all_the_same(
    server: ModelServer, model: Connected
) -> None:
    server.says(Answer(kind="text/plain"))

    assert (await model().complete(ASKED)).text == "Hello!"


async def test_a_server_that_hangs_is_given_up(server: ModelServer, model: Connected) -> None:
    server.says(Answer(hangs=True))

    assert "did not answer within" in await refused(model(timeout=0.3))


async def test_a_server_that_is_not_there_is_an_error(model: Connected) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    assert "no model there" in await refused(model(timeout=5, url=f"http://127.0.0.1:{port}/v1"))


async def test_asking_whether_it_is_there_tells_a_wrong_key(
    server: ModelServer, model: Connected
) -> None:
    await model().ping()
    server.says(Answer({"error": {"message": "no"}}, 401))

    with pytest.raises(ModelError, match="401"):
        await model().ping()


async def test_a_text_that_no_wire_carries_is_an_error_and_not_a_crash(model: Connected) -> None:
    with pytest.raises(ModelError):
        await model().complete([("user", "half \ud83d of a pair")])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_server_that_sends_us_elsewhere_is_not_followed(
    server: ModelServer, model: Connected, status: int
) -> None:
    server.says(Answer({}, status, headers={"Location": server.url + "/chat/completions"}))

    assert str(status) in await refused(model())
    assert len(server.asked) == 1
