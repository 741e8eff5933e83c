import tseslint from "typescript-eslint";

const ONE_WAY_OUT = "Every request goes through src/server.ts, which logs it.";

export default tseslint.config(
  { ignores: ["test/web", "dist", "*.mjs"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: { "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }] },
  },
  {
    files: ["src/**"],
    rules: {
      "no-restricted-globals": [
        "error",
        { name: "XMLHttpRequest", message: ONE_WAY_OUT },
        { name: "WebSocket", message: ONE_WAY_OUT },
        { name: "process", message: "The extension also runs in a browser." },
        { name: "Buffer", message: "The extension also runs in a browser." },
      ],
      "no-restricted-imports": ["error", { patterns: ["node:*", "child_process", "fs", "http*"] }],
    },
  },
  {
    files: ["src/!(server).ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "Identifier[name='fetch']", message: ONE_WAY_OUT },
      ],
    },
  },
);
