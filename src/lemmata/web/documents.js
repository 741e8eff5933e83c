// A solution as text for other programs.

const MATHS = /\$\$[\s\S]+?\$\$|\\\[[\s\S]+?\\\]|\\\([\s\S]+?\\\)|(?<![\\$\w])\$(?!\s)(?:[^$\n\\]|\\.)+?(?<!\s)\$(?![\d$])/g;
// As on the server: nothing that reads files of whoever compiles it.
const REACHES = /\^\^|\\(?:end|begin)\s*\{document\}|\\(?:input|include|includegraphics|verbatiminput|lstinputlisting|openin|openout|read|readline|write|immediate|special|directlua|csname|catcode|[egx]?def|let|futurelet|newcommand|renewcommand|providecommand|usepackage|expandafter|scantokens|endinput)(?![A-Za-z])/;
const SPECIAL = { "\\": "\\textbackslash{}", "&": "\\&", "%": "\\%", $: "\\$", "#": "\\#", _: "\\_", "{": "\\{", "}": "\\}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}" };

const verdict = ({ verdict: { state, reason } }) => (reason ? `${state}: ${reason}` : state);

export const asMarkdown = (solution) =>
  [quoted(solution.problem), solution.derivation, solution.answer === null ? "" : `**${solution.answer}**`, `*${verdict(solution)}*`]
    .filter(Boolean).join("\n\n");

const quoted = (text) => text.split("\n").map((line) => `> ${line}`).join("\n");

/** Formulas as they are, everything else escaped. */
export function asLatex(solution) {
  return [`\\begin{quote}\n${escaped(solution.problem)}\n\\end{quote}`, escaped(solution.derivation), `\\textit{${escaped(verdict(solution))}}`].join("\n\n");
}

function escaped(text) {
  const out = [];
  let at = 0;
  for (const formula of text.matchAll(MATHS)) {
    out.push(plain(text.slice(at, formula.index)), REACHES.test(formula[0]) ? plain(formula[0]) : formula[0]);
    at = formula.index + formula[0].length;
  }
  return out.join("") + plain(text.slice(at));
}

const plain = (text) => text.replace(/[\\&%$#_{}~^]/g, (character) => SPECIAL[character]);
