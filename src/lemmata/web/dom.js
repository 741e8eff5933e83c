// Making and finding elements. Text goes in as text; nothing here takes markup.

/**
 * An element with properties, attributes and children.
 * @param {string} name
 * @param {Object<string, any>} [given] `on…` are listeners, `class` and `data-…` attributes
 * @param {...(Node|string|null|false)} children
 */
export function h(name, given = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== "list" && key !== "form") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== false));
  return node;
}

export const $ = (id) => document.getElementById(id);

const SHAPES = {
  holds: "M3.5 8.5l3 3 6-7",
  fails: "M4 4l8 8M12 4l-8 8",
  unchecked: "M8 8h.01",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  edit: "M3 13l.6-2.8 7.6-7.6 2.2 2.2-7.6 7.6z",
  stop: "M4.5 4.5h7v7h-7z",
  send: "M8 13V3.5M3.8 7.5L8 3.3l4.2 4.2",
  menu: "M2.5 4h11M2.5 8h11M2.5 12h11",
  plus: "M8 3v10M3 8h10",
  down: "M8 3v7.5M4.5 7.5L8 11l3.5-3.5M3 13.5h10",
  remove: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9",
  run: "M5 3.5l7.5 4.5L5 12.5z",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
};

/** A small drawing, for eyes only: what it means is said beside it. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("class", `icon icon-${name}`);
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", SHAPES[name]);
  drawing.append(line);
  return drawing;
}

/** A button with a drawing and its name. */
export function iconButton(name, label, onclick, given = {}) {
  return h("button", { type: "button", class: "quiet", title: label, "aria-label": label, onclick, ...given }, icon(name));
}

/** Put text on the clipboard; false where the browser does not let a page do it. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { value: text, class: "offscreen" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Hand a text to the person as a file. */
export function save(name, text, kind = "text/plain") {
  const url = URL.createObjectURL(new Blob([text], { type: `${kind};charset=utf-8` }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
