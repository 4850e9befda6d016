// A product model is found from two letters. What it knows of maker, size, mass and price counts for
// the piece wherever nothing else is written.
const LEAST = 2;
const PAUSE_MS = 150;

const titleOf = (model) => `${model.maker} ${model.name}`;

export function suggestModels(form, text) {
  const field = form.elements.product_model;
  const list = document.getElementById(field.getAttribute("list"));
  const said = form.querySelector("[data-model]");
  const known = new Map();
  let timer;
  let asked = 0;

  field.addEventListener("input", () => {
    take();
    clearTimeout(timer);
    const typed = field.value.trim();
    if (typed.length >= LEAST && !known.has(typed)) timer = setTimeout(() => ask(typed), PAUSE_MS);
  });

  async function ask(typed) {
    const mine = ++asked;
    const address = `${field.dataset.models}?${new URLSearchParams({ text: typed })}`;
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const models = await answer.json();
    for (const model of models) known.set(titleOf(model), model);
    const options = models.map((model) => {
      return Object.assign(document.createElement("option"), { value: titleOf(model) });
    });
    list.replaceChildren(...options);
    take();
  }

  function take() {
    const model = known.get(field.value.trim());
    field.dataset.id = model?.id ?? "";
    said.textContent = model ? text("model", { facts: factsOf(model) }) : "";
    if (!model) return;
    form.elements.maker.value = model.maker;
    const category = form.elements.category_id;
    if (category.value === model.category_id) return;
    category.value = model.category_id;
    category.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function factsOf(model) {
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const sizes = [model.width_mm, model.depth_mm, model.height_mm].filter(Boolean);
  const facts = [];
  if (sizes.length) facts.push(`${sizes.map((mm) => number.format(mm / 10)).join(" × ")} cm`);
  if (model.mass_g) facts.push(`${number.format(model.mass_g / 1000)} kg`);
  if (model.new_price_ore) facts.push(`${number.format(model.new_price_ore / 100)} kr`);
  return facts.join(" · ") || model.maker;
}
