from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import SettingsError
from bot.model import Employee
from config.settings import (
    Settings,
    check_references,
    employees_from,
    find_config,
    load,
    unknown_tables,
)

Load = Callable[..., Settings]
Faults = Callable[..., list[str]]

KNOWN = "; known keys: followup, name, persona, special_days, timezone, working_hours"

SHOP = """
[employees.anna]
timezone = "Europe/Berlin"
[employees.anna.working_hours]
mon = ["09:00-13:00", "14:00-18:00"]
fri = ["22:00-06:00"]
sat = ["00:00-24:00"]
sun = []
[employees.anna.special_days]
"2026-12-25" = []
[employees.anna.followup]
enabled = true
[channels.site]
kind = "web"
employee = "anna"
origins = ["https://shop.example"]
"""


def test_without_a_file_everything_has_its_default() -> None:
    settings = load(None, {})

    assert (settings.web.host, settings.web.port, settings.web.public_url) == (
        "127.0.0.1",
        8080,
        None,
    )
    assert (settings.database.url, settings.redis.url) == (None, None)
    assert (settings.model.configured, settings.model.timeout) == (False, 60)
    assert settings.retention.days == 365
    assert (settings.employees, settings.channels) == ({}, {})


def test_an_employee_becomes_the_value_that_the_runtime_works_with(settings: Load) -> None:
    anna = settings(SHOP).employees["anna"].employee("anna")

    assert isinstance(anna, Employee)
    assert (anna.id, anna.name, anna.timezone) == ("anna", "Anna", "Europe/Berlin")
    assert anna.persona
    assert anna.working_hours["mon"] == ("09:00-13:00", "14:00-18:00")
    assert anna.working_hours["sun"] == ()
    assert anna.special_days == {"2026-12-25": ()}


def test_an_employee_without_a_name_is_called_like_its_id(settings: Load) -> None:
    employees = settings("[employees.anna-maria]\n[employees._]").employees

    assert employees["anna-maria"].name == "Anna Maria"
    assert employees["_"].name == "_"


def test_plugins_and_channels_get_their_own_tables_as_they_were_written(settings: Load) -> None:
    shop = settings(SHOP)

    assert shop.employees["anna"].plugin_tables == {"followup": {"enabled": True}}
    assert shop.channels["site"].options == {"origins": ["https://shop.example"]}


def test_settings_cannot_be_changed_afterwards(settings: Load) -> None:
    with pytest.raises(ValidationError):
        settings(SHOP).web.port = 1


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("prot = 1", "prot: unknown key; known keys: admins, channels, database,"),
        ("[wbe]", "wbe: unknown key; did you mean 'web'?"),
        ("[web]\nprot = 1", "web.prot: unknown key; did you mean 'port'?"),
        ("web = 1", "web: should be a table"),
        ("[web]\nport = 65536", "web.port: should be less than or equal to 65535"),
        ("[web]\nport = -1", "web.port: should be greater than or equal to 0"),
        ("[web]\nhost = ''", "web.host: "),
        (
            "[web]\ntrusted_proxies = ['10.0.0.0/8', 'x']",
            "web.trusted_proxies.1: should be an address",
        ),
        ("[web]\ntrusted_proxies = ['10.0.0.1/8']", "web.trusted_proxies.0: should be an address"),
        ("[web]\npublic_url = 'shop.example'", "web.public_url: should be an address like https"),
        ("[web]\npublic_url = 'ftp://a.example'", "web.public_url: should be an address like"),
        ("[web]\npublic_url = 'https://u:p@a.example'", "without user, query or fragment"),
        ("[database]\nurl = 'mysql://a'", "database.url: should be an address like postgresql"),
        ("[database]\nurl = 'sqlite'", "database.url: should be an address like postgresql"),
        ("[redis]\nurl = 'localhost'", "redis.url: should be an address like redis://"),
        ("[model]\ntimeout = 0", "model.timeout: should be greater than 0"),
        ("[model]\ntimeout = inf", "model.timeout: should be"),
        ("[model]\nbase_url = 'a'", "model.base_url: should be an address like"),
        ("[retention]\ndays = 0", "retention.days: should be greater than or equal to 1"),
        ("employees = []", "employees: should be a table"),
        ("[employees.Anna]", "employees.Anna: may have only a-z, 0-9, - and _"),
        ("[employees]\nanna = 1", "employees.anna: should be a table"),
        ("[employees.anna]\npersnoa = ''", "employees.anna.persnoa: unknown key; did you mean 'p"),
        ("[employees.anna]\nname = ' '", "employees.anna.name: "),
        ("[employees.anna]\ntimezone = 'Berlin'", "did you mean 'Europe/Berlin'?"),
        ("[employees.anna]\ntimezone = 'Europe/Belin'", "did you mean 'Europe/Berlin'?"),
        ("[employees.anna]\ntimezone = 'europe/berlin'", "did you mean 'Europe/Berlin'?"),
        ("[employees.anna]\ntimezone = 'new york'", "did you mean 'America/New_York'?"),
        ("[employees.anna]\ntimezone = '../../x'", "is no time zone"),
        ("[employees.anna]\ntimezone = 'Europe'", "is no time zone"),
        ("[channels.site]\nkind = 'web'", "channels.site.employee: is required"),
        ("[channels.site]\nemployee = 'a'", "channels.site.kind: is required"),
        ("[channels.'a b']", "channels.a b: may have only a-z, 0-9, - and _"),
    ],
)
def test_a_wrong_setting_is_named_and_explained(faults: Faults, text: str, line: str) -> None:
    assert any(line in told for told in faults(text)), faults(text)


