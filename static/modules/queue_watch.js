// Says on every page how much is unsent, and sends it. app.js loads it where something may wait.
import { counts, keepSending, onChange } from "./outbox.js";

let isWatching = false;

export async function watchQueue() {
  if (isWatching) return;
  isWatching = true;
  onChange(show);
  await show();
  keepSending();
}

async function show() {
  const pill = document.getElementById("queue-pill");
  if (!pill) return;
  const { unsent } = await counts();
  pill.hidden = unsent === 0 || pill.pathname === location.pathname;
  pill.lastElementChild.textContent =
    unsent === 1 ? pill.dataset.one : pill.dataset.many.replace("{n}", String(unsent));
}
