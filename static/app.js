// Small conveniences. Every page works without them, so nothing here may be the only way.

import { focusFirstError } from "./modules/errors.js";
import { closeMenus } from "./modules/menus.js";
import { guardForms } from "./modules/forms.js";

focusFirstError(document);
closeMenus();
guardForms();

// What htmx puts into the page gets the same treatment as what came with it.
document.addEventListener("htmx:after:swap", () => focusFirstError(document));
