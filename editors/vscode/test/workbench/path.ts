/**
 * `node test/workbench/path.ts [TIMES]`: the user's path, clicked and typed in the real workbench with the packaged
 * extension in a VS Code that has nothing else and no setting of ours: tests appear, one is typed without saving,
 * run, fails, is mended, debugged, covered, and run continuously; and a folder that is trusted only later. Ends with
 * `vscode: N passed, M failed`.
 */

import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import * as places from "../harness/places.ts";
import { project } from "../harness/project.ts";
import { VsCode } from "../harness/vscode.ts";
import { Window } from "./window.ts";
import { STEPS, type Steps } from "./steps.ts";
import { TRUST_STEPS } from "./trust.ts";

async function walk(steps: Steps, asksForTrust: boolean, round: number): Promise<{ passed: number; failed: number }> {
  const shop = project("shop");
  const debuggerExtension = resolve(places.PACKAGE, "test/fakes/debugpy");
  const vscode = await VsCode.start({ vsix: places.vsix(), extensions: [debuggerExtension], asksForTrust });
  const page = await vscode.page(1280, 800);
  let passed = 0;
  try {
    await page.goto(vscode.url(shop.opened), { waitUntil: "domcontentloaded" });
    const window = new Window(page);
    for (const [name, step] of Object.entries(steps)) {
      const began = Date.now();
      await step(window, async (picture) => await shoot(window, picture)).catch(async (error: unknown) => {
        await shoot(window, `failed-${round}`);
        throw new Error(`✖ ${name}\n${String(error)}`);
      });
      console.log(`✔ ${name} (${Date.now() - began} ms)`);
      passed += 1;
    }
    return { passed, failed: 0 };
  } catch (error) {
    console.log(error instanceof Error ? error.message : String(error));
    return { passed, failed: Object.keys(steps).length - passed };
  } finally {
    await page.close();
    await vscode.stop();
    shop.remove();
  }
}

/** A picture for people; the mouse is put where it shows nothing. */
async function shoot({ page }: Window, name: string): Promise<void> {
  await page.screenshot({ path: join(places.screenshots(), `${name}.png`) });
}

async function main(): Promise<number> {
  mkdirSync(places.screenshots(), { recursive: true });
  const times = Number(process.argv[2] ?? 1);
  let [passed, failed] = [0, 0];
  for (let round = 1; round <= times; round++) {
    if (times > 1) console.log(`--- ${round} of ${times}`);
    for (const counts of [await walk(STEPS, false, round), await walk(TRUST_STEPS, true, round)]) {
      passed += counts.passed;
      failed += counts.failed;
    }
  }
  console.log(`vscode: ${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
