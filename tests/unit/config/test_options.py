from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bot.errors import SettingsError
from bot.options import kind_at, nearest, validated


def _odd(number: int) -> int:
    if number % 2 == 0:
        raise ValueError("should be odd")
    return number


class Step(BaseModel):
    model_config = ConfigDict(extra="forbid")

    delay: str
    instruction: str
    once: bool = False


class Shop(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    number: Annotated[int, AfterValidator(_odd)] = 1
    price: float = 1.0
    opening: str = Field(default="", validation_alias="opening-hours")
    steps: tuple[Step, ...] = ()
    tags: list[str] | None = None
    numbers: list[int] = []
    days: dict[Literal["mon", "tue", "wed"], list[str]] = {}
    people: dict[str, Step] = {}


def fault(table: dict[str, object], where: str = "") -> str:
    with pytest.raises(SettingsError) as caught:
        validated(Shop, table, where)
    return str(caught.value)


def test_a_table_that_fits_becomes_the_model() -> None:
    shop = validated(Shop, {"name": "Spokes", "opening-hours": "always", "number": "7"})

    assert (shop.name, shop.opening, shop.number) == ("Spokes", "always", 7)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"nmae": "x"}, "nmae: unknown key; did you mean 'name'?"),
        ({"opening-hour": "x"}, "opening-hour: unknown key; did you mean 'opening-hours'?"),
        ({"steps": [{"delay": "1h", "instruction": "x", "onec": True}]}, "'once'"),
        ({"people": {"a": {"delay": "", "instruction": "", "dely": ""}}}, "'delay'"),
        ({"days": {"wednesday": []}}, "days.wednesday: unknown key; did you mean 'wed'?"),
        ({"days": {"Mon": []}}, "days.Mon: unknown key; did you mean 'mon'?"),
        ({"days": {"zzz": []}}, "days.zzz: unknown key; known keys: mon, tue, wed"),
    ],
)
def test_beside_an_unknown_key_stands_the_nearest_known_one(
    table: dict[str, object], line: str
) -> None:
    assert line in fault(table)


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"name": 5}, "name: should be text in quotes"),
        ({"number": "many"}, "number: should be a whole number"),
        ({"number": 2}, "number: should be odd"),
        ({"price": "much"}, "price: should be a number"),
        ({"tags": "a"}, 'tags: should be a list, like ["…", "…"]'),
        ({"numbers": "a"}, "numbers: should be a list"),
        ({"steps": "a"}, "steps: should be a list of tables"),
        ({"steps": ["a"]}, "steps.0: should be a table"),
        ({"people": []}, "people: should be a table"),
        ({"steps": [{"delay": "1h"}]}, "steps.0.instruction: is required"),
        ({"steps": [{"delay": "", "instruction": "", "once": "?"}]}, "once: should be true or"),
    ],
)
def test_a_fault_says_in_plain_words_what_should_be_there(
    table: dict[str, object], line: str
) -> None:
    assert line in fault(table)


def test_every_fault_is_told_at_once_a_line_each_after_its_place() -> None:
    lines = fault({"nmae": "x", "number": 2}, "channels.site").splitlines()

    assert sorted(line.split(":")[0] for line in lines) == [
        "channels.site.nmae",
        "channels.site.number",
    ]


def test_a_value_is_never_repeated_it_may_be_secret() -> None:
    assert "hush" not in fault({"number": "hush", "steps": "hush", "days": {"mon": "hush"}})


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("Port", "; did you mean 'port'?"),
        ("prot", "; did you mean 'port'?"),
        ("timezone", "; did you mean 'time_zone'?"),
        ("saturday", "; did you mean 'sat'?"),
        ("a", ""),
        ("something else", ""),
    ],
)
def test_the_nearest_name_is_found_or_nothing_is_said(key: str, hint: str) -> None:
    assert nearest(key, ["port", "time_zone", "sat"]) == hint


def test_the_kind_of_a_nested_value_is_known_where_the_model_says_it() -> None:
    assert kind_at(Shop, ("people", "anybody", "delay")) is str
    assert kind_at(Shop, ("steps", "3", "once")) is bool
    assert kind_at(Shop, ("name",)) is str
    assert kind_at(Shop, ("name", "deeper")) is None
    assert kind_at(Shop, ("nowhere", "deeper")) is None
