"""The verb that tells who changed what, for those who administer the service."""

from fastapi import APIRouter, Request, Response

from api.answers import documented
from api.audit import AuditList, AuditListAnswer, ListAuditRequest
from api.envelope import success
from api.state import state_of
from api.verbs import VerbRoute
from domain.platform import Scope
from service.use_cases.list_audit import list_audit

router = APIRouter(route_class=VerbRoute)


@router.post(
    "/list_audit",
    summary="List who changed what and what came of it, newest first",
    response_model=AuditListAnswer,
    **documented("list_audit", Scope.ADMIN),
)
async def list_page(body: ListAuditRequest, request: Request) -> Response:
    state = state_of(request)
    page = await list_audit(body.command, state["unit_of_work"])
    return success(state["sid"], AuditList.model_validate(page).model_dump())
