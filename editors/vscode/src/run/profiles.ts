/** The run profiles: Run, Debug, Coverage, and Run with Arguments. */

import * as vscode from "vscode";
import { details } from "../coverage/file.ts";
import { debugpyPath, hasDebugger, offerDebugger } from "./debug.ts";
import { splitArguments } from "./words.ts";
import type { Mode, Runs } from "./runs.ts";
import type { Server } from "../protocol.ts";

const KEPT_ARGUMENTS = "fastest.arguments";

export class Profiles implements vscode.Disposable {
  readonly #all = new Map<Mode, vscode.TestRunProfile>();
  readonly #withArguments: vscode.TestRunProfile;

  constructor(controller: vscode.TestController, server: Server, runs: () => Runs, memory: vscode.Memento) {
    const { Run, Debug, Coverage } = vscode.TestRunProfileKind;
    const run = controller.createRunProfile("Run", Run, (request, token) => runs().run(request, { mode: "run" }, token), true, undefined, true);
    run.configureHandler = configure;
    const debug = controller.createRunProfile("Debug", Debug, (request, token) => this.debug(runs(), request, token), true);
    const coverage = controller.createRunProfile("Coverage", Coverage, (request, token) => runs().run(request, { mode: "coverage" }, token), true, undefined, true);
    coverage.loadDetailedCoverage = (_run, file) => details(server, file);
    coverage.loadDetailedCoverageForTest = (_run, file, test) => details(server, file, test);
    this.#withArguments = controller.createRunProfile("Run with Arguments…", Run, async (request, token) => {
      const extraArgs = await askForArguments(memory);
      if (extraArgs !== undefined) await runs().run(request, { mode: "run", extraArgs }, token);
    });
    this.#all.set("run", run).set("debug", debug).set("coverage", coverage);
  }

  of(mode: Mode): vscode.TestRunProfile | undefined {
    return this.#all.get(mode);
  }

  get withArguments(): vscode.TestRunProfile {
    return this.#withArguments;
  }

  /** A debug run, or the reason why there can be none. */
  async debug(runs: Runs, request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    if (hasDebugger()) await runs.run(request, { mode: "debug" }, token);
    else await offerDebugger();
  }

  dispose(): void {
    for (const profile of [...this.#all.values(), this.#withArguments]) profile.dispose();
  }
}

export { debugpyPath };

function configure(): void {
  void vscode.commands.executeCommand("workbench.action.openSettings", "fastest.");
}

/** The arguments of one run; the last ones are offered again. Nothing if the user thinks better of it. */
async function askForArguments(memory: vscode.Memento): Promise<string[] | undefined> {
  const typed = await vscode.window.showInputBox({
    title: "Run with arguments of pytest",
    prompt: "For this run only, after those of the settings and of the configuration file.",
    placeHolder: "-m 'not slow' -x --log-level=DEBUG",
    value: memory.get(KEPT_ARGUMENTS, ""),
    validateInput: (text) => (splitArguments(text) === undefined ? "A quotation mark is not closed." : undefined),
  });
  if (typed === undefined) return undefined;
  await memory.update(KEPT_ARGUMENTS, typed);
  return splitArguments(typed);
}
