// A square to sign in with a finger. What is drawn goes with the form as a picture; without this
// script, or without a finger, the typed name says the same.
const INK = "#101715";
// Of the canvas's 640 points across: a tap, or a hand that rests, is no signature.
const LEAST = 60;

function bind(box) {
  const { form } = box.closest("fieldset");
  const canvas = box.querySelector("canvas");
  const kept = form.elements.signature;
  const pen = canvas.getContext("2d");
  let last = null;
  let drawn = 0;

  function blank() {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    kept.value = "";
    last = null;
    drawn = 0;
  }

  function at(event) {
    const frame = canvas.getBoundingClientRect();
    const scale = canvas.width / frame.width;
    return [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
  }

  function draw(event) {
    if (!last) return;
    const next = at(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    drawn += Math.hypot(next[0] - last[0], next[1] - last[1]);
    last = next;
  }

  function end(event) {
    if (!last) return;
    draw(event);
    last = null;
    kept.value = drawn < LEAST ? "" : canvas.toDataURL("image/png");
  }

  blank();
  Object.assign(pen, { strokeStyle: INK, lineWidth: 4, lineCap: "round", lineJoin: "round" });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    draw(event);
  });
  canvas.addEventListener("pointermove", draw);
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  box.querySelector("[data-clear]").addEventListener("click", blank);
  // What was queued is signed; the next list is signed anew.
  form.addEventListener("reset", blank);
  box.hidden = false;
}

for (const box of document.querySelectorAll("[data-signature]")) bind(box);
