// Asking the person something before all else, in the page's own words and colours.

import { h } from "./dom.js";
import { say } from "./language.js";

let number = 0;

/** @returns {Promise<boolean>} whether it was agreed to */
function agreed(text, yes, given, ...inside) {
  const id = `dialog-${(number += 1)}`;
  return new Promise((resolve) => {
    const leave = h("button", { type: "button", onclick: () => dialog.close() }, say("leave"));
    const form = h("form", { onsubmit: (event) => { event.preventDefault(); dialog.close("yes"); } },
      h("p", { id }, text), ...inside,
      h("div", { class: "row" }, h("button", { type: "submit", class: "primary", ...given }, yes), leave));
    const dialog = h("dialog", { "aria-labelledby": id, onclose: () => { dialog.remove(); resolve(dialog.returnValue === "yes"); } }, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Whether it may be done. @param {string} yes what the button says */
export const sure = (text, yes) => agreed(text, yes, { class: "danger", autofocus: true });

/** @returns {Promise<string>} what was given; "" where the person left */
export async function question(text, { value = "", secret = false, yes = say("good") } = {}) {
  const input = h("input", { type: secret ? "password" : "text", value, required: true, autofocus: true, autocomplete: "off", "aria-label": text });
  return (await agreed(text, yes, {}, input)) ? input.value.trim() : "";
}
