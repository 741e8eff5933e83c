// Finding formulas in what a model writes, before Markdown can eat their backslashes.

const OPEN = "\uE000";
const CLOSE = "\uE001";
const PLACE = /\uE000(\d+)\uE001/g;

// Display before inline; a dollar before a digit and with none after is money ($120).
const FORMULA = new RegExp(
  [
    /\$\$([\s\S]+?)\$\$/,
    /\\\[([\s\S]+?)\\\]/,
    /(\\begin\{(equation|align|aligned|gather|cases|array|[pbvBV]?matrix)\*?\}[\s\S]+?\\end\{\2\*?\})/,
    /\\\(([\s\S]+?)\\\)/,
    /(?<![\\$\w])\$(?!\s)((?:[^$\n\\]|\\.)+?)(?<!\s)\$(?![\d$])/,
    /(\\boxed\{(?:[^{}\n]|\{(?:[^{}\n]|\{[^{}\n]*\})*\})*\})/, // a model's last word, often bare
  ].map((part) => part.source.replace("\\2", "\\4")).join("|"),
  "g",
);
const CODE = /(^|\n)(```|~~~)[\s\S]*?(\n\2|$)|`[^`\n]+`/g;

/**
 * The text with each formula replaced by a mark, and the formulas.
 * Code is left as it is: a dollar there is a dollar.
 * @returns {{text: string, formulas: {tex: string, display: boolean}[]}}
 */
export function lift(source) {
  const formulas = [];
  const clean = source.replaceAll(OPEN, "").replaceAll(CLOSE, "");
  const out = [];
  let at = 0;
  for (const code of clean.matchAll(CODE)) {
    out.push(liftPlain(clean.slice(at, code.index), formulas), code[0]);
    at = code.index + code[0].length;
  }
  out.push(liftPlain(clean.slice(at), formulas));
  return { text: out.join(""), formulas };
}

function liftPlain(text, formulas) {
  return text.replace(FORMULA, (whole, dollars, brackets, environment, _, parens, dollar, boxed) => {
    const tex = dollars ?? brackets ?? environment ?? parens ?? dollar ?? boxed;
    const display = (dollars ?? brackets ?? environment) !== undefined;
    formulas.push({ tex: tex.trim(), display });
    return `${OPEN}${formulas.length - 1}${CLOSE}`;
  });
}

/** Put the drawn formulas where their marks stand, in the text nodes under `root`. */
export function settle(root, formulas, draw) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const marked = [];
  while (walker.nextNode()) if (walker.currentNode.data.includes(OPEN)) marked.push(walker.currentNode);
  for (const node of marked) node.replaceWith(...pieces(node.data, formulas, draw));
}

function pieces(text, formulas, draw) {
  const out = [];
  let at = 0;
  for (const mark of text.matchAll(PLACE)) {
    out.push(text.slice(at, mark.index), draw(formulas[Number(mark[1])]));
    at = mark.index + mark[0].length;
  }
  out.push(text.slice(at));
  return out;
}
