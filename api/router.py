"""All paths: the verbs under the contract's prefix, health beside them."""

from fastapi import APIRouter

from api.prefix import PREFIX
from api.routes import (
    audit,
    databases,
    health,
    metrics,
    operations,
    platforms,
    quotas,
    statements,
    statistics,
)
from api.verbs import by_path

METRICS = metrics.PATH

VERBS = by_path(
    PREFIX,
    [
        *databases.router.routes,
        *statements.router.routes,
        *operations.router.routes,
        *platforms.router.routes,
        *quotas.router.routes,
        *statistics.router.routes,
        *audit.router.routes,
        *health.verbs.routes,
    ],
)

router = APIRouter()
router.include_router(databases.router, prefix=PREFIX, tags=["databases"])
router.include_router(statements.router, prefix=PREFIX, tags=["statements"])
router.include_router(operations.router, prefix=PREFIX, tags=["operations"])
router.include_router(operations.by_get, prefix=PREFIX)
router.include_router(platforms.router, prefix=PREFIX, tags=["platforms"])
router.include_router(quotas.router, prefix=PREFIX, tags=["quotas"])
router.include_router(statistics.router, prefix=PREFIX, tags=["statistics"])
router.include_router(audit.router, prefix=PREFIX, tags=["audit"])
router.include_router(health.verbs, prefix=PREFIX, tags=["health"])
router.include_router(health.router, tags=["health"])
router.include_router(metrics.router)
