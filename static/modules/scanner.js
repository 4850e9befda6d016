// Everything that ends in a code: camera, photograph, typed text and hardware scanners that type.
// openScanner(element, {onCode, formats}) calls onCode({text, kind, code}) for each; see codes.js.
import { openCamera, Trouble } from "./camera.js";
import { read } from "./codes.js";
import { isSoundOn, setSound, unlockOnTouch } from "./feedback.js";
import { inTurn, untilRead } from "./looks.js";
import { FORMATS, openReader } from "./reader.js";
import { listenForKeys } from "./wedge.js";

// A label that stays in view counts once; away for so long and back again, it counts again.
const AWAY_MS = 1500;
// Twelve megapixels hold no more of a label than this does, and take far longer.
const PHOTO_PX = 1600;

export function openScanner(element, { onCode, formats = FORMATS }) {
  const part = (name) => element.querySelector(`[data-${name}]`);
  const [frame, video, said] = ["camera", "video", "said"].map(part);
  const text = textsOf(element);
  const say = (name) => (said.textContent = text(name));
  let camera = null;
  let opening = null;
  let reading = null;

  function reader() {
    const { reader: script, wasm } = frame.dataset;
    reading ??= openReader({ script, wasm }, formats).catch((error) => {
      reading = null; // the next try may have a network
      throw error;
    });
    return reading;
  }

  const trouble = part("trouble");
  function tell(name) {
    frame.hidden = true;
    part("trouble-text").textContent = text(name);
    trouble.hidden = false;
  }

  function open() {
    opening ??= start().finally(() => (opening = null));
    return opening;
  }

  async function start() {
    if (camera) return;
    trouble.hidden = true;
    frame.hidden = false;
    say("opening");
    const ready = reader();
    ready.catch(() => {}); // told below; the camera's own trouble comes first
    try {
      camera = await openCamera(video);
      showTorch(part("torch"), camera);
      const detect = await ready;
      if (!camera) return;
      say("aim");
      watch(camera, detect);
    } catch (error) {
      close();
      tell(error instanceof Trouble ? error.message : "no-reader");
    }
  }

  function close() {
    camera?.stop();
    camera = null;
  }

  function watch(mine, detect) {
    const seen = new Map();
    const lookAt = inTurn(detect);
    const next = () => {
      if (camera !== mine) return;
      if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(look);
      else setTimeout(look, 60);
    };
    async function look() {
      if (camera !== mine) return;
      if (video.readyState >= 2) {
        const found = await lookAt(video).catch(() => []);
        if (camera === mine) take(found, seen, video, (raw) => onCode(read(raw)));
      }
      next();
    }
    next();
  }

  part("again").addEventListener("click", open);
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  unlockOnTouch();
  bindSound(part("sound"));
  bindTyped(part("typed"), part("check"), text, onCode);
  bindPhoto(part("photo"), { reader, onCode, tell: (name) => shortly(part("check"), text(name)) });
  listenForKeys((raw) => onCode(read(raw)));
  open();
  return { open, close, say, text };
}

// Of several labels in view the one nearest the middle is meant.
function take(found, seen, video, tellCode) {
  const now = performance.now();
  const middle = { x: video.videoWidth / 2, y: video.videoHeight / 2 };
  const distance = ({ boundingBox: box }) =>
    Math.hypot(box.x + box.width / 2 - middle.x, box.y + box.height / 2 - middle.y);
  const [nearest] = found
    .filter((each) => each.rawValue)
    .sort((one, other) => distance(one) - distance(other));
  for (const each of found) {
    const isNew = now - (seen.get(each.rawValue) ?? -Infinity) > AWAY_MS;
    if (each === nearest && isNew) tellCode(each.rawValue);
    // One at the edge is not remembered: when it is aimed at, it is new.
    if (each === nearest || !isNew) seen.set(each.rawValue, now);
  }
}

function textsOf(element) {
  const kept = element.querySelector("[data-texts]").content;
  return (name) => kept.querySelector(`[data-text="${name}"]`)?.textContent ?? "";
}

function showTorch(button, camera) {
  button.hidden = !camera.torch;
  button.setAttribute("aria-pressed", "false");
  button.onclick = async () => {
    const isOn = button.getAttribute("aria-pressed") !== "true";
    try {
      await camera.torch(isOn);
      button.setAttribute("aria-pressed", String(isOn));
    } catch {
      button.hidden = true; // offered, but not for this lens
    }
  };
}

function bindSound(button) {
  const show = () => button.setAttribute("aria-pressed", String(isSoundOn()));
  button.addEventListener("click", () => {
    setSound(!isSoundOn());
    show();
  });
  show();
}

// The one text field of a form marked data-typed. A finished code with a wrong character is told
// before it is sent anywhere.
function bindTyped(form, check, text, onCode) {
  const field = form?.querySelector("input[type=text]");
  if (!field) return;
  const wrong = () => read(field.value).kind === "wrong-check";
  field.addEventListener("input", () => {
    check.textContent = wrong() ? text("wrong-check") : "";
  });
  form.addEventListener("submit", (event) => {
    if (!field.value.trim()) return;
    event.preventDefault();
    onCode(read(field.value));
  });
}

function bindPhoto(label, { reader, onCode, tell }) {
  if (!label) return;
  label.hidden = false;
  const input = label.querySelector("input");
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    input.value = ""; // the same photograph may be tried again
    tell("reading");
    try {
      const [found] = await readPhoto(file, await reader());
      tell(found ? "" : "no-code");
      if (found) onCode(read(found.rawValue));
    } catch (error) {
      tell(error instanceof TypeError || error instanceof DOMException ? "no-picture" : "no-reader");
    }
  });
}

async function readPhoto(file, detect) {
  const whole = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, PHOTO_PX / Math.max(whole.width, whole.height));
  const small = await createImageBitmap(whole, {
    resizeWidth: Math.max(1, Math.round(whole.width * scale)),
    resizeQuality: "high",
  });
  const found = await untilRead(detect, small);
  // A label far away in a sharp photograph is lost when it is shrunk.
  return found.length || scale === 1 ? found : detect(whole);
}

function shortly(place, message) {
  if (place) place.textContent = message;
}
