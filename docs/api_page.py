"""The page of all verbs, from the service's own OpenAPI."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from api.answers import NEEDED_SCOPE
from api.prefix import PREFIX
from service.main import create_app
from service.settings import Settings

Schema = Mapping[str, Any]

_WIDTH = 110

_HEAD = f"""# Verbs

Made from the service's OpenAPI by `make docs`; a running service shows the same at `/docs`.

Each verb is `POST {PREFIX}/<verb>`, a JSON object in,
`{{"code", "message", "sid", "data"}}` out, with `Content-Type: application/json` both ways.
`code` 0 is success; [all codes](errors.md). Fields that a verb does not have are refused. `sid` is
the request's id, also in the header `X-Request-Id`, which a request may send itself (8–40 letters,
digits, `.`, `_`, `-`). Where keys are asked for, `Authorization: Bearer <key>`
([platforms](platforms.md)). What is not `required` may be left out, or null.
"""


def api_page() -> str:
    document = create_app(Settings()).openapi()
    schemas = document["components"]["schemas"]
    verbs = {
        path.rpartition("/")[2]: methods["post"]
        for path, methods in document["paths"].items()
        if path.startswith(PREFIX)
    }
    groups: dict[str, list[str]] = {}
    for verb, operation in verbs.items():
        groups.setdefault(operation["tags"][0], []).append(verb)
    lines = [_HEAD]
    lines += [
        f"- **{group}**: {', '.join(f'[{verb}](#{verb})' for verb in members)}"
        for group, members in groups.items()
    ]
    for verb, operation in verbs.items():
        lines += ["", *_verb(verb, operation, schemas)]
    return "\n".join([*lines, ""])


def _verb(verb: str, operation: Schema, schemas: Schema) -> Iterator[str]:
    content = operation["requestBody"]["content"]["application/json"]
    yield f"## {verb}"
    yield ""
    yield f"{operation['summary']}. Scope `{operation[NEEDED_SCOPE]}`."
    fields = list(_fields(content["schema"], schemas))
    if fields:
        yield from ("", "| field | type | default | what |", "|---|---|---|---|", *fields)
    yield from ("", "```json", *_shown(next(iter(content["examples"].values()))["value"]), "```")
    answer = operation["responses"]["200"]["content"]
    if "application/json" in answer:
        example = answer["application/json"].get("example", {})
        if "data" in example:
            yield from ("", "`data`:", "", "```json", *_shown(example["data"]), "```")
    yield ""
    yield f"Codes: {_codes(operation)}."


def _fields(schema: Schema, schemas: Schema) -> Iterator[str]:
    body = _resolved(schema, schemas)
    required = body.get("required", ())
    for name, field in body.get("properties", {}).items():
        default = "required" if name in required else _default(field)
        yield f"| `{name}` | {_type(field, schemas)} | {default} | {_what(field, schemas)} |"


def _default(field: Schema) -> str:
    value = field.get("default")
    if isinstance(value, list):  # a set's
        value = sorted(value)
    return "" if value is None else f"`{json.dumps(value)}`"


def _type(field: Schema, schemas: Schema) -> str:
    field = _resolved(field, schemas)
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_type(each, schemas) for each in field["anyOf"]))
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"array of {_type(field.get('items', {}), schemas)}"
    return str(field.get("type", "any"))


def _what(field: Schema, schemas: Schema) -> str:
    said = field.get("description") or _resolved(field, schemas).get("description", "")
    return re.sub(r"\s+", " ", said).replace("|", "\\|")


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    reference = schema.get("$ref")
    return schema if reference is None else schemas[reference.rpartition("/")[2]]


def _shown(value: object) -> list[str]:
    """One line where that can be read, or one for each field."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= _WIDTH:
        return [line]
    return json.dumps(value, ensure_ascii=False, indent=1).splitlines()


def _codes(operation: Schema) -> str:
    told = " · ".join(
        response["description"]
        for status, response in operation["responses"].items()
        if status != "200" and "description" in response
    )
    return ", ".join(sorted(set(re.findall(r"\d{5} \w+", told))))
