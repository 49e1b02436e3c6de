"""Every name by which something is found out of date, of the code that PYTHONPATH leads to.

Run with JSON on standard input, a list of changes, each file -> its text. It answers with a list: the names
as the code stands, then those after each change, which is taken back.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from dataclasses import replace

from expectations import claims, gate
from extractors import definition
from extractors.definition import Source
from warehouse.build import build, derived, indicators
from warehouse.datasets import schema
from warehouse.staging import stage
from warehouse.staging.source_state import SourceState
from warehouse.staging.vintage import Vintage
from warehouse.store import code_identity

AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def stated(source: Source) -> Vintage:
    """A document of the source, the same one for every code."""
    staged = stage.Staged(None, dict.fromkeys(source.datasets, 1), 0, {}, None)
    entry = {"full": source.statement == "full"}
    key = stage.stage_key(source, b"salt")
    one = Vintage(source.id, "", "0" * 64, AT, "second", "fetched", entry, staged, key)
    return replace(one, checks=tuple(gate.named(source, one, None, name) for name in source.datasets))


def every() -> dict[str, object]:
    """Kind and name -> what names all that it rests on."""
    sources = definition.all_sources()
    vintages = {name: [stated(source)] for name, source in sources.items()}
    states = dict.fromkeys(sources, SourceState("fresh", stale=False, reason=""))
    state = build.State(sources, vintages, states, AT)
    found: dict[str, object] = {
        "engine": indicators.engine().digest,
        "verdicts": code_identity.of("expectations.gate", definitions=False).digest,
        "claims": claims.code().digest,
        "release": state.signature(code_identity.of("flows.refresh.make_release").digest),
    }
    for name in sources:
        [one] = vintages[name]
        found[f"parser {name}"] = one.stage_key
        found[f"checks {name}"] = one.checks
    tables = {
        "dataset": {name: dataset.hash for name, dataset in schema.all_datasets().items()},
        "derived": derived.decides(vintages),
        "indicator": indicators.basis(vintages),
    }
    return found | {f"{kind} {name}": told for kind, names in tables.items() for name, told in names.items()}


def forget(*, code: bool) -> None:
    """As if the process had just begun: whatever was read is read again, ``code`` too."""
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] in code_identity.PACKAGES:
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and (code or value is not code_identity._read):
                    value.cache_clear()


def changed(texts: dict[str, str]) -> dict[str, object]:
    """The names after files have got other texts, which are taken back."""
    code = any(name.endswith(".py") for name in texts)
    before = {code_identity.ROOT / name: (code_identity.ROOT / name).read_bytes() for name in texts}
    try:
        for name, text in texts.items():
            (code_identity.ROOT / name).write_text(text, "utf-8")
        forget(code=code)
        return every()
    finally:
        for path, content in before.items():
            path.write_bytes(content)
        forget(code=code)


if __name__ == "__main__":
    json.dump([every(), *map(changed, json.load(sys.stdin))], sys.stdout)
