// A form that is sent before its module has come would leave the page with no queue behind it: in
// weak coverage what was typed would be gone. It waits for the module, and goes its own way where
// that does not come. A classic script: it has to be there before the form is.
{
  const PATIENCE_MS = 10_000;
  const waiting = new Map();

  addEventListener(
    "submit",
    (event) => {
      const { target: form, submitter } = event;
      // Taps that wait are many, and come anew: their page says when it takes them.
      const { queue, waits, ready } = form.dataset;
      const isTaken = waits === undefined || "ready" in document.documentElement.dataset;
      if ((queue === undefined && isTaken) || ready !== undefined) return;
      if (submitter?.formMethod === "get") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (waiting.has(form)) return;
      submitter?.setAttribute("aria-busy", "true");
      const send = () => {
        forget();
        form.dataset.ready = "";
        if (form.requestSubmit) form.requestSubmit(submitter);
        else form.submit();
      };
      const late = setTimeout(send, PATIENCE_MS);
      const forget = () => {
        clearTimeout(late);
        form.removeEventListener("ready", send);
        submitter?.removeAttribute("aria-busy");
        waiting.delete(form);
      };
      waiting.set(form, forget);
      form.addEventListener("ready", send);
    },
    true,
  );
  // Whoever comes back to the page has not pressed yet.
  addEventListener("pagehide", () => {
    for (const forget of waiting.values()) forget();
  });
}
