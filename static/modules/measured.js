// A category brings the measurements that it asks for to the front; the others are folded away.
export function watchCategory(form) {
  const asked = form.querySelector("[data-asked]");
  const heading = asked.querySelector("[data-measured]");
  const [first, rest] = ["asked", "other"].map((name) => form.querySelector(`[data-${name}-fields]`));
  const byCategory = JSON.parse(asked.dataset.byCategory);
  const otherwise = [heading.textContent, "width_cm", "depth_cm", "height_cm"];

  form.elements.category_id.addEventListener("input", ({ target }) => {
    const [title, ...names] = byCategory[target.value] ?? otherwise;
    for (const each of [...first.children]) rest.append(each);
    for (const name of names) first.append(form.elements[name].closest(".ds-field"));
    heading.textContent = title;
    asked.hidden = names.length === 0;
  });
}