@pytest.mark.parametrize(
    "interval",
    [
        "9:00-18:00",
        "09:00",
        "09:00-25:00",
        "24:00-06:00",
        "09:00-24:01",
        "09:60-10:00",
        "0\u0669:00-10:00",
    ],
)
def test_a_wrong_interval_is_named_with_an_example(faults: Faults, interval: str) -> None:
    lines = faults(f'[employees.anna.working_hours]\nmon = ["{interval}"]')

    assert lines == ['employees.anna.working_hours.mon.0: should be an interval like "09:00-18:00"']


def test_a_single_interval_still_has_to_be_in_a_list(faults: Faults) -> None:
    lines = faults('[employees.anna.working_hours]\nmon = "09:00-18:00"')

    assert lines == ['employees.anna.working_hours.mon: should be a list, like ["…", "…"]']


def test_equal_ends_are_the_whole_day(settings: Load) -> None:
    anna = settings('[employees.anna.working_hours]\nmon = ["08:00-08:00"]').employees["anna"]

    assert anna.working_hours["mon"] == ("08:00-08:00",)


@pytest.mark.parametrize(
    ("day", "hint"), [("monday", "'mon'"), ("Wed", "'wed'"), ("saturday", "'sat'")]
)
def test_a_weekday_has_three_lower_letters(faults: Faults, day: str, hint: str) -> None:
    lines = faults(f"[employees.anna.working_hours]\n{day} = []")

    assert lines == [f"employees.anna.working_hours.{day}: unknown key; did you mean {hint}?"]


@pytest.mark.parametrize("day", ["2026-02-30", "20261225", "2026-W01-1", "12-25", "christmas"])
def test_a_special_day_is_a_date(faults: Faults, day: str) -> None:
    lines = faults(f"[employees.anna.special_days]\n{day} = []")

    assert lines == [f"employees.anna.special_days.{day}: should be a date like 2026-12-25"]


@pytest.mark.parametrize("value", ["2026-12-25", "[2026-12-25]", "[09:00:00]"])
def test_dates_and_times_without_quotes_are_told_apart_from_intervals(
    faults: Faults, value: str
) -> None:
    [line] = faults(f"[employees.anna.special_days]\n2026-12-25 = {value}")

    assert line.startswith("employees.anna.special_days.2026-12-25")
    assert "should be a list" in line or "should be text in quotes" in line


def test_a_connected_model_needs_a_name(faults: Faults, settings: Load) -> None:
    connected = settings('[model]\nname = "m"\napi_key = "sk-hush"')

    assert connected.model.configured
    for key in ('base_url = "http://127.0.0.1:1"', 'api_key = "sk-hush"'):
        [line] = faults(f"[model]\n{key}")
        assert line.startswith("model.name: is required when a model is connected")


def test_an_empty_text_stands_for_a_setting_that_was_left_out(settings: Load) -> None:
    empty = settings('[model]\napi_key = ""\nname = ""\n[redis]\nurl = ""\n[web]\npublic_url = " "')

    assert not empty.model.configured
    assert (empty.redis.url, empty.web.public_url) == (None, None)


def test_proxies_are_networks_or_single_addresses(settings: Load) -> None:
    proxies = settings('[web]\ntrusted_proxies = ["10.0.0.0/8", "::1", "192.0.2.7"]')

    told = [str(each) for each in proxies.web.trusted_proxies]
    assert told == ["10.0.0.0/8", "::1/128", "192.0.2.7/32"]


