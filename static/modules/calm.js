// Looks that follow a queue which changes many times a second: the eye needs fewer, and the phone has
// its strength for the sending.
const BUSY_SHARE = 4;
// A phone that slept meanwhile was not busy for all that time.
const LONGEST_MS = 2_000;

/** Calls `work` soon after it is asked for, at most every `least` ms and a fifth of the time. */
export function calmly(work, least) {
  let isDue = false;
  let isAsked = false;
  let rest = least;

  async function run() {
    isAsked = false;
    const begun = performance.now();
    try {
      await work();
    } finally {
      const busy = BUSY_SHARE * (performance.now() - begun);
      rest = Math.min(Math.max(least, busy), LONGEST_MS);
      isDue = false;
      if (isAsked) plan();
    }
  }

  function plan() {
    isAsked = true;
    if (isDue) return;
    isDue = true;
    setTimeout(run, rest);
  }

  return plan;
}
