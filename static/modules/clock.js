// How far the phone's clock is off, learnt from the server's answers: what is done without coverage is
// dated as the server would have dated it. The browser keeps it, for a phone that starts in a basement.
const KEPT = "omlop-clock";
const SLACK_MS = 120_000;

/** In ms, positive where the phone is behind; 0 while it is right or not known. */
export function lag() {
  try {
    return Number(localStorage.getItem(KEPT)) || 0;
  } catch {
    return 0;
  }
}

/** This moment by the server's clock, as far as it is known. */
export const now = () => new Date(Date.now() + lag()).toISOString();

/** Learns from an answer of ours, to the second. */
export function heed({ headers }) {
  const off = Date.parse(headers.get("Date")) - Date.now();
  if (Number.isNaN(off)) return;
  try {
    if (Math.abs(off) > SLACK_MS) localStorage.setItem(KEPT, String(Math.round(off)));
    else localStorage.removeItem(KEPT);
  } catch {
    // a full phone: the clock is asked again
  }
}
