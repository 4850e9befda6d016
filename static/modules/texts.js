// Words of a page for its script: they stand in a <template>, translated with the page.
export function textsOf(template) {
  return (name, values = {}) => {
    const found = template.content.querySelector(`[data-text="${name}"]`)?.textContent ?? "";
    return found.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
  };
}
