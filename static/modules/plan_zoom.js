// The size that a floor's plan is seen in.
const SIZES = [1, 1.5, 2, 3, 4, 6];

export function letZoom(part) {
  const frame = part.querySelector("[data-frame]");
  const drawing = part.querySelector(".plan-drawing");
  let at = 0;

  part.querySelector("[data-tools]").hidden = false;
  part.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (!button) return;
    const before = SIZES[at];
    at = Math.min(Math.max(at + Number(button.dataset.zoom), 0), SIZES.length - 1);
    const middle = {
      x: (frame.scrollLeft + frame.clientWidth / 2) / before,
      y: (frame.scrollTop + frame.clientHeight / 2) / before,
    };
    drawing.style.width = `${SIZES[at] * 100}%`;
    drawing.style.setProperty("--zoom", String(SIZES[at]));
    frame.scrollTo(middle.x * SIZES[at] - frame.clientWidth / 2, middle.y * SIZES[at] - frame.clientHeight / 2);
  });
}