def test_a_public_url_loses_its_last_slash(settings: Load) -> None:
    assert settings('[web]\npublic_url = "https://a.example/"').web.public_url == (
        "https://a.example"
    )


def test_secrets_are_never_printed(settings: Load, faults: Faults) -> None:
    text = """
    [model]
    name = "m"
    api_key = "hush-key"
    [database]
    url = "postgresql://u:hush-db@h/x"
    [redis]
    url = "redis://:hush-redis@h"
    [channels.tg]
    kind = "telegram"
    employee = "anna"
    token = "hush-token"
    """

    assert "hush" not in repr(settings(text)) + str(settings(text))
    assert "hush" not in "".join(faults(text.replace("postgresql", "x").replace("redis:", "y:")))
    assert "hush" not in "".join(faults(text + "oops = [\n"))


@pytest.mark.parametrize(
    ("text", "place"), [("[web]\nport = = 1", "line 2, column 8"), ("a = [", "end of document")]
)
def test_a_slip_in_toml_is_told_with_its_place(faults: Faults, text: str, place: str) -> None:
    [line] = faults(text)

    assert f"bot.toml: {place}: " in line


def test_a_byte_order_mark_does_no_harm(settings: Load) -> None:
    assert settings("\ufeff[web]\nport = 1").web.port == 1


def test_a_file_that_cannot_be_read_is_told_by_its_path(tmp_path: Path) -> None:
    binary = tmp_path / "picture.toml"
    binary.write_bytes(b"\xff\xfe\x00")

    for path, why in ((tmp_path / "none.toml", "no such"), (tmp_path, "read"), (binary, "UTF-8")):
        with pytest.raises(SettingsError, match=why) as caught:
            load(path, {})
        assert str(path) in str(caught.value)


def test_all_faults_of_a_file_are_told_at_once(faults: Faults) -> None:
    lines = faults("[web]\nport = 'x'\nhots = 'y'\n[retention]\ndays = 0")

    assert len(lines) == 3


def test_a_channel_names_an_employee_of_the_file_or_of_the_database(settings: Load) -> None:
    shop = settings(SHOP.replace('employee = "anna"', 'employee = "bert"'))

    assert check_references(shop, ["bert"]) == []
    assert check_references(shop, ["bort"]) == [
        "channels.site.employee: no employee 'bert'; did you mean 'bort'?"
    ]
    assert check_references(shop, []) == [
        "channels.site.employee: no employee 'bert'; known employees: anna"
    ]


def test_a_table_of_an_employee_belongs_to_a_plugin(settings: Load) -> None:
    shop = settings("[employees.anna.folowup]\n[employees.anna.working_hour]\n[employees.anna.x]")

    assert unknown_tables(shop, ["folowup", "working_hour", "x"]) == []
    assert unknown_tables(shop, ["followup"]) == [
        "employees.anna.folowup: unknown key; did you mean 'followup'?",
        "employees.anna.working_hour: unknown key; did you mean 'working_hours'?",
        "employees.anna.x: unknown key" + KNOWN,
    ]


def test_employees_are_read_from_any_settings_file(tmp_path: Path) -> None:
    path = tmp_path / "more.toml"
    path.write_text("[whatever]\nelse = 1\n[employees.bert]\n[employees.bert.followup]\nx = 1")

    employees = employees_from(path)

    assert employees["bert"].name == "Bert"
    assert employees["bert"].plugin_tables == {"followup": {"x": 1}}


def test_employees_read_alone_are_checked_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "more.toml"
    path.write_text("[employees.bert]\ntimezone = 'Berlin'")

    with pytest.raises(SettingsError, match=r"employees\.bert\.timezone"):
        employees_from(path)


def test_the_settings_file_of_the_current_folder_comes_before_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert find_config().name == "demo.toml"

    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "bot.toml").touch()
    assert find_config() == Path("config/bot.toml")


def test_its_secrets_are_known_to_whoever_must_hide_them() -> None:
    settings = Settings(
        database={"url": "postgresql://me:pass%20word@db/name"},
        model={"name": "m", "api_key": "the-key"},
        metrics={"token": "measuring"},
        channels={
            "tg": {"kind": "telegram", "employee": "anna", "token": "1:a", "secret": "b"},
            "wa": {"kind": "whatsapp", "employee": "anna", "auth_token": "c", "from": "+1555"},
        },
    )

    assert settings.secrets == {
        *("pass%20word", "pass word", "the-key", "measuring", "1:a", "b", "c"),
    }
