// The size that a floor's plan is seen in: by buttons, by two fingers, and by a wheel with Ctrl.
const SIZES = [1, 1.5, 2, 3, 4, 6];
const [LEAST, MOST] = [SIZES[0], SIZES.at(-1)];

export function letZoom(part) {
  const frame = part.querySelector("[data-frame]");
  const drawing = part.querySelector(".plan-drawing");
  let size = LEAST;
  let pinched = null;
  let wanted = null;

  // A place of the window as a point of the plan, in widths of it.
  function pointAt({ x, y }) {
    const { left, top, width } = drawing.getBoundingClientRect();
    return { x: (x - left) / width, y: (y - top) / width };
  }

  // How far a point of the plan is from where it should be seen.
  function lack(point, { x, y }) {
    const { left, top, width } = drawing.getBoundingClientRect();
    return [left + point.x * width - x, top + point.y * width - y];
  }

  function show(to, point, at) {
    size = Math.min(Math.max(to, LEAST), MOST);
    drawing.style.width = `${size * 100}%`;
    frame.scrollBy(...lack(point, at));
  }

  // The point under the fingers stays under them. A frame that grows with the plan has nothing to scroll
  // upwards, so what it lacks the page is scrolled.
  function showUnder(to, point, at) {
    show(to, point, at);
    scrollBy({ top: lack(point, at)[1], behavior: "instant" });
  }

  // The numbers are as large as before. It is told to every piece, so it waits until the fingers are lifted.
  const keepMarks = () => drawing.style.setProperty("--zoom", String(size));

  part.querySelector("[data-tools]").hidden = false;
  part.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (!button) return;
    const isLarger = Number(button.dataset.zoom) > 0;
    const next = isLarger ? SIZES.find((each) => each > size) : SIZES.findLast((each) => each < size);
    const { left, top, width, height } = frame.getBoundingClientRect();
    const middle = { x: left + width / 2, y: top + height / 2 };
    show(next ?? size, pointAt(middle), middle);
    keepMarks();
  });

  function between([first, last]) {
    const [wide, high] = [first.clientX - last.clientX, first.clientY - last.clientY];
    const at = { x: last.clientX + wide / 2, y: last.clientY + high / 2 };
    return { at, apart: Math.max(Math.hypot(wide, high), 1) };
  }

  frame.addEventListener("touchstart", (event) => {
    pinched = null;
    if (event.touches.length !== 2 || !event.cancelable) return; // the browser scrolls already
    event.preventDefault();
    const { at, apart } = between(event.touches);
    pinched = { point: pointAt(at), perPx: size / apart };
  }, { passive: false });

  frame.addEventListener("touchmove", (event) => {
    if (!pinched || event.touches.length !== 2) return;
    event.preventDefault();
    const { at, apart } = between(event.touches);
    if (!wanted) requestAnimationFrame(draw);
    wanted = [apart * pinched.perPx, pinched.point, at];
  }, { passive: false });

  for (const name of ["touchend", "touchcancel"])
    frame.addEventListener(name, () => {
      if (pinched) keepMarks();
      pinched = null;
    });

  function draw() {
    showUnder(...wanted);
    wanted = null;
    if (!pinched) keepMarks();
  }

  // As browsers tell of two fingers on a laptop's plate.
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const at = { x: event.clientX, y: event.clientY };
    showUnder(size * Math.exp(-event.deltaY / 200), pointAt(at), at);
    keepMarks();
  }, { passive: false });
}
