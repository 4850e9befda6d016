// The pages with the scanner. data-mode names the module that is told each code; it exports
// start({element, scanner, say, text, signal}) and gives back onCode({text, kind, code}).
import { signal } from "./modules/feedback.js";
import { workOffline } from "./modules/offline.js";
import { openScanner } from "./modules/scanner.js";

const MODES = {
  look_up: () => import("./modules/mode_look_up.js"),
  bind: () => import("./modules/mode_bind.js"),
  count: () => import("./modules/mode_count.js"),
  room: () => import("./modules/mode_room.js"),
  collect: () => import("./modules/mode_collect.js"),
  survey: () => import("./modules/mode_survey.js"),
};

const element = document.querySelector("[data-scan]");
const loading = MODES[element.dataset.mode]();
const scanner = openScanner(element, {
  onCode: async (found) => (await mode)(found),
});
const { say, text } = scanner;
const mode = loading.then(({ start }) => start({ element, scanner, say, text, signal }));
workOffline();
