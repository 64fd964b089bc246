/** Coverage of files in the editor: sums at once, lines when a file is looked at, per test when asked. */

import * as vscode from "vscode";
import { asRange } from "../tree/view.ts";
import { statements } from "./details.ts";
import type { Covered, FileCoverage, FileCoverageResult, Server } from "../protocol.ts";

/** The sums of one file, with what is needed to ask for its lines. */
export class FileCoverageOfRun extends vscode.FileCoverage {
  readonly runId: string;

  constructor(runId: string, file: FileCoverage, tests: vscode.TestItem[]) {
    const optional = (covered: Covered | undefined): vscode.TestCoverageCount | undefined => covered && count(covered);
    super(vscode.Uri.parse(file.uri, true), count(file.statements), optional(file.branches), optional(file.functions), tests);
    this.runId = runId;
  }
}

/** The lines of a file; only what one test ran, if one is named. */
export async function details(server: Server, file: vscode.FileCoverage, test?: vscode.TestItem): Promise<vscode.FileCoverageDetail[]> {
  if (!(file instanceof FileCoverageOfRun)) return [];
  const asked = { runId: file.runId, uri: file.uri.toString() };
  const told = await server.request("fastest/fileCoverage", test === undefined ? asked : { ...asked, itemId: test.id });
  return [...shownStatements(told), ...shownFunctions(told)];
}

function shownStatements(told: FileCoverageResult): vscode.StatementCoverage[] {
  return statements(told).map(({ range, count, branches }) => {
    const shown = asRange(range);
    const ways = branches.map(({ taken, label }) => new vscode.BranchCoverage(taken, shown.start, label));
    return new vscode.StatementCoverage(count, shown, ways);
  });
}

function shownFunctions({ functions }: FileCoverageResult): vscode.DeclarationCoverage[] {
  return functions.map(({ name, range, count }) => new vscode.DeclarationCoverage(name, count, asRange(range)));
}

function count({ covered, total }: Covered): vscode.TestCoverageCount {
  return new vscode.TestCoverageCount(covered, total);
}
