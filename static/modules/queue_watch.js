// Says on every page how much is unsent, and sends it. app.js loads it where something may wait.
import { calmly } from "./calm.js";
import { counts, hold, keepSending, onChange } from "./outbox.js";

let isWatching = false;

export async function watchQueue() {
  if (isWatching) return;
  isWatching = true;
  onChange(calmly(show, 50));
  await show();
  keepSending();
}

async function show() {
  const pill = document.getElementById("queue-pill");
  if (!pill) return;
  const [{ unsent, waiting }, why] = await Promise.all([counts(), hold()]);
  const { one, many, signIn } = pill.dataset;
  const words = why === "sign-in" && waiting ? signIn : unsent === 1 ? one : many;
  pill.hidden = unsent === 0 || pill.pathname === location.pathname;
  pill.textContent = words.replace("{n}", String(unsent));
}
