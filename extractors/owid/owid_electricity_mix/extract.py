"""Our World in Data, "Electricity mix" (BP and Ember), vintages of 2020 to 2022, four layouts."""

from __future__ import annotations

import csv
from pathlib import Path

from extractors.contract import Document, Frames
from extractors.formats.tabular import Layout, read_csv

_FUELS = [
    "bioenergy",
    "coal",
    "fossil fuels",
    "gas",
    "hydro",
    "nuclear",
    "oil",
    "other renewables",
    "renewables",
]
_FUELS += ["other renewables excluding bioenergy", "other renewables including bioenergy", "solar", "wind"]
# printed name -> series; the short name in SQL is "s" and its place in this table
SERIES = {
    "Electricity Generation (TWh)": "total",
    "Electricity generation (TWh)": "total",
    "Electricity demand (TWh)": "demand",
    "Net imports (TWh)": "net imports",
    "Low-carbon electricity (TWh)": "low-carbon",
} | {f"Electricity from {fuel} (TWh)": fuel for fuel in _FUELS}
SHORT = {name: f"s{place}" for place, name in enumerate(SERIES)}

_HEADS = "Coal,Oil,Gas,Fossil fuel,Renewable,Low-carbon,Nuclear,Solar,Wind,Hydro"
_SHARES = "Coal,Oil,Gas,Fossil fuels,Renewables,Low-carbon electricity,Nuclear,Solar,Wind,Hydro"
_SHARES_2021 = (
    "Coal,Oil,Gas,Nuclear,Solar,Wind,Hydro,Other renewables,Renewables,Fossil fuels,Low-carbon electricity"
)
_OTHERS = "other renewables excluding bioenergy,other renewables including bioenergy"
_HEAD, _PRIMARY = "Per capita electricity (kWh)", "Electricity as share of primary energy"
_CARBON, _EMISSIONS = "Carbon intensity of electricity (gCO2/kWh)", "Emissions (MtCO2)"


def _twh(names: str) -> list[str]:
    return [
        f"Electricity from {name} (TWh)" if name in _FUELS else f"{name} (TWh)" for name in names.split(",")
    ]


def _per_head(names: str) -> list[str]:
    return [f"{name} electricity per capita (kWh)" for name in names.split(",")]


def _share(names: str) -> list[str]:
    return [f"{name[0].upper()}{name[1:]} (% electricity)" for name in names.split(",")]


def _layout(name: str, *columns: str) -> Layout:
    """Columns in TWh are read, all others are ignored by name: they are derived from these or emissions."""
    return Layout(
        name, {"Country": "area", "Year": "year", **{column: SHORT.get(column) for column in columns}}
    )


_2020 = _twh(
    "coal,Electricity Generation,fossil fuels,gas,hydro,Low-carbon electricity,nuclear,oil,other renewables"
)
_2020 += [*_twh("renewables,solar,wind"), _HEAD]
_HEADS_2020 = _per_head(f"{_HEADS},Other renewable")
_BIO_2021 = [
    *_twh("bioenergy,other renewables excluding bioenergy"),
    *_per_head("Bioenergy"),
    *_share("Bioenergy"),
]
_START_2022 = _twh("coal,Electricity demand,Electricity generation")
_MIX_2022 = _twh(
    f"fossil fuels,gas,hydro,Low-carbon electricity,Net imports,nuclear,oil,{_OTHERS},renewables,solar,wind"
)
_TAIL_2022 = [_HEAD, *_per_head(f"{_HEADS},Bioenergy")]
_TAIL_2022 += [
    f"Other renewable electricity {with_} bioenergy per capita (kWh)" for with_ in ("excluding", "including")
]
_TAIL_2022 += [
    _PRIMARY,
    "Net electricity imports as a share of demand",
    *_share(f"{_SHARES},Bioenergy,{_OTHERS}"),
]
LAYOUTS = [
    _layout("2020-09", *_2020, *_HEADS_2020, _PRIMARY, *_share(f"{_SHARES},Other renewables")),
    _layout("2021-03", *_2020, _PRIMARY, *_share(_SHARES_2021), *_HEADS_2020, _CARBON, *_BIO_2021),
    _layout("2022-03", *_twh("bioenergy"), _CARBON, *_START_2022, *_MIX_2022, *_TAIL_2022),
    _layout("2022-04", *_twh("bioenergy"), *_START_2022, _EMISSIONS, *_MIX_2022, _CARBON, *_TAIL_2022),
]


def _rows(pairs: list[tuple[str, str]]) -> str:
    quoted = [tuple("'" + text.replace("'", "''") + "'" for text in pair) for pair in pairs]
    return ", ".join(f"({first}, {second})" for first, second in quoted)


def parse(document: Document) -> Frames:
    """CSV, one row per area and year, one column per measure. Unit: TWh, as printed in the column names.
    Areas are printed as names only; ``areas.csv`` says which country each is (blank: none). An area it lacks
    ends in quarantine under its name.
    Source: https://github.com/owid/energy-data"""
    table = read_csv(document, LAYOUTS)
    with (Path(__file__).parent / "areas.csv").open(encoding="utf-8", newline="") as file:
        areas = [(row["area"], row["country"]) for row in csv.DictReader(file)]
    shorts = [(short, printed) for printed, short in SHORT.items() if table.has(short)]
    names = [(short, SERIES[printed]) for short, printed in shorts]
    relation = (
        f"records UNPIVOT INCLUDE NULLS (twh FOR short IN ({', '.join(short for short, _ in shorts)}))"
        f" JOIN (VALUES {_rows(names)}) AS names(short, series) USING (short)"
        f" JOIN (VALUES {_rows(shorts)}) AS printed(short, printed) USING (short)"
        f" LEFT JOIN (VALUES {_rows(areas)}) AS areas(area, country) USING (area)"
    )
    columns = {
        "country": "coalesce(country, area)",
        "period": (
            r"CASE WHEN regexp_full_match(year, '\d{4}') THEN year || '-01-01'"
            r" ELSE 'no year: ' || year END"
        ),
        "frequency": "'year'",
        "series": "series",
        "twh": (
            "CASE WHEN country IS NULL THEN concat('area without an entry in areas.csv: ', area) ELSE twh END"
        ),
    }
    ignore = {
        "region, aggregate or former country: no ISO 3166 code": "country = ''",
        "no value printed": "twh IS NULL AND country IS NOT NULL",
    }
    return {
        "electricity_generation": table.select_from(
            relation, columns, place="', column ' || printed", ignore=ignore
        )
    }
