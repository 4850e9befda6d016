// A form that is sent before its module has come would leave the page with no queue behind it: in
// weak coverage what was typed would be gone. It waits for the module, and goes its own way where
// that does not come. A classic script: it has to be there before the form is.
{
  const PATIENCE_MS = 10_000;
  const waiting = new WeakSet();

  addEventListener(
    "submit",
    (event) => {
      const { target: form, submitter } = event;
      if (!("queue" in form.dataset) || "ready" in form.dataset) return;
      if (submitter?.formMethod === "get") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (waiting.has(form)) return;
      waiting.add(form);
      const send = () => {
        clearTimeout(late);
        form.dataset.ready = "";
        form.requestSubmit(submitter);
      };
      const late = setTimeout(send, PATIENCE_MS);
      form.addEventListener("ready", send, { once: true });
    },
    true,
  );
}
