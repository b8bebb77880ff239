"""README's tables, made from the code they describe. ``make docs`` rewrites them in README."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from gateway.access.scopes import MEANINGS, SOURCE_MEANING
from gateway.domain import errors
from gateway.domain.errors import GatewayError, ProviderError
from gateway.domain.provider import Operation, Verb
from gateway.providers.ims.client import OPERATIONS as IMS
from gateway.providers.visionular.client import OPERATIONS as VISIONULAR
from gateway.providers.vod.client import OPERATIONS as VOD
from gateway.settings.reader import described
from gateway.settings.settings import FILE
from gateway.telemetry import names
from tests.graph.typical import PAGES
from tests.providers.ims import fields as ims_fields
from tests.providers.visionular import fields as visionular_fields
from tests.providers.vod import fields as vod_fields

README = Path(__file__).parents[1] / "README.md"
_BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

VERBS = {
    Verb.LATEST_BY_VIDEO: "latest task of videos",
    Verb.TASKS_OF_VIDEO: "a video's history",
    Verb.TASK_BY_ID: "a task by id",
    Verb.JOBS_BY_ID: "jobs by id",
    Verb.TASKS_IN_WINDOW: "tasks in a window of time",
}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def _operation(operation: Operation | None) -> str:
    if operation is None:
        return "–"
    keys = f", {operation.max_keys} ids" if operation.max_keys > 1 else ""
    quota = f"{operation.per_second:.0f}/s" + ("" if operation.documented else " assumed")
    return f"`{operation.name}`{keys}, {quota}"


def operations() -> str:
    """Which operation answers what, with ids a call and quota."""
    rows = (
        [text, *(_operation(offers.get(verb)) for offers in (VOD, IMS, VISIONULAR))]
        for verb, text in VERBS.items()
    )
    return _table(["", "VOD", "IMS", "Visionular"], rows)


def settings() -> str:
    """Every variable."""
    rows: list[list[str]] = [[f"`{FILE}`", "", "TOML file with the same sections and names"]]
    for setting in described():
        meaning = setting.meaning + (" (secret)" if setting.secret else "")
        rows.append([f"`{setting.variable}`", f"`{setting.default}`" if setting.default else "", meaning])
    return _table(["Variable", "Default", "Meaning"], rows)


ENGINE_CODES = {
    "BAD_REQUEST": "400, 405, 406, 415: not a GraphQL request. Correct it",
    "UNAUTHENTICATED": "401: no credential, or none that is accepted. Send a token or an API key",
    "RATE_LIMITED": "429: the client's points are used up. Come back after `retryAfterMs`",
    "OVERLOADED": "503: more requests than can be answered. Come back after `retryAfterMs`",
    "LIMIT_EXCEEDED": "More than the named `limit` allows; 413 for a body. Ask for less",
    "REQUEST_TIMEOUT": "408: the body did not arrive in time",
    "GRAPHQL_PARSE_FAILED": "The document is no GraphQL",
    "GRAPHQL_VALIDATION_FAILED": "The document does not fit the schema",
    "DOCUMENT_NOT_TRUSTED": "Only documents of the gateway's manifest are answered",
    "PERSISTED_QUERY_NOT_FOUND": "No document has that id. Apollo's clients send the document next",
    "PERSISTED_QUERY_NOT_SUPPORTED": "Documents by id are switched off. Send the document",
    "OPERATION_RESOLUTION_FAILURE": "operationName does not name one operation of the document",
    "INTERNAL": "The gateway's mistake; `reference` finds it in the log",
}
"""Codes of refusals and mistakes, which no error class of the domain stands for."""

REMEDIES = {
    "BAD_USER_INPUT": "Correct the argument that the message names",
    "FORBIDDEN": "Ask for the scope that the message names; 403 where the whole operation needs it",
    "NOT_FOUND": "Something seen a moment ago is gone at the provider; look-ups are null instead",
    "NOT_OFFERED": "Ask another way; the table of operations shows which",
    "PROVIDER_NOT_CONFIGURED": "Set the provider's credentials, or leave its fields out",
    "CREDENTIALS_UNAVAILABLE": "Come back later; `gateway check --probe` tells who hands out no credentials",
    "UPSTREAM_QUOTA_EXHAUSTED": "Come back after `retryAfterMs`, or allow older data",
    "CIRCUIT_OPEN": "Come back after `retryAfterMs`; the provider is being left alone",
    "UPSTREAM_THROTTLED": "Others use up the account's quota; come back after `retryAfterMs`",
    "UPSTREAM_UNAVAILABLE": "The provider is down or out of reach; try again later",
    "UPSTREAM_TIMEOUT": "The provider took too long; try again later",
    "UPSTREAM_AUTH": "The gateway's key, permission or clock: `gateway check --probe` tells",
    "UPSTREAM_KEY_REPLACED": "The gateway's key changed again and again meanwhile; ask again",
    "UPSTREAM_REJECTED": "The provider refuses the parameters; `providerCode` says how",
    "UPSTREAM_BAD_RESPONSE": "The provider's answer does not fit its documents; tell it `providerRequestId`",
}


def _kinds(root: type[GatewayError]) -> Iterator[type[GatewayError]]:
    for child in root.__subclasses__():
        if child is not ProviderError:
            yield child
        yield from _kinds(child)


def error_codes() -> str:
    """The closed list of codes."""
    rows = [
        [f"`{code}`", meaning, "yes" if "retryAfterMs" in meaning else "no"]
        for code, meaning in ENGINE_CODES.items()
    ]
    for kind in _kinds(errors.GatewayError):
        retryable = "yes" if kind.retryable else "no"
        rows.append([f"`{kind.code}`", REMEDIES[kind.code], retryable])
    return _table(["`extensions.code`", "What to do", "`retryable`"], rows)


def scopes() -> str:
    """What a client can be allowed."""
    rows = [[f"`{scope}`", meaning] for scope, meaning in MEANINGS.items()]
    rows.append(["`source:NAME`", SOURCE_MEANING])
    return _table(["Scope", "Whoever has it may"], rows)


def wire() -> str:
    """Every field of the providers' answers, and its place in the graph."""
    rows = [
        [provider, operation, f"`{field}`", place.replace("|", "\\|")]
        for provider, module in (("VOD", vod_fields), ("IMS", ims_fields), ("Visionular", visionular_fields))
        for operation, field, place in module.FIELDS
    ]
    return _table(["Provider", "Operation", "Field on the wire", "In the graph"], rows)


