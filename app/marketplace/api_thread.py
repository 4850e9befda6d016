"""Messages with photos and documents, from programs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, UploadFile

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey
from app.marketplace.commands import PostMessage, Text
from app.marketplace.outputs import MessageOut
from app.marketplace.pages_thread import MOST_UPLOAD, Attached, stored_files
from app.marketplace.service_thread import post_with_files, require_seen

router = APIRouter(tags=["market"])


@router.post(
    "/requests/{request_id}/messages",
    name="api:requests:post_message",
    response_model=MessageOut,
    status_code=201,
    max_body_size=MOST_UPLOAD,
)
def post_message_with_files(
    request: Request,
    request_id: UUID,
    text: Annotated[Text, Form()],
    actor: SignedIn,
    db: Db,
    files: Annotated[
        list[UploadFile] | None,
        File(description="At most five: photos of 20 MB, PDF and office documents of 10 MB."),
    ] = None,
    key: IdempotencyKey = None,
) -> Answer:
    """A line of the thread with photos, which lose their metadata, and documents."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        require_seen(session, actor, request_id)
    command = PostMessage(request_id=request_id, text=text)
    stored = stored_files(request, actor, list(files or []))
    commands = [command, Attached(sha256=[each.sha256 for each in stored])]
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: MessageOut.model_validate(post_with_files(session, actor, command, stored)),
        201,
    )
