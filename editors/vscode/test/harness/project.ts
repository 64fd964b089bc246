/** Small projects for tests to work in, each a fresh copy. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as places from "./places.ts";

export interface Project {
  /** What VS Code opens: the folder, or the workspace's file in it. */
  opened: string;
  folder: string;
  remove(): void;
}

/** A copy of `test/projects/NAME`, with the environment that a user would have made in it as `.venv`. */
export function project(name: string): Project {
  return prepared(name, (folder) => cpSync(resolve(places.PACKAGE, "test/projects", name), folder, { recursive: true }));
}

/** 10,000 tests in 100 files, a quarter of them cases of parametrized functions. */
export function largeProject(): Project {
  return prepared("large", (folder) => {
    mkdirSync(join(folder, "tests"), { recursive: true });
    writeFileSync(join(folder, "pytest.ini"), "[pytest]\n");
    for (let file = 0; file < 100; file++) writeFileSync(join(folder, "tests", `test_${file.toString().padStart(3, "0")}.py`), largeFile());
  });
}

function largeFile(): string {
  const plain = Array.from({ length: 75 }, (_, index) => `def test_${index}():\n    assert ${index} == ${index}\n\n\n`);
  const rows = Array.from({ length: 25 }, (_, index) => `        ${index},\n`).join("");
  return `import pytest\n\n\n${plain.join("")}@pytest.mark.parametrize(\n    "number",\n    [\n${rows}    ],\n)\ndef test_cases(number):\n    assert number >= 0\n`;
}

function prepared(name: string, fill: (folder: string) => void): Project {
  const above = realpathSync(mkdtempSync(join(tmpdir(), "fastest-project-")));
  const folder = join(above, name);
  fill(folder);
  const roots = [folder, ...readdirSync(folder).map((inner) => join(folder, inner))].filter((inner) => existsSync(join(inner, "pytest.ini")));
  for (const root of roots) symlinkSync(places.environment(), join(root, ".venv"));
  const workspace = join(folder, `${name}.code-workspace`);
  const opened = existsSync(workspace) ? workspace : folder;
  return { opened, folder, remove: () => rmSync(above, { recursive: true, force: true, maxRetries: 5 }) };
}
