import { defineConfig, globalIgnores } from "eslint/config";
import obsidianmd from "eslint-plugin-obsidianmd";

export default defineConfig([
  globalIgnores(["node_modules", "main.js", "tests", "*.mjs", "vitest.config.ts", "bench"]),
  ...obsidianmd.configs.recommended,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Needs Obsidian 1.13; the plugin runs from 1.8.7 on.
      "obsidianmd/settings-tab/prefer-setting-definitions": "off",
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
  },
]);
