import type { EditorView } from "@codemirror/view";
import { applyEdits } from "./anchors";
import { said } from "./messages";
import { type Checked, type Server, ServerError } from "./server";

/** Check the selection, or without one the whole note, and write a callout behind what was checked,
 * in one undo step. Throws ServerError; then nothing was written. */
export async function check(server: Server, view: EditorView, note: string): Promise<Checked> {
  const before = view.state.doc;
  const checked = await server.check({ text: before.toString(), note, ...lines(view) });
  if (!view.state.doc.eq(before)) throw new ServerError(said("changed"));
  applyEdits(view, checked.edits);
  return checked;
}

function lines(view: EditorView): { first?: number; last?: number } {
  const { from, to, empty } = view.state.selection.main;
  if (empty) return {};
  const { doc } = view.state;
  return { first: doc.lineAt(from).number - 1, last: doc.lineAt(to).number };
}

/** How many findings hold, are wrong, and are not checked. */
export function summary(checked: Checked): string {
  const states = checked.sections.flatMap(({ findings }) => findings.map(({ state }) => state));
  if (states.length === 0) return said("nothingChecked");
  const count = (wanted: string) => states.filter((state) => state === wanted).length;
  return said("checked", {
    holds: count("holds"),
    fails: count("fails"),
    unchecked: count("unchecked"),
  });
}
