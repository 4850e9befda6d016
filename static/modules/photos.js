// Photos on their way into a form: upright JPEG of at most 1600 pixels, with nothing in it but the
// picture. Several from the camera and the gallery gather in a row, the first of them the main one.
// A HEIC file that this browser cannot read stays as it is, and the reader is told; Safari can.
// Tested with a stubbed decoder; not verified on a phone.
const LONGEST = 1600;
const QUALITY = 0.82;

// It was shrunk when it was queued; drawn once more it would only be worse, and another file.
const isFromQueue = ({ name }) => name.startsWith("ko~");
const isHeic = (file) => /^image\/hei[cf]/.test(file.type) || /\.hei[cf]$/i.test(file.name);

/** Drawn anew, which turns it upright and leaves place and device behind. */
export async function shrunk(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  // JPEG has no transparency: what was see-through would turn black.
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  canvas.width = 0; // a phone frees its memory at once only then
  if (!blob) throw new Error("no JPEG");
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}

const working = new WeakMap();

function gather(field) {
  const input = field.querySelector("input[multiple]");
  const camera = field.querySelector("[data-camera] input");
  const said = field.querySelector("[data-photos-said]");
  let photos = [];

  async function take(files) {
    said.textContent = field.dataset.working;
    const failed = [];
    for (const file of files) {
      try {
        photos.push(isFromQueue(file) ? file : await shrunk(file));
      } catch {
        // The server says what is wrong with it, or reads it after all.
        photos.push(file);
        if (isHeic(file) && field.dataset.heic) failed.push(file.name);
      }
    }
    said.textContent = failed.length ? `${failed.join(", ")}: ${field.dataset.failed}` : "";
    show();
  }

  function show() {
    const kept = new DataTransfer();
    for (const each of photos) kept.items.add(each);
    input.files = kept.files;
    const tray = field.querySelector("[data-tray]");
    for (const each of tray.querySelectorAll("img")) URL.revokeObjectURL(each.src);
    tray.hidden = photos.length === 0;
    tray.replaceChildren(...photos.map(cardOf));
  }

  function cardOf(photo, at) {
    const card = field.querySelector("template").content.firstElementChild.cloneNode(true);
    const part = (name) => card.querySelector(`[data-${name}]`);
    const picture = card.querySelector("img");
    picture.src = URL.createObjectURL(photo);
    picture.alt = picture.alt.replace("{n}", String(at + 1));
    part("main").hidden = at > 0;
    part("first").hidden = at === 0;
    part("first").onclick = () => change([photo, ...photos.filter((each) => each !== photo)]);
    part("remove").onclick = () => change(photos.filter((each) => each !== photo));
    return card;
  }

  function change(wanted) {
    photos = wanted;
    show();
  }

  function chosen(files) {
    const { form } = input;
    const before = working.get(form) ?? Promise.resolve();
    const turn = before.then(() => take(files));
    working.set(form, turn);
    turn.finally(() => working.get(form) === turn && working.delete(form));
  }

  input.addEventListener("change", () => chosen([...input.files]));
  camera?.addEventListener("change", () => {
    chosen([...camera.files]);
    camera.value = ""; // the next picture may have the same name
  });
  camera?.closest("[data-camera]").removeAttribute("hidden");
  input.form?.addEventListener("reset", () => change([]));
}

for (const field of document.querySelectorAll("[data-photos]")) gather(field);

// A form sent meanwhile waits for its photos. On the way down, before any other listener.
document.addEventListener(
  "submit",
  (event) => {
    const turn = working.get(event.target);
    if (!turn) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { target, submitter } = event;
    turn.finally(() => target.requestSubmit(submitter));
  },
  true,
);
