import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { expect, it } from "vitest";

interface Manifest {
  main: string;
  browser: string;
  contributes: { commands: { command: string }[] };
}

const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

/** Anything that is asked of it, it is; so that loading and activating can be seen alone. */
function anything(): unknown {
  return new Proxy(function () {}, {
    get: (_, name) => (name === Symbol.toPrimitive ? () => "" : anything()),
    apply: () => anything(),
    construct: () => anything() as object,
  });
}

it("one bundle serves the desktop's host and the browser's, and asks for nothing but vscode", () => {
  expect(manifest.browser).toBe(manifest.main);
  const asked: string[] = [];
  const registered: string[] = [];
  const names = ["window", "workspace", "languages", "l10n", "env", "Uri", "Range", "Diagnostic"];
  const vscode = {
    ...Object.fromEntries(names.map((name) => [name, anything()])),
    commands: { registerCommand: (command: string) => registered.push(command) },
  };
  const module = { exports: {} as { activate?: (context: unknown) => void } };
  const require = (name: string) => {
    asked.push(name);
    return vscode;
  };
  const globals = { module, exports: module.exports, require, TextEncoder, URL, crypto };
  runInContext(readFileSync(manifest.browser, "utf8"), createContext(globals));
  module.exports.activate?.({ subscriptions: [], secrets: anything(), workspaceState: anything() });
  expect(new Set(asked)).toEqual(new Set(["vscode"]));
  const declared = manifest.contributes.commands.map(({ command }) => command);
  expect(new Set(registered)).toEqual(new Set(declared));
});
