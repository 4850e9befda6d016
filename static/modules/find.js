// Any scan finds a lost piece: who holds its label stands before it. Who may not say so changes nothing.
import { owner } from "./owner.js";

export async function find(itemId, key = crypto.randomUUID()) {
  const answer = await fetch("/api/v1/items/find", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Idempotency-Key": key,
      "Omlop-Owner": owner(),
    },
    body: JSON.stringify([{ item_id: itemId }]),
  });
  return answer.ok;
}
