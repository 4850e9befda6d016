// A piece follows the finger: one transform a frame, and nothing is measured while it moves. What
// moves is a copy in a layer above the page, so that the picture and the other pieces stay as drawn.
const SLIP_PX = 4;
const SVG = "http://www.w3.org/2000/svg";

function copyOf(piece, drawing, unit) {
  const copy = document.createElement("div");
  copy.className = "plan-copy";
  const look = getComputedStyle(drawing);
  for (const name of ["--mark", "--zoom"]) copy.style.setProperty(name, look.getPropertyValue(name));
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 1 1");
  for (const side of ["width", "height"]) picture.setAttribute(side, String(1 / unit));
  const group = document.createElementNS(SVG, "g");
  group.setAttribute("class", piece.getAttribute("class"));
  group.append(...[...piece.childNodes].map((each) => each.cloneNode(true)));
  picture.append(group);
  copy.append(picture);
  document.body.append(copy);
  return copy;
}

/**
 * @param {SVGSVGElement} drawing
 * @param {{wide: number, high: number}} size  of the drawing, in its units
 * @param {{begun: (piece: Element) => void, dropped: (piece: Element, x: number, y: number) => void, left: () => void}} told
 * @returns {() => boolean} whether a piece is held now
 */
export function letDrag(drawing, { wide, high }, told) {
  let held = null;

  const within = (value, most) => Math.min(Math.max(value, 0), most);

  function draw() {
    held.frame = 0;
    held.x = within(held.fromX + (held.clientX - held.startX) * held.unit, wide);
    held.y = within(held.fromY + (held.clientY - held.startY) * held.unit, high);
    const [left, top] = [held.left + held.x / held.unit, held.top + held.y / held.unit];
    held.copy.style.transform = `translate(${left}px, ${top}px)`;
  }

  // A second finger: it is the plan that is to be larger, and the piece stands where it stood.
  addEventListener("pointerdown", (event) => {
    if (held && event.pointerId !== held.pointerId) end({ pointerId: held.pointerId }, false);
  }, { capture: true });

  drawing.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return;
    const piece = event.target.closest(".plan-piece");
    if (!piece || held || event.button !== 0 || piece.classList.contains("plan-unsent")) return;
    const { x, y } = middleOf(piece, { wide, high });
    const { left, top, width } = drawing.getBoundingClientRect();
    const { clientX: startX, clientY: startY, pointerId } = event;
    held = { piece, pointerId, unit: wide / width, left, top, fromX: x, fromY: y, startX, startY, frame: 0 };
  });

  drawing.addEventListener("pointermove", (event) => {
    if (!held || event.pointerId !== held.pointerId) return;
    if (!event.buttons) return end(event, false); // let go where nobody told
    held.clientX = event.clientX;
    held.clientY = event.clientY;
    if (!held.isMoving) {
      const far = Math.hypot(event.clientX - held.startX, event.clientY - held.startY);
      if (far < SLIP_PX) return;
      held.isMoving = true;
      drawing.setPointerCapture(held.pointerId);
      told.begun(held.piece);
      held.copy = copyOf(held.piece, drawing, held.unit);
      held.piece.classList.add("plan-dragged");
    }
    held.frame ||= requestAnimationFrame(draw);
  });

  function end(event, isDropped) {
    if (!held || event.pointerId !== held.pointerId) return;
    if (held.isMoving) {
      cancelAnimationFrame(held.frame);
      // The page may have been scrolled under the piece: it lands where it is seen.
      const { left, top } = drawing.getBoundingClientRect();
      held.fromX += (held.left - left) * held.unit;
      held.fromY += (held.top - top) * held.unit;
      draw();
    }
    const { piece, isMoving, copy, x, y } = held;
    held = null;
    if (!isMoving) return told.left();
    copy.remove();
    piece.classList.remove("plan-dragged");
    if (isDropped) {
      piece.style.transform = `translate(${x}px, ${y}px)`;
      told.dropped(piece, x, y);
    } else told.left();
    // The press that ends a drag is no tap.
    drawing.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => drawing.removeEventListener("click", stop, { capture: true }));
  }

  const stop = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };

  // Before the piece has slipped, nothing is captured, and it may be let go beside the drawing.
  addEventListener("pointerup", (event) => end(event, true));
  addEventListener("pointercancel", (event) => end(event, false));
  // A finger is captured by the piece it touched, which loses it when the drawing takes over.
  addEventListener("lostpointercapture", (event) => event.target === drawing && end(event, false));
  drawing.addEventListener("dragstart", (event) => event.preventDefault());
  return () => held !== null;
}

const WHOLE = 10_000;

/** Where a piece is kept, in the drawing's units. */
export function middleOf(piece, { wide, high }) {
  return { x: (piece.dataset.x * wide) / WHOLE, y: (piece.dataset.y * high) / WHOLE };
}

/** In the drawing's units to the parts that the server keeps. */
export function partsOf({ x, y }, { wide, high }) {
  const part = (value, most) => Math.min(Math.max(Math.round((value * WHOLE) / most), 0), WHOLE);
  return { x: part(x, wide), y: part(y, high) };
}

/** Draws a piece where it is kept. */
export function putBack(piece, size) {
  const { x, y } = middleOf(piece, size);
  piece.style.transform = "";
  piece.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  piece.querySelector(".plan-body")?.setAttribute("transform", `rotate(${piece.dataset.turn})`);
}
