import { isolateHistory } from "@codemirror/commands";
import { type ChangeSpec, StateEffect, StateField, type Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { Edit } from "./server";

const put = StateEffect.define<{ id: string; at: number }>();
const drop = StateEffect.define<string>();

/** Places in a note that move along while people go on writing. */
export const anchors = StateField.define<ReadonlyMap<string, number>>({
  create: () => new Map(),
  update(places, transaction) {
    let moved = places;
    if (transaction.docChanged && places.size > 0) {
      moved = new Map(
        Array.from(places, ([id, at]) => [id, transaction.changes.mapPos(at, -1)] as const),
      );
    }
    for (const effect of transaction.effects) {
      if (effect.is(put)) moved = new Map(moved).set(effect.value.id, effect.value.at);
      if (effect.is(drop)) moved = new Map(Array.from(moved).filter(([id]) => id !== effect.value));
    }
    return moved;
  },
});

export function setAnchor(view: EditorView, id: string, at: number): void {
  view.dispatch({ effects: put.of({ id, at }) });
}

export function dropAnchor(view: EditorView, id: string): void {
  view.dispatch({ effects: drop.of(id) });
}

/** Put a callout behind the block where the anchor stands now, in one undo step; gives whether the
 * anchor was still there. */
export function insertAtAnchor(view: EditorView, id: string, markdown: string): boolean {
  const at = view.state.field(anchors, false)?.get(id);
  if (at === undefined) return false;
  const { doc } = view.state;
  change(view, [{ from: endOfBlock(doc, at), insert: `\n\n${markdown.trimEnd()}` }]);
  dropAnchor(view, id);
  return true;
}

/** Apply edits by lines in one undo step. */
export function applyEdits(view: EditorView, edits: Edit[]): void {
  if (edits.length > 0) change(view, changesOf(view.state.doc, edits));
}

function change(view: EditorView, changes: ChangeSpec[]): void {
  view.dispatch({ changes, annotations: isolateHistory.of("full"), userEvent: "input.lemmata" });
}

export function changesOf(doc: Text, edits: Edit[]): ChangeSpec[] {
  return edits.map(({ first, last, lines }) => {
    const atEnd = last >= doc.lines;
    const insert = lines.join("\n");
    if (!atEnd) {
      const [from, to] = [doc.line(first + 1).from, doc.line(last + 1).from];
      return { from, to, insert: lines.length > 0 ? `${insert}\n` : "" };
    }
    if (first >= doc.lines) return { from: doc.length, insert: `\n${insert}` };
    const from = doc.line(first + 1).from;
    if (lines.length > 0) return { from, to: doc.length, insert };
    return { from: Math.max(0, from - 1), to: doc.length };
  });
}

/** The end of the paragraph, list or code block in which a place lies. */
export function endOfBlock(doc: Text, at: number): number {
  const wanted = doc.lineAt(Math.min(at, doc.length)).number;
  let fence = "";
  for (let number = 1; number <= doc.lines; number++) {
    const line = doc.line(number);
    const mark = /^\s*(`{3,}|~{3,})/.exec(line.text)?.[1] ?? "";
    if (!fence) fence = mark;
    else if (mark.startsWith(fence) && line.text.trim() === mark) fence = "";
    const last = number === doc.lines || !doc.line(number + 1).text.trim();
    if (number >= wanted && !fence && last) return line.to;
  }
  return doc.length;
}
