"""Reads the settings of this process, or says all that is wrong with them."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticUndefined

from gateway.settings.settings import FILE, PREFIX, Settings

_PLACE = re.compile(r"at (line \d+, column \d+|end of document)")


# What pydantic-settings says of a variable whose value should be JSON.
_IN_VARIABLE = re.compile(r'for field "(\w+)" from source "EnvSettingsSource"')


class SettingsError(Exception):
    """The configuration cannot be used.

    Args:
        problems: One line for each, naming the variable and the remedy, without any value.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Described(BaseModel):
    """A setting, for tables: variable, default as it would be written, meaning."""

    variable: str
    default: str
    meaning: str
    secret: bool


def read() -> Settings:
    """Return the settings of this process.

    Raises:
        SettingsError: Something is wrong or missing; all of it is named.
    """
    unknown = dict(_unknown(os.environ))
    problems = [*unknown.values(), *_file_problems(os.environ.get(FILE))]
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)
        problems += [_problem(detail) for detail in wrong if _variable(detail) not in unknown]
    except Exception as error:  # noqa: BLE001 - the file and env readers raise many kinds
        # Where it is, and not what: TOML's own words may quote what is there.
        if in_variable := _IN_VARIABLE.search(str(error)):
            problems += [f"{variable}: the value is not JSON." for variable in _no_json(in_variable[1])]
        at = _PLACE.search(str(error))
        where = f" {at[0]}" if at else ""
        problems = problems or [f"{FILE}: the settings cannot be read ({type(error).__name__}{where})."]
    else:
        if not problems:
            return settings
    raise SettingsError(problems)


def described() -> Iterator[Described]:
    """Yield every setting in the order of the code."""
    for section_name, section in Settings.model_fields.items():
        for name, field in _fields(section.annotation).items():
            default = field.default
            secret = "SecretStr" in str(field.annotation)
            shown = "" if default in {None, PydanticUndefined} else str(default)
            yield Described(
                variable=f"{PREFIX}{section_name}_{name}".upper(),
                default=shown.lower() if isinstance(default, bool) else shown,
                meaning=field.description or "",
                secret=secret,
            )


def _fields(section: Any) -> dict[str, Any]:
    fields: dict[str, Any] = section.model_fields
    return fields


def _no_json(section_name: str) -> Iterator[str]:
    """Yield the variables of a section that should hold JSON and do not."""
    for name, field in _fields(Settings.model_fields[section_name].annotation).items():
        variable = f"{PREFIX}{section_name}_{name}".upper()
        if get_origin(field.annotation) is dict and variable in os.environ:
            try:
                json.loads(os.environ[variable])
            except ValueError:
                yield variable


def _unknown(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the variables that are none of ours, in capitals as the sections see them, and what to do."""
    known = {setting.variable for setting in described()} | {FILE}
    for name in sorted(environment):
        variable = name.upper()
        if variable.startswith(PREFIX) and variable not in known:
            near = difflib.get_close_matches(variable, known, n=1)
            remedy = f"did you mean {near[0]}?" if near else "remove it; README lists the settings."
            yield variable, f"{name}: there is no such setting; {remedy}"


def _file_problems(file: str | None) -> Iterator[str]:
    if file and not Path(file).is_file():
        yield f"{FILE}: the file does not exist; correct the path or unset the variable."


def _problem(detail: ErrorDetails) -> str:
    location = [str(part) for part in detail["loc"]]
    variable = _variable(detail)
    meaning = next((s.meaning for s in described() if s.variable == variable), "")
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "string_pattern_mismatch":
        message = "the value does not have the right form"
    if detail["type"] == "extra_forbidden" and "sources" not in location:
        return f"{'.'.join(location)} in the file of {FILE}: there is no such setting; README lists them."
    if len(location) == 1:
        return f"{variable}_*: {message}."
    if "sources" in location:
        place = ".".join(part for part in location if part != "[key]")
        return f"{place} in the file of {FILE}: {message[0].lower()}{message[1:]}."
    return f"{variable}: {message[0].lower()}{message[1:]}. {meaning}."


def _variable(detail: ErrorDetails) -> str:
    return PREFIX + "_".join(map(str, detail["loc"])).upper()
