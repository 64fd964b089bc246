/** The text of the view "Why did this test run so?". No editor in here. */

import type { ResolveRunResult, RootStatus, TestItem } from "../protocol.ts";
import type { LastRun } from "../run/runs.ts";

export interface Account {
  item: TestItem;
  /** Whether its file cannot be collected just now. */
  isStale: boolean;
  command: ResolveRunResult;
  last: LastRun | undefined;
  root: RootStatus | undefined;
}

/** Markdown: what is run, where, with what, and how it went. */
export function account({ item, isStale, command, last, root }: Account): string {
  const sections = [
    `# ${item.nodeId === "" ? item.label : item.nodeId}`,
    ...section("How it went last", last && outcome(last)),
    ...section("Exact command", [fence("sh", commandLine(command))]),
    ...section("Working directory", [`\`${command.cwd}\``]),
    ...section("Environment, besides what the editor was started with", [environment(command.env)]),
    ...section("Interpreter and configuration", root && interpreter(root)),
    ...section("Why so", command.notes?.map((note) => `- ${note}`)),
    ...section("What the sources say", sources(item, isStale)),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** A command line to paste into a POSIX shell; environment not included. */
export function commandLine({ program, args }: Pick<ResolveRunResult, "program" | "args">): string {
  return [program, ...args].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function section(title: string, lines: string[] | undefined): string[] {
  return lines === undefined || lines.length === 0 ? [] : [`## ${title}\n\n${lines.join("\n")}`];
}

function outcome({ outcome, durationMs, worker, reason, origin, params }: LastRun): string[] {
  const asked = { explorer: "from the Test Explorer or a command", continuous: "by a continuous run", command: "by a command of the server", terminal: "in a terminal" };
  return [
    `- ${outcome} after ${durationMs.toFixed(1)} ms${reason === undefined ? "" : `: ${reason}`}`,
    `- started ${asked[origin]}${worker === undefined ? "" : `, in worker ${worker}`}`,
    ...(params === undefined ? [] : [`- mode \`${params.mode ?? "run"}\`, sources from ${params.source === "disk" ? "disk" : "the editor, unsaved changes included"}`]),
    ...(params?.extraArgs === undefined ? [] : [`- with the arguments \`${params.extraArgs.join(" ")}\``]),
  ];
}

function environment(env: ResolveRunResult["env"]): string {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return lines.length === 0 ? "unchanged" : fence("sh", lines.join("\n"));
}

function interpreter({ python, pythonVersion, pytestVersion, rootdir, configFile, problem }: RootStatus): string[] {
  return [
    `- Python ${pythonVersion ?? "(version unknown)"}: \`${python ?? "none was found"}\``,
    `- pytest ${pytestVersion ?? "is not installed there"}`,
    `- rootdir \`${rootdir}\``,
    `- configuration file ${configFile === undefined ? "none" : `\`${configFile}\``}`,
    ...(problem === undefined ? [] : [`- ${problem}`]),
  ];
}

function sources({ certainty, reason, tags }: TestItem, isStale: boolean): string[] {
  return [
    certainty === "static" ? "- known from the sources alone" : `- only running tells its cases: ${reason ?? "no reason given"}`,
    ...(tags.length === 0 ? [] : [`- tags ${tags.map((tag) => `\`${tag}\``).join(", ")}`]),
    ...(isStale ? ["- the file cannot be collected just now: this is its last good state"] : []),
  ];
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
