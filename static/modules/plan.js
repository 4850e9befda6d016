// A floor's plan in the browser: choosing, tapping, dragging, and keys.
import { letDrag, middleOf, partsOf, putBack } from "./plan_drag.js";
import { put } from "./plan_sending.js";
import { textsOf } from "./texts.js";

const WIDE = 1000;
const STEP_TURN = 15;
const PER_CENT = 0.01;

export function showPlan(part) {
  const text = textsOf(document.querySelector("[data-texts]"));
  const said = part.querySelector("[data-said]");
  const frame = part.querySelector("[data-frame]");
  const turnButton = part.querySelector("[data-turn-piece]");
  const typed = part.querySelector("[data-typed]");
  const size = { wide: WIDE, high: Number(part.dataset.height) };
  const { widthMm, heightMm, positions, project } = part.dataset;
  // A press on an arrow: ten centimetres, or half a hundredth of the width.
  const step = widthMm ? (100 * WIDE) / widthMm : WIDE * 0.005;
  const drawing = part.querySelector(".plan-drawing");
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
  let chosen = null;
  let moving = null;
  let queue = Promise.resolve();
  let unsent = 0;
  let isOld = false;
  let toFocus = "";

  for (const each of part.querySelectorAll("[data-keys]")) each.hidden = false;
  const say = (name, values) => (said.textContent = text(name, values));
  const nameOf = (piece) =>
    piece.dataset.name ?? piece.getAttribute("aria-label").replace(/^\d+: /, "").split(", ")[0];

  function choose(piece) {
    chosen?.classList.remove("plan-chosen");
    chosen?.removeAttribute("aria-current");
    chosen = piece;
    piece?.classList.add("plan-chosen");
    if (piece?.dataset.waiting) piece.setAttribute("aria-current", "true");
    turnButton.disabled = !piece || Boolean(piece.dataset.waiting);
    typed.hidden = !piece;
    if (piece) typed.href = piece.getAttribute("href");
  }

  const shown = (value, mm) =>
    mm ? `${number.format((value * mm) / 10_000 / 1000)} m` : `${number.format(value * PER_CENT)} %`;

  // What stands in the table is what is kept.
  function tell(piece) {
    const { id, x, y, turn } = piece.dataset;
    const row = document.querySelector(`[data-row="${id}"]`);
    if (!row) return;
    row.querySelector("[data-left]").textContent = shown(x, widthMm);
    row.querySelector("[data-top]").textContent = shown(y, heightMm);
    row.querySelector("[data-turned]").textContent = `${turn}°`;
    retype(piece);
  }

  // The open form of the same piece: with the version it was shown with, it would be refused.
  function retype({ dataset: { id, x, y, turn, version } }) {
    const open = part.querySelector("#plassen");
    if (open?.querySelector("[name=item_id]").value !== id) return;
    for (const each of open.querySelectorAll("[name=version]")) each.value = version;
    const values = { left: shown(x, widthMm), top: shown(y, heightMm), turn };
    for (const [name, value] of Object.entries(values)) open.querySelector(`[name=${name}]`).value = value.split(" ")[0];
    typedAt = texts(open);
  }

  // What the form for a typed place says now, and what it said when nobody had typed in it.
  const texts = (form) =>
    JSON.stringify([...form.querySelectorAll("input:not([type=hidden]), select")].map((each) => [each.name, each.value, each.checked]));
  const form = part.querySelector("#plassen");
  let typedAt = form && texts(form);

  // Somebody else may have moved its piece. What was typed stays, and the server says if it is too late.
  function renewForm(page) {
    const [old, fresh] = [document, page].map((each) => each.querySelector("#plassen"));
    if (!old || !fresh || texts(old) !== typedAt || old.contains(document.activeElement)) return;
    old.replaceWith(fresh);
    typedAt = texts(fresh);
  }

  const urlOf = (id) => positions + id;
  const bodyOf = (parts, turn) => ({ ...parts, turn: Number(turn), ...(project ? { project_id: project } : {}) });

  // One after the other: the next one builds on the version that the last one got.
  function send(job) {
    unsent += 1;
    say("saving");
    queue = queue
      .then(job)
      .finally(() => (unsent -= 1))
      .then(renew);
  }

  const retrying = () => say("waiting");

  function keep(piece, parts, turn) {
    piece.classList.add("plan-unsent");
    send(async () => {
      const { id, version } = piece.dataset;
      const answer = await put(urlOf(id), version, bodyOf(parts, turn), retrying);
      piece.classList.remove("plan-unsent");
      if (answer?.ok) Object.assign(piece.dataset, pick(answer.body));
      if (answer?.ok) tell(piece);
      answered(answer, nameOf(piece));
      putBack(piece, size);
    });
  }

  const pick = ({ x, y, turn, version }) => ({ x, y, turn, version });

  // A piece that was not drawn yet gets its number and its place in the lists from the server.
  function place(waiting, parts) {
    const name = nameOf(waiting);
    choose(null);
    send(async () => {
      const url = urlOf(waiting.dataset.waiting);
      const answer = await put(url, waiting.dataset.version ?? 0, bodyOf(parts, 0), retrying);
      isOld ||= Boolean(answer?.ok);
      if (answer?.ok) toFocus = answer.body.item_id;
      answered(answer, name);
    });
  }

  // Without an answer nobody knows whether it was kept, and the page as it is now tells.
  function answered(answer, name) {
    isOld ||= !answer || answer.status === 412;
    if (answer?.ok) {
      say("saved", { name });
      part.querySelector("[data-undo]").hidden = false;
    } else if (answer?.status === 412) say("stale", { name });
    else if (answer) said.textContent = answer.body.detail ?? answer.body.title;
    else say("unknown", { name });
  }

  // What is held, moved or on its way would be lost with the drawing it stands in.
  const isBusy = () => unsent > 0 || moving !== null || isHeld();

  // The page as it is now, with the drawing where the reader has scrolled it to.
  async function renew() {
    if (!isOld || isBusy()) return;
    const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector(".plan-drawing");
    if (!now || isBusy()) return;
    isOld = false;
    const id = chosen?.dataset.id ?? chosen?.dataset.waiting;
    toFocus ||= document.activeElement?.closest(".plan-piece")?.dataset.id ?? "";
    drawing.replaceChildren(...now.childNodes);
    for (const name of ["waiting", "drawn"]) {
      const [old, fresh] = [document, page].map((each) => each.querySelector(`section[aria-labelledby="${name}"]`));
      if (old && fresh) old.replaceWith(fresh);
      else if (fresh) part.after(fresh);
    }
    renewForm(page);
    choose(id ? part.querySelector(`[data-id="${id}"], [data-waiting="${id}"]`) : null);
    if (toFocus) drawing.querySelector(`[data-id="${toFocus}"]`)?.focus();
    toFocus = "";
  }

  const renewLater = () => (queue = queue.then(renew));
  addEventListener("online", renewLater);
  addEventListener("beforeunload", (event) => unsent && event.preventDefault());

  const isHeld = letDrag(drawing, size, {
    begun: (piece) => choose(piece),
    dropped: (piece, x, y) => keep(piece, partsOf({ x, y }, size), piece.dataset.turn),
    left: renewLater,
  });

  drawing.addEventListener("click", (event) => {
    const piece = event.target.closest(".plan-piece");
    if (piece && !chosen?.dataset.waiting) {
      event.preventDefault();
      choose(piece === chosen ? null : piece);
      said.textContent = chosen ? text("chosen", { name: nameOf(piece) }) : "";
      return;
    }
    // By keyboard a link is followed: a press has no place then.
    if (!chosen || event.detail === 0) return;
    event.preventDefault();
    const box = drawing.getBoundingClientRect();
    const unit = WIDE / box.width;
    const parts = partsOf({ x: (event.clientX - box.left) * unit, y: (event.clientY - box.top) * unit }, size);
    if (chosen.dataset.waiting) place(chosen, parts);
    else if (!chosen.classList.contains("plan-unsent")) keep(chosen, parts, chosen.dataset.turn);
  });

  part.addEventListener("click", (event) => {
    const waiting = event.target.closest("[data-waiting]");
    if (!waiting || event.detail === 0) return; // by keyboard the place is typed
    event.preventDefault();
    choose(waiting === chosen ? null : waiting);
    if (!chosen) return void (said.textContent = "");
    say("tap", { name: nameOf(waiting) });
    frame.scrollIntoView({ block: "nearest" });
  });

  turnButton.addEventListener("click", () => {
    if (!chosen || chosen.classList.contains("plan-unsent")) return;
    const { x, y, turn } = chosen.dataset;
    keep(chosen, { x: Number(x), y: Number(y) }, (Number(turn) + STEP_TURN) % 360);
  });

  // Keys move a piece that is not kept before Enter.
  function begin(piece) {
    const { x, y } = middleOf(piece, size);
    moving = { piece, x, y, turn: Number(piece.dataset.turn) };
  }

  function drawMoving() {
    const { piece, x, y, turn } = moving;
    piece.style.transform = `translate(${x}px, ${y}px)`;
    piece.querySelector(".plan-body")?.setAttribute("transform", `rotate(${turn})`);
    const parts = partsOf(moving, size);
    say("pending", { left: shown(parts.x, widthMm), top: shown(parts.y, heightMm), turn });
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  drawing.addEventListener("keydown", (event) => {
    const piece = event.target.closest(".plan-piece");
    if (!piece || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const isTurn = event.key.toLowerCase() === "r";
    if (piece.classList.contains("plan-unsent")) return;
    if (arrow || isTurn) {
      event.preventDefault();
      if (moving?.piece !== piece) begin(piece);
      const way = event.shiftKey ? (isTurn ? -1 : 10) : 1;
      if (isTurn) moving.turn = (moving.turn + way * STEP_TURN + 360) % 360;
      else {
        moving.x = Math.min(Math.max(moving.x + arrow[0] * step * way, 0), size.wide);
        moving.y = Math.min(Math.max(moving.y + arrow[1] * step * way, 0), size.high);
      }
      drawMoving();
    } else if (moving?.piece === piece && event.key === "Enter") {
      event.preventDefault();
      settle();
    } else if (event.key === "Escape") {
      if (moving) leave();
      choose(null);
    }
  });

  function settle() {
    const { piece, turn } = moving;
    const parts = partsOf(moving, size);
    moving = null;
    keep(piece, parts, turn);
  }

  function leave() {
    const { piece } = moving;
    moving = null;
    putBack(piece, size);
    say("as-before", { name: nameOf(piece) });
    renewLater();
  }

  drawing.addEventListener("focusout", () => moving && leave());
}
