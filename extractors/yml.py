"""Definitions: what people write in YAML, read into a model. What is wrong in one is told a line a fault, all
at once.

The parser that is written in C is used where it is there: it is ten times faster, and a command reads a
hundred files.
"""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOLD = {"tuple_type": "should be a list"} | dict.fromkeys(
    ("model_type", "mapping_type", "dict_type"), "should be fields with their values"
)
T = TypeVar("T")


def _listed(stated: object) -> object:
    if stated == []:
        raise ValueError("should not be empty")
    return [stated] if isinstance(stated, str) else stated


# One text, or several.
Listed = Annotated[
    tuple[T, ...],
    BeforeValidator(_listed, json_schema_input_type=str | Annotated[list[str], Field(min_length=1)]),
]


class Definition(BaseModel):
    """A file, or a part of one, that people write. A field that it does not know is an error, and what was
    read stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def read(text: str) -> Any:
    """What a YAML text says. Raises ``yaml.YAMLError`` where it is none."""
    return yaml.load(text, Loader=_LOADER)  # both loaders are the safe ones  # noqa: S506


def load(kind: type[T], text: str, where: str, **known: object) -> T:
    """The definition that a YAML text is; ``known`` are fields that follow from its place, such as its name,
    and that it cannot state.

    Raises ``ValueError``: a line a fault, which names the file (``where``), the field, and what should stand
    there.
    """
    try:
        stated = read(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{where}: {' '.join(str(error).split())}") from error
    faults: list[str] = []
    if isinstance(stated, dict):
        faults += [f"{name} is no field" for name in known if name in stated]
        stated |= known
    try:
        found = TypeAdapter(kind).validate_python(stated)
    except ValidationError as error:
        faults += _faults(kind, error, known)
    if faults:
        raise ValueError("\n".join(f"{where}: {fault}" for fault in reversed(faults)))
    return found


def _faults(kind: Any, error: ValidationError, known: Mapping[str, object]) -> Iterator[str]:
    """What is wrong, the last first: fields that are unknown come before those that are missing, and one of
    these may be misspelt."""
    meant = set()
    for fault in reversed(error.errors()):
        *outer, name = place = fault["loc"] or ("",)
        if fault["type"] == "extra_forbidden":
            fields = [field for field in _fields(kind, place) if outer or field not in known]
            near = difflib.get_close_matches(str(name), fields, 1)
            meant |= {(*outer, field) for field in near}
            told = (
                f"is no field, did you mean {near[0]!r}?"
                if near
                else f"is no field; there are: {', '.join(fields)}"
            )
        elif fault["type"] == "missing":
            if place in meant:
                continue
            told = "is missing"
        else:
            told = _TOLD.get(fault["type"]) or re.sub(
                r"^(Value error,|Input|String) |, unable.*", "", fault["msg"]
            )
            told += "" if isinstance(fault["input"], dict) else f", not {reprlib.repr(fault['input'])}"
        yield f"{_path(place)} {told}".lstrip()


def _path(place: Sequence[int | str]) -> str:
    """A place in a definition as it is written: checks[3].severity. Names in <> tell kinds of a value apart
    and are no part of it."""
    parts = [
        f"[{part}]" if isinstance(part, int) else f".{part}"
        for part in place
        if not str(part).startswith("<")
    ]
    return "".join(parts).removeprefix(".")


def _fields(kind: Any, place: Sequence[int | str]) -> dict[Any, Any]:
    """Name -> type of the fields of the innermost model in which a place lies."""
    fields: dict[Any, Any] = {}
    for part in (kind, *place):
        if model := _model(fields.get(part, part)):
            fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    return fields


def _model(kind: Any) -> type[BaseModel] | None:
    """The first model in a type, such as the one in a list of them."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next(filter(None, map(_model, get_args(kind))), None)
