from collections.abc import Callable

import pytest

from config.settings import Settings, load

Load = Callable[..., Settings]
Faults = Callable[..., list[str]]

ANNA = """
[employees.anna-maria]
[employees.anna-maria.working_hours]
mon = ["09:00-10:00"]
[employees.anna-maria.followup]
enabled = true
[[employees.anna-maria.followup.steps]]
delay = "1h"
instruction = "first"
[[employees.anna-maria.followup.steps]]
delay = "2h"
instruction = "second"
[channels.site]
kind = "web"
employee = "anna-maria"
"""


def test_the_environment_is_stronger_than_the_file(settings: Load) -> None:
    web = settings('[web]\nport = 1\nhost = "::1"', FOLLOWUP_WEB__PORT="2").web

    assert (web.port, web.host) == (2, "::1")


def test_every_section_can_be_set(settings: Load) -> None:
    given = settings(
        FOLLOWUP_WEB__PUBLIC_URL="https://a.example",
        FOLLOWUP_DATABASE__URL="sqlite:///x",
        FOLLOWUP_REDIS__URL="redis://a",
        FOLLOWUP_MODEL__API_KEY="[hush]",
        FOLLOWUP_MODEL__NAME="{m}",
        FOLLOWUP_MODEL__TIMEOUT="1.5",
        FOLLOWUP_RETENTION__DAYS="7",
        FOLLOWUP_EMPLOYEES__ANNA__NAME="Anne",
        FOLLOWUP_CHANNELS__SITE__KIND="web",
        FOLLOWUP_CHANNELS__SITE__EMPLOYEE="anna",
    )

    assert given.web.public_url == "https://a.example"
    assert (given.database.url, given.redis.url) == ("sqlite:///x", "redis://a")
    assert given.model.api_key is not None
    assert given.model.api_key.get_secret_value() == "[hush]"
    assert (given.model.name, given.model.timeout) == ("{m}", 1.5)
    assert given.retention.days == 7
    assert given.employees["anna"].name == "Anne"
    assert given.channels["site"].employee == "anna"


def test_lists_are_written_as_json_and_replace_the_list_of_the_file(settings: Load) -> None:
    given = settings(
        ANNA,
        FOLLOWUP_EMPLOYEES__ANNA_MARIA__WORKING_HOURS__MON='["11:00-12:00"]',
        FOLLOWUP_EMPLOYEES__ANNA_MARIA__SPECIAL_DAYS__2026_12_25="[]",
        FOLLOWUP_CHANNELS__SITE__ORIGINS='["https://a.example"]',
    )

    anna = given.employees["anna-maria"]
    assert anna.working_hours == {"mon": ("11:00-12:00",)}
    assert anna.special_days == {"2026-12-25": ()}
    assert given.channels["site"].options == {"origins": ["https://a.example"]}


def test_an_underscore_reaches_a_name_with_a_hyphen_of_the_file(settings: Load) -> None:
    given = settings(ANNA, FOLLOWUP_EMPLOYEES__ANNA_MARIA__NAME="Annie")

    assert {key: anna.name for key, anna in given.employees.items()} == {"anna-maria": "Annie"}


def test_an_exact_name_comes_before_one_that_is_alike(settings: Load) -> None:
    given = settings("[employees.a-b]\n[employees.a_b]", FOLLOWUP_EMPLOYEES__A_B__NAME="X")

    assert (given.employees["a_b"].name, given.employees["a-b"].name) == ("X", "A B")


def test_tables_of_plugins_are_reached_and_left_to_the_plugin_to_convert(settings: Load) -> None:
    given = settings(
        ANNA,
        FOLLOWUP_EMPLOYEES__ANNA_MARIA__FOLLOWUP__ENABLED="false",
        FOLLOWUP_EMPLOYEES__ANNA_MARIA__FOLLOWUP__NOTE="[not json",
    )

    table = given.employees["anna-maria"].plugin_tables["followup"]
    assert (table["enabled"], table["note"]) == ("false", "[not json")
    assert len(table["steps"]) == 2


def test_a_number_names_an_element_of_a_list(settings: Load) -> None:
    steps = "FOLLOWUP_EMPLOYEES__ANNA_MARIA__FOLLOWUP__STEPS"
    given = settings(
        ANNA,
        **{f"{steps}__0__DELAY": "5h", f"{steps}__2": '{"delay": "7h", "instruction": "third"}'},
    )

    assert given.employees["anna-maria"].plugin_tables["followup"]["steps"] == [
        {"delay": "5h", "instruction": "first"},
        {"delay": "2h", "instruction": "second"},
        {"delay": "7h", "instruction": "third"},
    ]


