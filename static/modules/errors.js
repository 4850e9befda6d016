// After a refused form, the reader starts at the list of what must be mended.
export function focusFirstError(root) {
  const summary = root.querySelector("[data-focus]");
  if (summary && !summary.dataset.seen) {
    summary.dataset.seen = "1";
    summary.focus();
  }
}
