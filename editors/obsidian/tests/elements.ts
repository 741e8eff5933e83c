/** What Obsidian adds to the elements of the page. */

interface Options {
  cls?: string;
  text?: string;
}

function make(parent: Element, tag: string, options: Options = {}): HTMLElement {
  const made = document.createElement(tag);
  if (options.cls) made.className = options.cls;
  if (options.text) made.textContent = options.text;
  parent.append(made);
  return made;
}

Object.assign(HTMLElement.prototype, {
  createDiv(this: HTMLElement, options?: Options) {
    return make(this, "div", options);
  },
  createEl(this: HTMLElement, tag: string, options?: Options) {
    return make(this, tag, options);
  },
  empty(this: HTMLElement) {
    this.replaceChildren();
  },
  setText(this: HTMLElement, text: string) {
    this.textContent = text;
  },
  appendText(this: HTMLElement, text: string) {
    this.append(text);
  },
  addClass(this: HTMLElement, name: string) {
    this.classList.add(name);
  },
});

// jsdom lays nothing out, and CodeMirror asks how large a letter is.
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
