/** Where things are: said by `cargo xtask test`, with defaults that fit a test run by hand after it. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The folder of the extension's sources. */
export const PACKAGE = resolve(import.meta.dirname, "../..");
const TARGET = resolve(PACKAGE, "../../target");

function place(variable: string, usual: string): string {
  const path = process.env[variable] ?? resolve(TARGET, usual);
  if (!existsSync(path)) throw new Error(`there is no ${path}; \`cargo xtask test vscode\` makes it`);
  return path;
}

/** VS Code's own server, with its Node. */
export const vscodeFolder = (): string => place("FASTEST_TEST_VSCODE", "editors/vscode-server");
/** A virtual environment's folder with pytest, coverage and debugpy. */
export const environment = (): string => place("FASTEST_TEST_VENV", "test-envs/editors");
/** The packaged extension. */
export const vsix = (): string => place("FASTEST_TEST_VSIX", "editors/fastest.vsix");
/** Where screenshots go. */
export const screenshots = (): string => process.env["FASTEST_TEST_SCREENSHOTS"] ?? resolve(TARGET, "editors/screenshots");
/** Debian's browser. */
export const chromium = (): string => process.env["FASTEST_TEST_CHROMIUM"] ?? "/usr/bin/chromium";
