/** What the status bar shows, as plain values. No editor in here. */

import type { RootStatus, Status } from "../protocol.ts";

export interface StatusLook {
  text: string;
  /** Markdown. */
  tooltip: string;
  isError: boolean;
}

export function statusLook(status: Status | undefined, problem: string | undefined, runs: number): StatusLook {
  if (problem !== undefined) return { text: "$(beaker-stop) Tests", tooltip: problem, isError: false };
  if (status === undefined) return { text: "$(sync~spin) Tests", tooltip: "Fastest is starting.", isError: false };
  const tests = status.roots.reduce((sum, { testCount }) => sum + testCount, 0);
  const isBusy = runs > 0 || !status.quiescent;
  const icon = status.health === "ok" ? (isBusy ? "$(sync~spin)" : "$(beaker)") : "$(warning)";
  const about = [status.message, ...status.roots.map(root)].filter((part) => part !== undefined);
  return {
    text: `${icon} ${tests} ${tests === 1 ? "test" : "tests"}`,
    tooltip: about.join("\n\n"),
    isError: status.health === "error",
  };
}

function root({ rootdir, configFile, python, pythonVersion, pytestVersion, testCount, problem }: RootStatus): string {
  const interpreter = python === undefined ? "no Python found" : `Python ${pythonVersion ?? ""} at \`${python}\``;
  const lines = [
    `**${rootdir}**: ${testCount} tests`,
    configFile === undefined ? "no configuration file of pytest" : `configured by \`${configFile}\``,
    `${interpreter}, ${pytestVersion === undefined ? "pytest is not installed there" : `pytest ${pytestVersion}`}`,
    problem,
  ];
  return lines.filter((line) => line !== undefined).join("  \n");
}
