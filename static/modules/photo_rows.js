// The photos that a piece has. With a change of one on its way nobody knows how it will stand after it.
import { entries } from "./outbox.js";

const ON_ITS_WAY = new Set(["waiting", "sending"]);
const rows = [...document.querySelectorAll("[data-photo]")];

function wait(row) {
  row.hidden = true;
  row.nextElementSibling.hidden = false;
}

for (const row of rows) row.addEventListener("queued", () => wait(row));
const going = (await entries()).filter(({ of, state }) => of?.photo && ON_ITS_WAY.has(state));
const waiting = new Set(going.map(({ of }) => of.photo));
for (const row of rows) if (waiting.has(row.dataset.photo)) wait(row);
