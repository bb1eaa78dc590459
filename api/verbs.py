"""How a verb is served: FastAPI documents it, and is not asked when it is called.

What FastAPI does for a call — walking all routes, dependencies, exit stacks — took 0.35 ms.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any, get_type_hints

from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from api.answers import AUDITED, NEEDED_SCOPE
from api.auditing import change_asked, tell_refusal
from api.authentication import authenticated, check_allowed, check_app
from api.bodies import body_of
from api.error_handlers import render
from api.once_key import FIELD, key_of
from api.requests import fields_of, query_fields_of
from api.schemas import CallersRequest
from domain.platform import Scope
from exceptions.errors import ServerError, TwinbaseError

Served = Callable[[Request], Coroutine[Any, Any, Response]]


class VerbRoute(APIRoute):
    """Of an ``async def verb(body: Model, request: Request) -> Response``."""

    def get_route_handler(self) -> Served:
        name = self.operation_id or self.name
        return served(self.endpoint, name, fields_of, scope_of(self), is_audited=is_audited(self))


class QueryRoute(APIRoute):
    """The same verb for those who can only GET: its fields are in the URL."""

    def get_route_handler(self) -> Served:
        return served(self.endpoint, self.name, query_fields_of, scope_of(self))


def scope_of(route: APIRoute) -> Scope:
    """What a key must be allowed for the verb, as its documentation says."""
    return Scope((route.openapi_extra or {})[NEEDED_SCOPE])


def is_audited(route: APIRoute) -> bool:
    return bool((route.openapi_extra or {})[AUDITED])


def served(
    verb: Callable[[Any, Request], Awaitable[Response]],
    name: str,
    fields_of: Callable[[Request], Awaitable[dict[str, object]]],
    needed: Scope,
    *,
    is_audited: bool = False,
) -> Served:
    """From a request to its answer, whatever the body or the verb raises of ours."""
    model: type[BaseModel] = next(iter(get_type_hints(verb).values()))
    takes_key = FIELD in model.model_fields

    async def serve(request: Request) -> Response:
        state = request.scope["state"]
        try:
            identity = state["identity"] = await authenticated(request.scope, state["key_ring"])
            check_allowed(identity, needed, request.scope)
            fields = await fields_of(request)
            body = body_of(model, fields)
            state["database_id"] = getattr(body, "database_id", None)
            uid = ""  # of those who administer the service
            if isinstance(body, CallersRequest):
                check_app(identity, body.acting_app)
                state["caller"] = body.caller_of(identity.platform_id)
                uid = body.uid
            if takes_key:
                state["once_key"] = key_of(name, fields, (identity.platform_id, uid), request.scope)
            if is_audited:
                state["change"] = change_asked(name, body, request)
            return await verb(body, request)
        except TwinbaseError as error:
            if is_audited:
                await tell_refusal(name, error, request)
            return render(request, error)
        except Exception:
            if is_audited:
                await tell_refusal(name, ServerError(), request)
            raise

    return serve


def by_path(prefix: str, routes: Iterable[BaseRoute]) -> Mapping[str, Served]:
    return {
        prefix + route.path: route.get_route_handler()
        for route in routes
        if isinstance(route, VerbRoute)
    }
