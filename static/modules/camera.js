// The camera behind a video element. Troubles are named: refused, none, busy, insecure.
const WANTED = {
  facingMode: { ideal: "environment" },
  width: { ideal: 1280 },
  height: { ideal: 720 },
};
const TROUBLES = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "none",
  NotReadableError: "busy",
  AbortError: "busy",
};

export class Trouble extends Error {}

// Gives {stop, torch}: torch is null, or a function that switches the lamp and may throw.
export async function openCamera(video) {
  if (!globalThis.isSecureContext) throw new Trouble("insecure");
  if (!navigator.mediaDevices?.getUserMedia) throw new Trouble("none");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: WANTED, audio: false });
  } catch (error) {
    throw new Trouble(TROUBLES[error.name] ?? "busy");
  }
  const [track] = stream.getVideoTracks();
  // Hands on the furniture, not on the phone: it would fall asleep between two labels.
  const awake = navigator.wakeLock?.request("screen").catch(() => null);
  const stop = () => {
    awake?.then((lock) => lock?.release());
    for (const each of stream.getTracks()) each.stop();
    video.srcObject = null;
  };
  video.srcObject = stream;
  try {
    await video.play();
  } catch (error) {
    stop();
    throw new Trouble("busy");
  }
  const hasTorch = Boolean(track.getCapabilities?.().torch);
  const torch = (isOn) => track.applyConstraints({ advanced: [{ torch: isOn }] });
  return { stop, torch: hasTorch ? torch : null };
}
