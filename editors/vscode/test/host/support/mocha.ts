/** Runs one suite under mocha inside the extension host, and says how it went in lines that begin with `host: `. */

import Mocha from "mocha";
import * as vscode from "vscode";

/** More than all that a test waits for, so that it says itself what it waited for. */
const LIMIT_MS = 300_000;

/** What VS Code calls: rejects if a test failed, or if the workbench opened nothing to test in. */
export function runner(define: () => void): () => Promise<void> {
  return async () => {
    if ((vscode.workspace.workspaceFolders ?? []).length === 0) {
      console.log("host: no folder is open");
      throw new Error("no folder is open");
    }
    const mocha = new Mocha({ ui: "bdd", timeout: LIMIT_MS, reporter: Lines });
    mocha.suite.emit("pre-require", globalThis as unknown as Mocha.MochaGlobals, "suite", mocha);
    define();
    await new Promise<void>((resolve, reject) => {
      const run = mocha.run((failures) => {
        console.log(`host: ${run.stats?.passes ?? 0} passed, ${failures} failed`);
        if (failures === 0) resolve();
        else reject(new Error(`${failures} failed`));
      });
    });
  };
}

/** A line for each test as it ends: the workbench's own chatter is all around. */
class Lines extends Mocha.reporters.Base {
  constructor(run: Mocha.Runner) {
    super(run);
    run.on("pass", (test) => console.log(`host: ✔ ${test.title} (${test.duration ?? 0} ms)`));
    run.on("fail", (test, error: Error) => console.log(`host: ✖ ${test.fullTitle()}\n${error.stack ?? error.message}`));
  }
}
