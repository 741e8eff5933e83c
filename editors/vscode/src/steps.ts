/** The first failing step of a selection, with the value that is right. */

import * as vscode from "vscode";
import type { StepReport } from "./documents";
import { utf16, withoutMarks } from "./offsets";
import { t } from "./proposals";
import { Failed, type Server } from "./server";

export async function explain(server: Server, marks: vscode.DiagnosticCollection): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selection.isEmpty) throw new Failed(t("Select a derivation first."));
  const { document, selection } = editor;
  const text = withoutMarks(document.getText(selection));
  const report = await server.json<StepReport>("POST", "/api/verify/steps", { text });
  marks.delete(document.uri);
  const step = report.first_wrong === null ? undefined : report.steps[report.first_wrong];
  if (!step) {
    void vscode.window.showInformationMessage(sound(report));
    return;
  }
  const offset = document.offsetAt(selection.start);
  const place = (point: number) => document.positionAt(offset + utf16(text, point));
  const range = new vscode.Range(place(step.start), place(step.end));
  const number = (report.first_wrong ?? 0) + 1;
  const said = t("Step {0} of {1} is wrong: {2}", number, report.steps.length, step.reason);
  marks.set(document.uri, [new vscode.Diagnostic(range, said, vscode.DiagnosticSeverity.Error)]);
  editor.revealRange(range);
  void vscode.window.showErrorMessage(said);
}

function sound({ steps }: StepReport): string {
  const checked = steps.filter((step) => step.state !== "unchecked").length;
  if (checked === 0)
    return t("None of {0} steps claims anything that can be checked.", steps.length);
  return t("{0} of {1} steps could be checked, and hold.", checked, steps.length);
}
