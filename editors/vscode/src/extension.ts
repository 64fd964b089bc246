/** Wires the parts together; nothing is decided here. */

import * as vscode from "vscode";
import { Interpreters } from "./python/interpreter.ts";
import { mayShowTests } from "./python/testing.ts";
import { debugpyPath } from "./run/debug.ts";
import { Profiles } from "./run/profiles.ts";
import { type Mode, Runs } from "./run/runs.ts";
import { type Listener, ServerClient } from "./server/client.ts";
import { settings } from "./server/settings.ts";
import { Documents } from "./tree/documents.ts";
import { Discovery } from "./tree/discovery.ts";
import { TestStore } from "./tree/store.ts";
import { TestView } from "./tree/view.ts";
import { registerCommands } from "./ui/commands.ts";
import { StatusItem } from "./ui/status.ts";
import { WhyView } from "./ui/why.ts";
import type { Status } from "./protocol.ts";

/** What the extension hands to others, and to its tests. */
export interface Api {
  /** Editor items by the server's ids. */
  readonly controller: vscode.TestController;
  /** The server, as `docs/test-protocol.md` describes it. */
  readonly client: ServerClient;
  /** What the server has told. */
  readonly store: TestStore;
  /** What the server said last of itself. */
  readonly status: () => Status | undefined;
  /** The run profile of a mode. */
  readonly profile: (mode: Mode) => vscode.TestRunProfile | undefined;
}

export function activate(context: vscode.ExtensionContext): Api {
  const keep = <T extends vscode.Disposable>(made: T): T => {
    context.subscriptions.push(made);
    return made;
  };
  const log = keep(vscode.window.createOutputChannel("Fastest", { log: true }));
  const controller = keep(vscode.tests.createTestController("fastest", "Fastest"));
  const status = keep(new StatusItem("fastest.showMenu"));
  const interpreters = keep(new Interpreters(log));
  const store = new TestStore();
  const view = new TestView(controller, store, log);
  const listener: Listener = {
    notified: {
      "fastest/testsChanged": (report) => documents.changed(report),
      "fastest/status": (told) => status.told(told),
      "fastest/runStarted": (told) => runs.started(told),
      "fastest/runEvents": (told) => runs.events(told),
      "fastest/runEnded": (told) => runs.ended(told),
    },
    up: () => void documents.start(settings().preloadLimit),
    down: (why) => {
      runs.abortAll(why);
      documents.stop();
      status.without(why);
    },
  };
  const client = keep(new ServerClient(context, log, (scope) => interpreters.selected(scope), listener));
  const discovery = new Discovery(client, store, log, (changes) => view.apply(changes));
  const documents = keep(new Documents(discovery, store, view, log));
  const profiles: Profiles = keep(new Profiles(controller, client, () => runs, context.workspaceState));
  const profile = profiles.of.bind(profiles);
  const runs: Runs = keep(new Runs({ controller, server: client, store, view, discovery, log, profile, runsUnsaved: () => settings().runUnsaved, debugpyPath }));
  const why = new WhyView(client, store, runs, () => status.status);
  controller.resolveHandler = (item) => documents.resolve(item?.id);
  controller.refreshHandler = () => documents.refresh(settings().preloadLimit);
  keep(why.register());
  keep(registerCommands({ client, server: client, store, view, discovery, runs, profiles, why, output: log }));
  keep(runs.onDidChange(() => status.running(runs.count)));
  keep(interpreters.onDidChange(() => void client.configurationChanged()));
  keep(vscode.workspace.onDidGrantWorkspaceTrust(() => void client.configurationChanged()));
  keep(startAndFollowSettings(client, status));
  return { controller, client, store, profile, status: () => status.status };
}

/** Starts the server, unless the user leaves the tests to the Python extension; and what follows from changed settings. */
function startAndFollowSettings(client: ServerClient, status: StatusItem): vscode.Disposable {
  const decide = async (): Promise<void> => {
    if (await mayShowTests()) {
      if (!client.isRunning) await client.start();
      return;
    }
    await client.stop();
    status.without("The Python extension shows this workspace's tests (setting `fastest.pythonTesting`).");
  };
  // One decision at a time: each may ask the user.
  let deciding = decide();
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration("fastest.server.path")) void client.restart();
    else if (change.affectsConfiguration("fastest.pythonTesting") || change.affectsConfiguration("python.testing")) deciding = deciding.then(decide);
    else if (change.affectsConfiguration("fastest")) void client.configurationChanged();
  });
}
