/** Places in a text, between the server's counting and the editor's. */

import type { Edit } from "./documents";

/** The UTF-16 offset of a place that is counted in code points. */
export function utf16(text: string, codePoints: number): number {
  let seen = 0;
  let at = 0;
  while (seen < codePoints && at < text.length) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    seen += 1;
  }
  return at;
}

/** The text with the marks of comments blanked, every character keeping its place. */
export function withoutMarks(text: string): string {
  return text.replace(/^[ \t]*(?:\/\/+!?|#+|--|;+|%+|\/\*+|\*+\/?|<!--|'{3}|"{3})/gm, (mark) =>
    " ".repeat(mark.length),
  );
}

export interface Replacement {
  startLine: number;
  startCharacter: number;
  endLine: number;
  endCharacter: number;
  text: string;
}

/** Edits as ranges of a document of these lines. Behind a last line that has no end, a line end is
 * put first. */
export function replacements(edits: readonly Edit[], lines: readonly string[]): Replacement[] {
  return edits.map(({ first, last, text }) => {
    const bottom = lines.length - 1;
    if (last <= bottom) {
      return { startLine: first, startCharacter: 0, endLine: last, endCharacter: 0, text };
    }
    const end = { endLine: bottom, endCharacter: lines[bottom]?.length ?? 0 };
    const body = text.replace(/\n$/, "");
    const trailing = text.endsWith("\n") && lines[bottom] === "" ? "\n" : "";
    if (first <= bottom)
      return { startLine: first, startCharacter: 0, ...end, text: body + trailing };
    const start = { startLine: end.endLine, startCharacter: end.endCharacter };
    return { ...start, ...end, text: `\n${body}` };
  });
}
