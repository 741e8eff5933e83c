/** What is sent with a TODO: the file, the selection, and the files beside it that it imports. */

import * as vscode from "vscode";
import { imported, LARGEST, MOST } from "./near";
import * as settings from "./settings";

/** The body of `POST /api/complete`. */
export async function request(editor: vscode.TextEditor): Promise<Record<string, unknown>> {
  const { document, selection } = editor;
  const { tokens, seconds } = settings.budget();
  const last = selection.end.character === 0 && !selection.isEmpty ? 0 : 1;
  return {
    path: vscode.workspace.asRelativePath(document.uri, false),
    text: document.getText(),
    language: document.languageId,
    line: selection.start.line + 1,
    last_line: Math.max(selection.start.line + 1, selection.end.line + last),
    near: await beside(document),
    candidates: settings.candidates(),
    ...(settings.model() ? { model: settings.model() } : {}),
    ...(tokens ? { budget_tokens: tokens } : {}),
    ...(seconds ? { budget_s: seconds } : {}),
    ...(settings.thinkingBudget() ? { thinking_budget: settings.thinkingBudget() } : {}),
    stream: true,
  };
}

async function beside(document: vscode.TextDocument): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  if (document.isUntitled) return found;
  const own = document.uri.path.split("/").at(-1) ?? "";
  for (const name of imported(document.getText(), document.languageId, own)) {
    if (Object.keys(found).length === MOST) break;
    const text = await readIfThere(vscode.Uri.joinPath(document.uri, "..", name));
    if (text !== undefined) found[name] = text;
  }
  return found;
}

/** As it is in the editor, where it is open and not saved. */
async function readIfThere(uri: vscode.Uri): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find((d) => d.uri.toString() === uri.toString());
  if (open) return open.getText();
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > LARGEST) return undefined;
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}
