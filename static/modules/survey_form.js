// The survey's form: how many pieces it stands for, what stays for the next one, and a refusal that
// keeps the photos.
const linesIn = (field) => field.value.split("\n").filter((line) => line.trim()).length;

// The button says what it will do, while the eyes are on the furniture.
export function countPieces(form) {
  const shown = form.querySelector("[data-count]");
  const { codes, quantity } = form.elements;
  const count = () => {
    const n = Number.parseInt(quantity.value, 10) || linesIn(codes);
    const { none, one, many } = shown.dataset;
    shown.textContent = n === 0 ? none : n === 1 ? one : many.replace("{n}", String(n));
  };
  for (const each of [codes, quantity]) each.addEventListener("input", count);
  form.addEventListener("reset", () => setTimeout(count));
  count();
}

// The next piece stands in the same room and is of the same kind, also where the last one went into
// the queue: what is chosen when the form is emptied is what it begins with.
export function keepChoices(form) {
  form.addEventListener("reset", () => {
    for (const name of ["category_id", "place_id", "owner_unit_id"]) {
      const { options, selectedIndex } = form.elements[name];
      [...options].forEach((each, at) => (each.defaultSelected = at === selectedIndex));
    }
  });
}

// A browser that shows a refused form anew has lost its files. So the form is sent from here: what
// is refused is told above the form, which stays as it was typed.
export function keepPhotos(form, text) {
  form.addEventListener("submit", async (event) => {
    // The queue has taken it, or the button asks for another page.
    if (event.defaultPrevented || event.submitter?.formMethod === "get") return;
    event.preventDefault();
    const heard = document.querySelector("[data-heard]");
    try {
      const sent = { method: "POST", body: new FormData(form), redirect: "manual" };
      const answer = await fetch(form.action, sent);
      // It leads on to the next piece; what it says must be read there, and not by this request.
      if (answer.type === "opaqueredirect") location.assign(form.dataset.next);
      else show(form, refusalIn(await answer.text()));
    } catch {
      heard.dataset.tone = "wrong";
      heard.textContent = text("failed");
    }
  });
}

function refusalIn(markup) {
  const page = new DOMParser().parseFromString(markup, "text/html");
  const errors = page.getElementById("error-summary");
  if (!errors) throw new Error("the answer is not this form");
  return { page, errors };
}

function show(form, { page, errors }) {
  document.getElementById("error-summary")?.remove();
  document.querySelector("[data-heard]").textContent = "";
  for (const old of form.querySelectorAll("[data-field=validation]")) old.remove();
  for (const old of form.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
  for (const each of page.querySelectorAll("form[data-survey] [data-field=validation]")) {
    const input = document.getElementById(each.id.replace(/-error$/, ""));
    input?.setAttribute("aria-invalid", "true");
    input?.closest(".ds-field, fieldset").append(each);
    input?.closest("details")?.setAttribute("open", "");
  }
  form.before(errors);
  errors.focus();
}
