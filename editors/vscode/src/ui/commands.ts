/** The commands of the palette, of menus and of code lenses. */

import * as vscode from "vscode";
import { commandLine } from "./account.ts";
import { runInTerminal } from "./terminal.ts";
import type { WhyView } from "./why.ts";
import type { Server, TestItem } from "../protocol.ts";
import type { Profiles } from "../run/profiles.ts";
import type { Runs } from "../run/runs.ts";
import type { ServerClient } from "../server/client.ts";
import type { Discovery } from "../tree/discovery.ts";
import type { TestStore } from "../tree/store.ts";
import type { TestView } from "../tree/view.ts";

/** What commands work with. */
export interface Tools {
  client: ServerClient;
  server: Server;
  store: TestStore;
  view: TestView;
  discovery: Discovery;
  runs: Runs;
  profiles: Profiles;
  why: WhyView;
  output: vscode.LogOutputChannel;
}

/** What lenses and the server's commands carry. */
interface CommandArgument {
  itemIds?: string[];
  uri?: string;
  position?: { line: number; character: number };
}

type Profile = "run" | "debug" | "coverage" | "arguments";

export function registerCommands(tools: Tools): vscode.Disposable {
  const commands: Record<string, (argument?: unknown) => unknown> = {
    "fastest.runAtCursor": () => runAtCursor(tools, "run"),
    "fastest.debugAtCursor": () => runAtCursor(tools, "debug"),
    "fastest.coverAtCursor": () => runAtCursor(tools, "coverage"),
    "fastest.runCurrentFile": () => runCurrentFile(tools),
    "fastest.runAffected": () => runAffected(tools),
    "fastest.runAll": () => runItems(tools, undefined, "run"),
    "fastest.runWithArguments": (item) => runItems(tools, chosen(item), "arguments"),
    "fastest.rerunFailedTests": () => tools.client.command("fastest.rerunFailed"),
    "fastest.rerunLastTests": () => tools.client.command("fastest.runLast"),
    "fastest.cancelRuns": () => tools.runs.cancelAll(),
    "fastest.runInTerminal": (item) => inTerminal(tools, chosen(item)),
    "fastest.copyTestCommand": (item) => copyCommand(tools, chosen(item)),
    "fastest.copyNodeId": (item) => copyNodeId(tools, chosen(item)),
    "fastest.why": (item) => why(tools, chosen(item)),
    "fastest.showLog": () => tools.output.show(),
    "fastest.restartServer": () => tools.client.restart(),
    "fastest.showMenu": () => showMenu(),
    "fastest.client.run": (argument) => runItems(tools, (argument as CommandArgument | undefined)?.itemIds, "run"),
    "fastest.client.debug": (argument) => runItems(tools, (argument as CommandArgument | undefined)?.itemIds, "debug"),
    "fastest.client.showOutput": () => vscode.commands.executeCommand("testing.showMostRecentOutput"),
  };
  const registered = Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run));
  return vscode.Disposable.from(...registered);
}

/** Ids of what a menu of the Test Explorer hands over; nothing: everything. */
function chosen(argument: unknown): string[] | undefined {
  const id = (argument as Partial<vscode.TestItem> | undefined)?.id;
  return typeof id === "string" ? [id] : undefined;
}

/** Runs these items (everything if none are named) under a profile, as a click on them would. */
async function runItems(tools: Tools, ids: readonly string[] | undefined, profile: Profile): Promise<void> {
  if (ids !== undefined) await tools.discovery.load(ids);
  const include = ids?.map((id) => tools.view.item(id)).filter((item) => item !== undefined);
  if (include?.length === 0) {
    void vscode.window.showInformationMessage("There is no test here.");
    return;
  }
  const source = new vscode.CancellationTokenSource();
  const used = profile === "arguments" ? tools.profiles.withArguments : tools.profiles.of(profile);
  await used?.runHandler(new vscode.TestRunRequest(include, undefined, used), source.token);
}

/** The innermost test at the cursor, as the server sees the document now. */
async function testsAtCursor({ server, discovery }: Tools, withPosition: boolean): Promise<TestItem[]> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return [];
  const uri = editor.document.uri.toString();
  const { line, character } = editor.selection.active;
  const related = await server.request("fastest/relatedTests", { textDocument: { uri }, ...(withPosition && { position: { line, character } }) });
  const files = new Set(related.map((item) => item.uri).filter((known) => known !== undefined));
  await Promise.all([...files].map((known) => discovery.document(known)));
  return related;
}

async function runAtCursor(tools: Tools, profile: Profile): Promise<void> {
  const tests = await testsAtCursor(tools, true);
  await runItems(tools, tests.map(({ id }) => id), profile);
}

async function runCurrentFile(tools: Tools): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (uri === undefined) return;
  await tools.discovery.document(uri.toString());
  await runItems(tools, tools.store.filesAt(uri.toString()), "run");
}

/** Tests that the document can affect: its own, or those of files that import it. */
async function runAffected(tools: Tools): Promise<void> {
  const tests = await testsAtCursor(tools, false);
  await runItems(tools, tests.map(({ id }) => id), "run");
}

async function inTerminal({ server }: Tools, include: string[] | undefined): Promise<void> {
  await runInTerminal(await server.request("fastest/resolveRun", include === undefined ? {} : { include }));
}

async function copyCommand(tools: Tools, chosen: string[] | undefined): Promise<void> {
  const include = chosen ?? (await testsAtCursor(tools, true)).map(({ id }) => id);
  const command = await tools.server.request("fastest/resolveRun", include.length === 0 ? {} : { include });
  await vscode.env.clipboard.writeText(commandLine(command));
}

async function copyNodeId(tools: Tools, chosen: string[] | undefined): Promise<void> {
  const ids = chosen ?? (await testsAtCursor(tools, true)).map(({ id }) => id);
  const nodeIds = ids.map((id) => tools.store.get(id)?.nodeId).filter((id) => id !== undefined);
  await vscode.env.clipboard.writeText(nodeIds.join("\n"));
}

async function why(tools: Tools, chosen: string[] | undefined): Promise<void> {
  const [id] = chosen ?? (await testsAtCursor(tools, true)).map((item) => item.id);
  if (id !== undefined) await tools.why.show(id);
  else void vscode.window.showInformationMessage("There is no test here.");
}

/** What a click on the item in the status bar offers. */
async function showMenu(): Promise<void> {
  const entries = [
    { label: "$(testing-run-all-icon) Run All Tests", command: "fastest.runAll" },
    { label: "$(testing-rerun-icon) Rerun Failed Tests", command: "fastest.rerunFailedTests" },
    { label: "$(terminal) Run All in Terminal", command: "fastest.runInTerminal" },
    { label: "$(testing-cancel-icon) Cancel Runs", command: "fastest.cancelRuns" },
    { label: "$(beaker) Show Test Explorer", command: "workbench.view.testing.focus" },
    { label: "$(output) Show Log", command: "fastest.showLog" },
    { label: "$(debug-restart) Restart Server", command: "fastest.restartServer" },
    { label: "$(settings-gear) Settings", command: "workbench.action.openSettings", argument: "fastest." },
  ];
  const entry = await vscode.window.showQuickPick(entries, { title: "Fastest" });
  if (entry !== undefined) await vscode.commands.executeCommand(entry.command, entry.argument);
}
