// Lets the pages of field work open without a network from now on, on this phone, for this person.
import { owner } from "./owner.js";

export async function workOffline() {
  const keepFor = owner();
  if (!keepFor || !("serviceWorker" in navigator)) return;
  // The page itself comes first.
  const loaded = new Promise((done) => addEventListener("load", done));
  if (document.readyState !== "complete") await loaded;
  try {
    await navigator.serviceWorker.register("/sw.js");
    const { active } = await navigator.serviceWorker.ready;
    // A survey's page changes with each piece: its copy would lead to another survey and room.
    const changed = document.querySelector("form[data-survey]")?.dataset.next;
    const work = document.querySelector("[data-work]") ? location.pathname : null;
    active.postMessage({ keepFor, changed, work });
    if (document.querySelector("[data-keep]")) (await import("./kept.js")).keepPieces(document);
  } catch {
    // No network just now, or a browser that is told to keep nothing: all works as without it.
  }
}
