// The form of survey mode. Everything in it also works as a plain form.
import { watchCategory } from "./modules/measured.js";
import { suggestModels } from "./modules/models.js";
import { goOnWithBegun, leaveForBegun, mendInItsOwn } from "./modules/queue_survey.js";
import { countPieces, keepChoices } from "./modules/survey_form.js";
import { textsOf } from "./modules/texts.js";

const form = document.querySelector("form[data-survey]");
const text = textsOf(document.querySelector("template[data-survey-texts]"));

watchCategory(form);
suggestModels(form, text);
countPieces(form);
keepChoices(form);
if ("begun" in form.dataset) goOnWithBegun(form);
else {
  mendInItsOwn(form);
  leaveForBegun(form);
}
