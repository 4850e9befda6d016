// One position at a time goes to the server, each under its own key: an answer that was lost on the
// way is asked for again, and what has arrived is not done twice.
import { owner } from "./owner.js";

const WAITS_MS = [1000, 3000, 8000];
const PATIENCE_MS = 8000;
// The server is there but cannot now, as in sync.js.
const LATER = new Set([408, 425, 429, 502, 503, 504, 507]);

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function tried(url, version, body, key) {
  try {
    const answer = await fetch(url, {
      method: "PUT",
      headers: {
        "Content-Type": "application/json",
        "If-Match": `"v${version}"`,
        "Idempotency-Key": key,
        "Omlop-Owner": owner(),
      },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    // A guest network's log-on page answers anything, but not as our server does.
    if (!answer.headers.has("X-Request-Id") || LATER.has(answer.status)) return null;
    return { status: answer.status, ok: answer.ok, body: await answer.json() };
  } catch {
    return null;
  }
}

/**
 * @param {() => void} retrying  is told before each new try
 * @returns {Promise<{ok: boolean, status: number, body: object} | null>} null: nobody knows
 */
export async function put(url, version, body, retrying) {
  const key = crypto.randomUUID();
  let answer = await tried(url, version, body, key);
  for (const wait of WAITS_MS) {
    if (answer) return answer;
    retrying();
    await pause(wait);
    answer = await tried(url, version, body, key);
  }
  return answer;
}
