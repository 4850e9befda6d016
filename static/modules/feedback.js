// A hit is heard and felt, so that the eyes can stay on the furniture. Each kind has its own tones
// and its own rhythm: a phone on silent still tells a good scan from a repeated one.
const KEPT = "scan-sound";
// Tones in Hz, one after the other, and vibration in ms (on, off, on …).
const SIGNALS = {
  hit: { tones: [1320], buzz: [60] },
  again: { tones: [660, 660], buzz: [30, 60, 30] },
  foreign: { tones: [880, 1100], buzz: [60, 60, 60] },
  wrong: { tones: [220, 180], buzz: [250] },
};
const TONE_SECONDS = 0.09;
let context;

export function signal(name) {
  const { tones, buzz } = SIGNALS[name];
  // Chromium refuses vibration, with a warning, before the reader has touched the page.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(buzz);
  if (isSoundOn()) play(tones);
}

export function isSoundOn() {
  return localStorage.getItem(KEPT) !== "off";
}

export function setSound(isOn) {
  localStorage.setItem(KEPT, isOn ? "on" : "off");
}

// Browsers keep sound shut until the reader has touched the page once.
export function unlockOnTouch() {
  for (const event of ["pointerdown", "keydown"]) {
    addEventListener(event, () => (context ??= new AudioContext()).resume(), { once: true });
  }
}

function play(tones) {
  if (context?.state !== "running") return;
  tones.forEach((frequency, at) => {
    const start = context.currentTime + at * TONE_SECONDS * 1.3;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.25, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + TONE_SECONDS);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + TONE_SECONDS);
  });
}
