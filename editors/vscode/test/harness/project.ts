/** Small projects for tests to work in, each a fresh copy. */

import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as places from "./places.ts";

export interface Project {
  folder: string;
  remove(): void;
}

/** A copy of `test/projects/NAME`, with the environment that a user would have made in it as `.venv`. */
export function project(name: string): Project {
  const above = realpathSync(mkdtempSync(join(tmpdir(), "fastest-project-")));
  const folder = join(above, name);
  cpSync(resolve(places.PACKAGE, "test/projects", name), folder, { recursive: true });
  symlinkSync(places.environment(), join(folder, ".venv"));
  return { folder, remove: () => rmSync(above, { recursive: true, force: true, maxRetries: 5 }) };
}