def pages() -> str:
    """What typical pages of lists take."""
    rows = (
        [page.title, ", ".join(f"{count} `{name}`" for name, count in page.calls.items()) or "none"]
        for page in PAGES
    )
    return _table(["A page, with nothing in memory", "Provider calls"], rows)


def metrics() -> str:
    """Every metric."""
    rows = (
        [f"`{metric.name}`", metric.kind, metric.unit, ", ".join(metric.labels) or "–", metric.says]
        for metric in names.METRICS
    )
    return _table(["Metric", "Kind", "Unit", "Labels", "Meaning"], rows)


def _names(title: str, place: str, found: Iterable[names.Name]) -> str:
    return _table([title, place, "Meaning"], ([f"`{one.name}`", one.on, one.says] for one in found))


def spans() -> str:
    """Every span."""
    return _names("Span, for example", "Kind", names.SPANS)


def attributes() -> str:
    """Every attribute that we give a span."""
    return _names("Attribute", "On", names.ATTRIBUTES)


def log_fields() -> str:
    """Every field of a line."""
    return _names("Field", "On", names.LOG_FIELDS)


TABLES: dict[str, Callable[[], str]] = {
    "operations": operations,
    "settings": settings,
    "errors": error_codes,
    "scopes": scopes,
    "pages": pages,
    "wire": wire,
    "metrics": metrics,
    "spans": spans,
    "attributes": attributes,
    "log_fields": log_fields,
}


def rewritten(text: str) -> str:
    """Return a text with its tables made anew."""
    return _BLOCK.sub(lambda block: f"{block[1]}{TABLES[block[2]]()}{block[3]}", text)


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text("utf-8")), "utf-8")
