/** This file against an exercise: comments on its lines, each backed by a run on the server. */

import * as vscode from "vscode";
import type { Exercise, Graded } from "./documents";
import { utf16 } from "./offsets";
import { t } from "./proposals";
import { Failed, type Server } from "./server";

export async function grade(
  server: Server,
  marks: vscode.DiagnosticCollection,
  memory: vscode.Memento,
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) throw new Failed(t("Open the file that is to be graded."));
  const { document } = editor;
  if (document.getText().trim() === "") throw new Failed(t("The file is empty."));
  const language = vscode.env.language.startsWith("zh") ? "zh" : "en";
  const exercise = await chosen(server, language, memory);
  if (exercise === undefined) return;
  const program = document.languageId === "cpp" ? "cpp" : "python";
  const spoken = exercise.programs.length ? { program } : {};
  const body = { exercise: exercise.id, text: document.getText(), language, ...spoken };
  const title = t("Grading against {0}", exercise.title);
  const options = { location: vscode.ProgressLocation.Notification, title };
  const graded = await vscode.window.withProgress(options, () =>
    server.json<Graded>("POST", "/api/tutor/grade", body),
  );
  const step = wrongStep(document, graded);
  const found = step.length ? step : comments(document, graded);
  marks.set(document.uri, found);
  const said = `${exercise.title}: ${outcome(graded)}`;
  const good = graded.passed ?? (found.length === 0 && stateOf(graded) === "correct");
  void (good ? vscode.window.showInformationMessage(said) : vscode.window.showWarningMessage(said));
}

async function chosen(
  server: Server,
  language: string,
  memory: vscode.Memento,
): Promise<Exercise | undefined> {
  const told = await server.json<{ exercises: Exercise[] }>(
    "GET",
    `/api/tutor/exercises?language=${language}`,
  );
  const last = memory.get<string>("exercise");
  const items = told.exercises
    .map((exercise) => ({
      label: exercise.title,
      description: exercise.id,
      detail: exercise.statement.split("\n")[0] ?? "",
      exercise,
    }))
    .sort((a, b) => Number(b.exercise.id === last) - Number(a.exercise.id === last));
  const placeHolder = t("The exercise that this file answers");
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder,
    matchOnDescription: true,
  });
  if (picked) await memory.update("exercise", picked.exercise.id);
  return picked?.exercise;
}

function comments(document: vscode.TextDocument, graded: Graded): vscode.Diagnostic[] {
  return (graded.comments ?? []).map(({ line, text, opinion }) => {
    const at = Math.min(Math.max(line - 1, 0), document.lineCount - 1);
    const severity = opinion ? vscode.DiagnosticSeverity.Hint : vscode.DiagnosticSeverity.Warning;
    return new vscode.Diagnostic(document.lineAt(at).range, text, severity);
  });
}

function wrongStep(document: vscode.TextDocument, graded: Graded): vscode.Diagnostic[] {
  const step = graded.steps?.[graded.first_wrong ?? -1];
  if (!step) return [];
  const place = (point: number) => document.positionAt(utf16(document.getText(), point));
  const range = new vscode.Range(place(step.start), place(step.end));
  return [new vscode.Diagnostic(range, step.reason, vscode.DiagnosticSeverity.Error)];
}

function stateOf({ verdict }: Graded): string {
  return typeof verdict === "string" ? verdict : verdict.state;
}

function outcome(graded: Graded): string {
  const tests = graded.tests ?? [];
  const passed = tests.filter((test) => test.verdict === "AC").length;
  const parts = tests.length
    ? [t("{0} of {1} tests pass", passed, tests.length)]
    : [stateOf(graded)];
  const measured = graded.growth?.measured;
  if (measured) parts.push(t("O({0}) measured by {1}", measured.law, t(measured.by)));
  return parts.join(" · ");
}
