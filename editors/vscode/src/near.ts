/** Which files beside one its code may import. */

const IMPORTS =
  /^[ \t]*(?:from[ \t]+\.*([\w.]*)[ \t]+import[ \t]+([\w, \t]+)|import[ \t]+([\w., \t]+))/gm;
export const MOST = 8;
export const LARGEST = 100_000;

/** Names of Python files in the same folder that the text may import, in order. */
export function imported(text: string, language: string, own: string): string[] {
  if (language !== "python") return [];
  const modules: string[] = [];
  for (const [, module, names, several] of text.matchAll(IMPORTS)) {
    if (module) modules.push(module);
    for (const name of (names ?? several ?? "").split(","))
      modules.push(name.trim().split(/\s/)[0] ?? "");
  }
  const stems = modules.map((name) => name.split(".").at(-1) ?? "").filter((stem) => stem !== "");
  return [...new Set(stems)].map((stem) => `${stem}.py`).filter((file) => file !== own);
}
