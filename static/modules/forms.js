// A second press on a slow network sends nothing: the server would refuse the repeated key anyway,
// but the reader should see that the first one counted.
const FRESH_AGAIN_MS = 5000;

export function guardForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // htmx has prevented the default of the forms that it sends itself.
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    markBusy(form, true);
    // A form that answers with a file leaves the page standing; it must work a second time.
    setTimeout(() => release(form), FRESH_AGAIN_MS);
  });
  // Back from the next page, the form is fresh again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });
}

export function release(form) {
  delete form.dataset.sent;
  markBusy(form, false);
}

function markBusy(form, isBusy) {
  for (const button of form.querySelectorAll('button[type="submit"]')) {
    if (isBusy) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}
