/**
 * `node test/harness/host.ts [NAME…]`: runs `test/host/NAME.test.ts` inside the real extension host, each in a
 * workbench of its own, against the real server. Ends with `vscode: N passed, M failed`.
 */

import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import * as places from "./places.ts";
import { type Project, largeProject, project } from "./project.ts";
import { VsCode } from "./vscode.ts";

/** A suite takes seconds; a machine shared with compilers needs a multiple of that. */
const LIMIT_MS = 600_000;

/** How often a workspace is opened for its folders to be there, and how long that may take. */
const OPENINGS = 5;
const INTRODUCTION_MS = 30_000;

interface Counts {
  passed: number;
  failed: number;
}

const HOST = resolve(places.PACKAGE, "test/host");
const SUFFIX = ".test.ts";

/** What a suite works in, if not the shop. */
const PROJECTS: Record<string, () => Project> = { roots: () => project("pair"), large: largeProject };

async function runSuite(vscode: VsCode, name: string): Promise<Counts> {
  const opened = (PROJECTS[name] ?? (() => project("shop")))();
  try {
    return await inHost(vscode, name, opened.opened);
  } finally {
    opened.remove();
  }
}

type Page = Awaited<ReturnType<VsCode["page"]>>;

/**
 * Opens a workspace of several folders until they are there, so that the workbench remembers them: one that is slow to
 * reach its server takes a workspace that it sees for the first time for an empty one, and leaves it at that.
 */
async function introduce(vscode: VsCode, page: Page, workspace: string): Promise<void> {
  for (let times = 0; times < OPENINGS; times++) {
    await page.goto(vscode.url(workspace), { waitUntil: "domcontentloaded" });
    const folder = page.locator(".explorer-folders-view .monaco-list-row").first();
    const there = await folder.waitFor({ timeout: INTRODUCTION_MS }).then(() => true, () => false);
    if (there) return;
  }
}

/** Runs a suite in a page of its own, again if the workbench took the workspace for an empty one even so. */
async function inHost(vscode: VsCode, name: string, workspace: string): Promise<Counts> {
  for (let times = 1; ; times++) {
    const page = await vscode.page();
    try {
      const counts = await inPage(vscode, page, name, workspace);
      if (!counts.opened && times < OPENINGS) continue;
      return counts;
    } finally {
      await page.close();
    }
  }
}

/** Opens the workbench with the suite as VS Code's own test runner, and waits for its counts. */
async function inPage(vscode: VsCode, page: Page, name: string, workspace: string): Promise<Counts & { opened: boolean }> {
  const counts = { passed: 0, failed: 0, opened: true };
  const exited = new Promise<number>((finish) => {
    void page.exposeFunction("codeAutomationLog", (_type: string, args: unknown[]) => {
      const [, text] = /^host: (.*)$/su.exec(args.map(String).join(" ")) ?? [];
      if (text === undefined) return;
      if (text === "no folder is open") counts.opened = false;
      const [, passed, failed] = /^(\d+) passed, (\d+) failed$/u.exec(text) ?? [];
      if (passed === undefined) console.log(text);
      else Object.assign(counts, { passed: Number(passed), failed: Number(failed) });
    });
    void page.exposeFunction("codeAutomationExit", finish);
  });
  const tests = resolve(places.PACKAGE, "dist/host", `${name}.test.cjs`);
  const payload: [string, string][] = [
    ["extensionDevelopmentPath", vscode.remote(places.PACKAGE)],
    ["extensionTestsPath", vscode.remote(tests)],
  ];
  if (workspace.endsWith(".code-workspace")) await introduce(vscode, page, workspace);
  await page.goto(vscode.url(workspace, payload), { waitUntil: "domcontentloaded" });
  const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), LIMIT_MS).unref());
  const ended = await Promise.race([exited, late]);
  if (process.env["FASTEST_TEST_LOOK"] !== undefined) await page.screenshot({ path: resolve(places.screenshots(), `host-${name}.png`) });
  if (ended === "late") {
    await page.screenshot({ path: resolve(places.screenshots(), `late-${name}.png`) });
    console.log(`${name}: the extension host did not finish within ${LIMIT_MS / 1000} s`);
  }
  return ended === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

async function main(): Promise<number> {
  const chosen = process.argv.slice(2);
  const all = readdirSync(HOST).filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
  const fakes = ["debugpy", "python", "vscode-python-envs"].map((name) => resolve(places.PACKAGE, "test/fakes", name));
  const total: Counts = { passed: 0, failed: 0 };
  const vscode = await VsCode.start({ extensions: fakes });
  try {
    for (const name of chosen.length > 0 ? chosen : all) {
      console.log(`--- ${name}`);
      const { passed, failed } = await runSuite(vscode, name);
      total.passed += passed;
      total.failed += failed;
    }
  } finally {
    await vscode.stop();
  }
  console.log(`vscode: ${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

process.exitCode = await main();
