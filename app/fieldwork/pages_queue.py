"""The queue of unsent work. It lies in the reader's browser: the page is its frame and its words."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.kit.page import page

router = APIRouter(prefix="/ko")


@router.get("", name="queue:show")
async def show(request: Request, actor: SignedIn) -> Response:  # noqa: ARG001  (whose queue it is)
    return page(request, "fieldwork/queue.html")
