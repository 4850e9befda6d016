// A piece that is looked up soon after the label at a door was read is seen in that room.
import { owner } from "./owner.js";

// From the reading of the label, whatever is scanned meanwhile: people walk on.
const IN_ROOM_MS = 5 * 60_000;

/** Whether the server has noted it. */
export async function sight(itemId, { id: place, at }) {
  if (Date.now() - at > IN_ROOM_MS) return false;
  const answer = await fetch("/api/v1/sightings", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Idempotency-Key": crypto.randomUUID(),
      "Omlop-Owner": owner(),
    },
    body: JSON.stringify({ item_id: itemId, place_id: place }),
  }).catch(() => null);
  return Boolean(answer?.ok);
}