def test_numbers_make_a_list_where_the_file_has_none_but_never_of_names(settings: Load) -> None:
    given = settings(
        FOLLOWUP_EMPLOYEES__0__NAME="Zero",
        FOLLOWUP_EMPLOYEES__0__FOLLOWUP__STEPS__0__DELAY="1h",
        FOLLOWUP_EMPLOYEES__0__FOLLOWUP__STEPS__1__DELAY="2h",
    )

    assert given.employees["0"].name == "Zero"
    assert given.employees["0"].plugin_tables["followup"]["steps"] == [
        {"delay": "1h"},
        {"delay": "2h"},
    ]


def test_a_gap_in_the_numbers_makes_no_list(settings: Load) -> None:
    given = settings(ANNA, FOLLOWUP_EMPLOYEES__ANNA_MARIA__FOLLOWUP__STEPS__3__DELAY="1h")

    assert given.employees["anna-maria"].plugin_tables["followup"]["steps"] == {
        "3": {"delay": "1h"}
    }


def test_a_whole_table_may_be_json_and_a_longer_name_is_stronger(settings: Load) -> None:
    given = settings(
        '[web]\nhost = "::1"',
        FOLLOWUP_WEB__PORT="2",
        FOLLOWUP_WEB='{"port": 1, "public_url": "https://a.example"}',
        FOLLOWUP_EMPLOYEES='{"a__b": {"name": "B"}}',
    )

    assert (given.web.host, given.web.port) == ("::1", 2)
    assert given.web.public_url == "https://a.example"
    assert given.employees["a__b"].name == "B"


def test_an_empty_variable_counts_as_not_given(settings: Load) -> None:
    given = settings("[web]\nport = 1", FOLLOWUP_WEB__PORT="", REDIS_URL=" ", FOLLOWUP_X="")

    assert (given.web.port, given.redis.url) == (1, None)


def test_the_usual_names_are_stronger_than_the_file_and_weaker_than_ours(settings: Load) -> None:
    file = '[database]\nurl = "sqlite:///file"\n[redis]\nurl = "redis://file"'
    usual = {"DATABASE_URL": "sqlite:///usual", "REDIS_URL": "redis://usual"}

    given = settings(file, **usual)
    overruled = settings(
        file, **usual, FOLLOWUP_DATABASE__URL="sqlite:///ours", FOLLOWUP_REDIS__URL="redis://ours"
    )

    assert (given.database.url, given.redis.url) == ("sqlite:///usual", "redis://usual")
    assert (overruled.database.url, overruled.redis.url) == ("sqlite:///ours", "redis://ours")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FOLLOWUP_WBE__PORT", "FOLLOWUP_WEB__PORT"),
        ("FOLLOWUP_WEB_PORT", "FOLLOWUP_WEB__PORT"),
        ("FOLLOWUP_PORT", "FOLLOWUP_WEB__PORT"),
        ("FOLLOWUP_EMPLOYES__ANNA__NAME", "FOLLOWUP_EMPLOYEES__ANNA__NAME"),
    ],
)
def test_a_variable_that_is_no_setting_is_refused_with_the_nearest(
    faults: Faults, name: str, meant: str
) -> None:
    assert faults(**{name: "x"}) == [f"{name}: unknown setting; did you mean '{meant}'?"]


def test_a_variable_that_is_like_nothing_is_answered_with_the_sections(faults: Faults) -> None:
    [line] = faults(FOLLOWUP_QQQQQ="x")

    assert line.startswith(
        "FOLLOWUP_QQQQQ: unknown setting; known sections: admins, channels, database"
    )


def test_a_fault_of_the_environment_names_the_variable(faults: Faults) -> None:
    lines = faults(
        "[web]\nprot = 1", FOLLOWUP_WEB__PORT="x", FOLLOWUP_WEB='{"hots": "y"}', FOLLOWUP_Q="z"
    )

    assert lines[0].startswith("FOLLOWUP_Q: unknown setting")
    assert "web.port: should be a whole number (set by FOLLOWUP_WEB__PORT)" in lines
    assert "web.hots: unknown key; did you mean 'host'? (set by FOLLOWUP_WEB)" in lines


def test_variables_of_others_are_left_alone(settings: Load) -> None:
    given = settings(PATH="/bin", FOLLOWUP="1", PORT="1", FOLLOWUP_CHROMIUM="/usr/bin/chromium")

    assert given == Settings()


def test_without_variables_given_the_process_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOWUP_WEB__PORT", "1234")

    assert load(None).web.port == 1234
    assert Settings().web.port == 8080
