// A registration that may have arrived is mended: sent once more as it was, under its own key, it says
// whether it had. What has arrived is not registered anew; what was typed instead becomes an edit.
import { add, entry, isOf, keepTyped, retry, send, takeBack } from "./outbox.js";
import { shownOf, typedIn } from "./queue_form.js";

// What the edit form does not hold.
const ELSEWHERE = ["id", "codes", "identifiers", "quantity", "is_free", "is_draft"];
// They follow from what was typed: a model's name is found by its id.
const BY_BODY = ["product_model_id", "model"];

/**
 * Where the person goes on, or which text says why not; neither where it never arrived.
 * @returns {Promise<{to?: string, said?: string}>}
 */
export async function settle(before, form, [{ body: [body], shown }]) {
  const typed = typedIn(form);
  await retry(before.id);
  await send();
  const now = await entry(before.id);
  if (["waiting", "sending"].includes(now.state)) {
    await takeBack(now.id);
    await keepTyped(now.id, { typed, shown });
    return { said: "unsettled" };
  }
  if (now.state !== "done") return {};
  const instead = await editOf(now, form, { typed, body });
  if (!instead) return { said: "arrived-same" };
  const { id } = await add(instead);
  return { to: `${instead.typed.path}?ko=${id}` };
}

/**
 * A photo that may have arrived stays in the queue as it was, so that it is there once, however often
 * it is sent; what else was chosen is `left` to be queued beside it. Taken out of the form, it is
 * replaced by the others, and the person is told that it may be there.
 * @returns {Promise<{left?: object[], isKept?: boolean, told?: string, said?: string}>}
 */
export async function settlePhoto(before, _form, wanted) {
  const same = wanted.find(({ files }) => isOf(before.id, files[0].blob));
  if (!same) return { told: "replaced-photo" };
  const left = wanted.filter((each) => each !== same);
  await retry(before.id);
  if (isSame(same.body, before.body)) return { left, isKept: true };
  await send();
  const now = await entry(before.id);
  if (["waiting", "sending"].includes(now.state)) {
    await takeBack(now.id);
    return { said: "unsettled-photo" };
  }
  if (now.state !== "done") return {};
  const photo = photoOf(now);
  if (!photo || same.body.of_lot !== before.body.of_lot) {
    return { left, isKept: true, told: "arrived-photo" };
  }
  const { label, shown, body } = same;
  const marked = { photo_id: photo, taken: body.taken ?? null };
  const mark = { verb: "photo", url: "/api/v1/photos/mark", label, shown, body: marked };
  return { left: [mark, ...left], isKept: true };
}

/** Its id: the server's answer to it, or to the form that it came in, photo by photo. */
function photoOf({ sent, files: [{ name }] }) {
  const number = Number(/\d+/.exec(name)?.[0]);
  return sent.photo ?? sent.photos?.[number - 1];
}

/** The edit that makes of the piece what was typed, or null where it is that already. */
async function editOf({ sent: { piece }, owner, label, body: [was], ...sent }, form, { typed, body }) {
  const names = [...new Set([...Object.keys(was), ...Object.keys(body)])].filter(
    (name) => !ELSEWHERE.includes(name) && !isSame(was[name], body[name]),
  );
  if (!names.length) return null;
  const first = new Map((sent.typedFirst ?? sent.typed).fields);
  const isChanged = ([name, value]) => !BY_BODY.includes(name) && first.get(name) !== value;
  const byBody = names.filter((name) => BY_BODY.includes(name)).map((name) => [name, body[name] ?? ""]);
  const fields = [...typed.fields.filter(isChanged), ...byBody];
  const changed = new Set(fields.map(([name]) => name));
  const isOfLot = was.quantity > 1;
  if (isOfLot) fields.push(["whole_lot", "1"]);
  return {
    verb: "edit",
    method: "PATCH",
    url: `/api/v1/items/${piece}${isOfLot ? "?whole_lot=true" : ""}`,
    version: await versionOf(piece, owner),
    label,
    body: Object.fromEntries(names.map((name) => [name, body[name] ?? null])),
    shown: shownOf(form, ({ name }) => changed.has(name)),
    typed: { ...typed, path: `/mobler/${piece}/rediger`, fields, isArrived: true },
    state: "held",
  };
}

const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other);

async function versionOf(piece, owner) {
  const headers = { "Omlop-Owner": owner };
  const answer = await fetch(`/api/v1/items/${piece}`, { headers, cache: "no-store" });
  if (!answer.ok) throw new Error(`no version: ${answer.status}`);
  return (await answer.json()).version;
}
