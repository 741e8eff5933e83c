// Reading a formula of one variable, in TeX or plain, into something that gives its values. Own
// parser, no eval: what a model writes is never run.

const FUNCTIONS = {
  sin: Math.sin, cos: Math.cos, tan: Math.tan, arcsin: Math.asin, arccos: Math.acos, arctan: Math.atan, sinh: Math.sinh,
  cosh: Math.cosh, tanh: Math.tanh, exp: Math.exp, ln: Math.log, log: Math.log10, sqrt: Math.sqrt, abs: Math.abs,
};
const CONSTANTS = { pi: Math.PI, e: Math.E };
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|\\?([A-Za-z]+)|([-+*/^(){}|!]))/y;
const LONGEST = 300;
const DEEPEST = 60;

/**
 * @param {string} source as in "x^2 - \\frac{1}{2}x"
 * @param {string} variable its name
 * @returns {((at: number) => number) | null} null where it cannot be read
 */
export function compile(source, variable) {
  if (source.length > LONGEST) return null;
  const tidy = source.replace(/\\left|\\right|\\,|\\;|\\!|\\displaystyle/g, "").replace(/\\cdot|\\times/g, "*")
    .replace(/\\div/g, "/").replace(/[−–]/g, "-").replace(/[dt]frac/g, "frac").replace(/\\operatorname/g, "");
  try {
    const reader = new Reader(tokens(tidy, variable), variable);
    const value = reader.sum();
    return reader.at === reader.tokens.length ? value : null;
  } catch {
    return null;
  }
}

function tokens(text, variable) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) throw new Error("unread");
    const word = match[2];
    if (word && !(word in FUNCTIONS) && !(word in CONSTANTS) && word !== "frac" && word !== variable) found.push(...letters(word, variable));
    else found.push(match[1] ?? word ?? match[3]);
  }
  return found;
}

function letters(word, variable) {
  const parts = [...word];
  if (!parts.every((letter) => letter === variable || letter === "e")) throw new Error("unread");
  return parts;
}

class Reader {
  constructor(found, variable) {
    this.tokens = found;
    this.variable = variable;
    this.at = 0;
    this.depth = 0;
  }

  next() { return this.tokens[this.at]; }

  take(token) {
    if (this.next() !== token) return false;
    this.at += 1;
    return true;
  }

  need(token) { if (!this.take(token)) throw new Error("unread"); }

  sum() {
    if (++this.depth > DEEPEST) throw new Error("deep");
    let left = this.product();
    while (this.next() === "+" || this.next() === "-") {
      const sign = this.tokens[this.at++] === "+" ? 1 : -1;
      const [first, second] = [left, this.product()];
      left = (x) => first(x) + sign * second(x);
    }
    this.depth -= 1;
    return left;
  }

  product() {
    let left = this.signed();
    for (;;) {
      const divide = this.take("/");
      if (!divide && !this.take("*") && !this.begins()) return left;
      const [first, second] = [left, divide || this.next() === "-" ? this.signed() : this.power()];
      left = divide ? (x) => first(x) / second(x) : (x) => first(x) * second(x);
    }
  }

  begins() {
    const token = this.next();
    return token !== undefined && /^[\dA-Za-z({]/.test(token);
  }

  signed() {
    if (this.take("-")) {
      const value = this.signed();
      return (x) => -value(x);
    }
    this.take("+");
    return this.power();
  }

  power() {
    const base = this.atom();
    if (!this.take("^")) return base;
    const exponent = this.next() === "-" ? this.signed() : this.power();
    return (x) => base(x) ** exponent(x);
  }

  atom() {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new Error("unread");
    if (/^\d/.test(token)) return () => Number(token);
    if (token === this.variable) return (x) => x;
    if (token in CONSTANTS) return () => CONSTANTS[token];
    if (token === "frac") {
      const [above, below] = [this.group(), this.group()];
      return (x) => above(x) / below(x);
    }
    if (token in FUNCTIONS) return this.applied(FUNCTIONS[token]);
    return this.enclosed(token);
  }

  applied(of) {
    const exponent = this.take("^") ? this.atom() : () => 1;
    const inner = this.next() === "(" || this.next() === "{" ? this.atom() : this.power();
    return (x) => of(inner(x)) ** exponent(x);
  }

  group() {
    this.need("{");
    const value = this.sum();
    this.need("}");
    return value;
  }

  enclosed(open) {
    const close = { "(": ")", "{": "}", "|": "|" }[open];
    if (!close) throw new Error("unread");
    const value = this.sum();
    this.need(close);
    return open === "|" ? (x) => Math.abs(value(x)) : value;
  }
}
