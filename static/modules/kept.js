// The pieces that a phone keeps: those that a page shows, and the one behind a label without a network.
import { owner } from "./owner.js";

const MOST_OF_A_LIST = 10;

/** @param {ParentNode} part  the pieces in it, the first of a list, open without a network from now on */
export async function keepPieces(part) {
  const keepFor = owner();
  if (!keepFor || !navigator.serviceWorker) return;
  const shown = [...part.querySelectorAll("[data-keep]")].slice(0, MOST_OF_A_LIST);
  const pieces = shown.map(({ dataset: { keep: id, code = "", version = null } }) => {
    return { id, version, code: code.replaceAll("-", "") };
  });
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ keepFor, pieces });
}

/** What else can be done with a code that nobody can look up: its piece as last seen, else a binding. */
export async function offerMore(actions, found) {
  for (const each of actions.querySelectorAll("[data-more]")) each.remove();
  if (found.kind === "place") return;
  const kept = await keptPiece(found.code);
  const add = (text, href) => {
    const link = actions.lastElementChild.cloneNode();
    delete link.dataset.move;
    Object.assign(link, { href, textContent: text });
    link.dataset.more = "";
    return link;
  };
  if (kept) {
    actions.prepend(add(actions.dataset.open, kept));
    actions.querySelector("[data-register]").hidden = true;
  } else {
    const asked = new URLSearchParams({ kode: found.text });
    actions.append(add(actions.dataset.bind, `/skann/knytt?${asked}`));
  }
}

async function keptPiece(code) {
  const cacheName = `omlop-pages:${owner()}`;
  const found = code && (await globalThis.caches?.match(`/I/${code}`, { cacheName }));
  return found ? `/mobler/${await found.text()}` : null;
}
