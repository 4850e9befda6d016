// The other forms of field work, which no queue holds: one that is lost in weak coverage says so where
// it stands, and can be sent again under its key.
import { release } from "./forms.js";
import { showRefusal } from "./refusal.js";
import { post } from "./sending.js";
import { textsOf } from "./texts.js";

export function stayOnPage() {
  const template = document.querySelector("template[data-queue-texts]");
  if (!template) return;
  const text = textsOf(template);
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    const isOurs = form.method === "post" && !form.dataset.queue && form.closest("main");
    if (event.defaultPrevented || !isOurs) return;
    event.preventDefault();
    const { to, refused, said, lost, why } = await post(form, submitter);
    if (why) location.assign(`/logg-inn?${new URLSearchParams({ til: location.pathname })}`);
    else if (to) location.assign(to);
    else {
      release(form);
      if (refused) showRefusal(form, refused);
      else tell(form, lost ? text("again") : said);
    }
  });
}

function tell(form, words) {
  const next = form.nextElementSibling;
  const place = next?.matches("[data-lost]") ? next : document.createElement("p");
  Object.assign(place, { className: "ds-validation-message", role: "alert" });
  place.dataset.lost = "";
  place.dataset.field = "validation";
  form.after(place);
  place.textContent = words;
  place.scrollIntoView({ block: "nearest" });
}
