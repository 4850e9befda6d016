// HEIC photos where the server cannot read them: the browser's own decoder makes a JPEG of them.
// Safari has one, Chrome and Firefox have none; there the file stays, and the reader is told.
// Tested with a stubbed decoder; not verified on a phone.
const LONGEST = 1600;
const QUALITY = 0.82;

const isHeic = (file) => /^image\/hei[cf]/.test(file.type) || /\.hei[cf]$/i.test(file.name);

export async function asJpeg(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob) throw new Error("no JPEG");
  return new File([blob], file.name.replace(/\.hei[cf]$/i, "") + ".jpg", { type: "image/jpeg" });
}

async function convert(input, field) {
  const said = field.querySelector("[data-heic-said]");
  const chosen = [...input.files];
  said.textContent = field.dataset.heicWorking;
  const failed = [];
  const kept = new DataTransfer();
  for (const file of chosen) {
    try {
      kept.items.add(isHeic(file) ? await asJpeg(file) : file);
    } catch {
      failed.push(file.name);
      kept.items.add(file);
    }
  }
  // Chosen anew meanwhile: that choice has its own turn.
  if (chosen.some((file, at) => file !== input.files[at])) return;
  input.files = kept.files;
  said.textContent = failed.length ? `${failed.join(", ")}: ${field.dataset.heicFailed}` : "";
}

const working = new WeakMap();

document.addEventListener("change", (event) => {
  const input = event.target;
  const field = input.closest('[data-heic="convert"]');
  if (!field || input.type !== "file" || ![...input.files].some(isHeic)) return;
  const turn = convert(input, field).finally(() => {
    if (working.get(input.form) === turn) working.delete(input.form);
  });
  working.set(input.form, turn);
});

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
