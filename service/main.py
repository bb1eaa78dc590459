"""The composition root: one function makes the application, from settings and nothing else."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import error_handlers
from api.middleware import RequestBoundary
from api.openapi import describe_keys
from api.router import router
from api.state import AppState
from service.lifespan import open_state
from service.logs import configure_logs
from service.settings import Settings
from service.version import VERSION

_NEW_OBJECTS = 10_000  # more than there were, until the young ones are looked through: not 700


def create_app(settings: Settings) -> FastAPI:
    app = FastAPIOffline(
        title="Twinbase",
        version=VERSION,
        summary="A PostgreSQL database for every agent: a prod and a test schema, as a pair.",
        lifespan=_lifespan_of(settings),
        redirect_slashes=False,
        redoc_url=None,  # its bundle loads from elsewhere
        # Each request would ask whether it is to be traced: 9 of its 60 µs here.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.add_middleware(RequestBoundary, max_body_bytes=settings.max_body_bytes)
    error_handlers.register(app)
    app.include_router(router)
    describe_keys(app)
    return app


def create_app_from_environment() -> FastAPI:
    """What a worker process imports."""
    settings = Settings()
    configure_logs(settings.log_level, settings.log_format)
    app = create_app(settings)
    # What has been imported stays. Looked through again and again, it would hold up all requests
    # of the worker for a tenth of a second each time.
    gc.collect()
    gc.freeze()
    # With so little left to look through, Python would do it again and again for what requests
    # under way hold: a fifth of the time where they are 256.
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
    return app


def _lifespan_of(
    settings: Settings,
) -> Callable[[FastAPI], AbstractAsyncContextManager[AppState]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[AppState]:
        async with open_state(settings) as state:
            yield state

    return lifespan
