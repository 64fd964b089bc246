/**
 * The test protocol, mirrored: `docs/test-protocol.md` has the words, this file its types and method names.
 * A unit test (`test/unit/protocol.test.ts`) fails where the two differ. Nothing here does anything.
 */

import type { DocumentUri as URI, Position, Range, TextDocumentIdentifier, integer } from "vscode-languageclient";

export type { URI, Position, Range, integer };

/** Client, in InitializeParams.capabilities.experimental.fastest */
export interface FastestClientCapabilities {
  testItems?: 2;             // wants fastest/testsChanged and fastest/status
  testRuns?: 1;              // wants fastest/runStarted, fastest/runEvents and fastest/runEnded
  clientCommands?: string[]; // see "Code lenses": commands that the client itself carries out
}

/** Server, in InitializeResult.capabilities.experimental.fastest */
export interface FastestServerCapabilities {
  testItems: 2;
  testRuns: 1;
}

export interface TestItem {
  id: string;                // opaque, unique in the workspace, the same after a restart
  parent: string | null;     // null for a root
  kind: "root" | "dir" | "file" | "class" | "function" | "case" | "subtest";
  label: string;             // "test_total", "two" (a case), "shop" (a root)
  nodeId: string;            // pytest's node id, to show and to copy; "" for a root
  sortText: string;          // children sorted by it stand in pytest's order
  description?: string;      // shown beside the label, dimmed
  uri?: URI;                 // where it is defined: another file than the parent's if inherited
  version?: integer;         // of the open document that the ranges belong to; absent: on disk
  range?: Range;             // the whole definition with its decorators; of a case: its own row
  nameRange?: Range;         // the name after `def` or `class`: put gutter marks on this line
  tags: string[];            // "mark:slow", one for each mark, own and inherited
  canResolveChildren: boolean;
  childCount?: integer;      // direct children
  testCount?: integer;       // tests below, where the sources tell
  certainty: "static" | "runtime"; // runtime: only running Python tells its cases, or whether it is
  reason?: string;           // why `certainty` is "runtime"
  stale?: boolean;           // of a file: it cannot be collected just now; see "Stale files"
  bodyHash?: string;         // of what the test's definition says; not of where it stands
  error?: { message: string; uri?: URI; range?: Range }; // pytest cannot collect it
}

export interface DiscoverParams {
  itemId?: string;                       // its children; without both: the roots
  textDocument?: TextDocumentIdentifier; // the file item of the document and all below it
  depth?: "level" | "all";               // default "level"; "all": every item below
}
export interface TestsReport {
  generation: integer; // never falls
  moved?: Moved[];     // only in fastest/testsChanged: what an edit has moved
  items: TestItem[];   // parents first
  scopes: string[];    // the direct children of these are listed completely
  removed: string[];   // these are gone, and all below them
}
export interface Moved {
  id: string;          // the item of a file: all items below it are concerned
  version: integer;    // of the document, which their ranges belong to then
  fromLine: integer;   // places on this line and on those behind it have moved
  lines: integer;      // down by so many lines; up, where it is negative
}

export interface RelatedParams { textDocument: TextDocumentIdentifier; position?: Position }
export type RelatedResult = TestItem[];

export interface Status {
  health: "ok" | "warning" | "error";
  quiescent: boolean;          // false while roots are being read
  message?: string;            // one or more lines, for a person
  roots: RootStatus[];
}
export interface RootStatus {
  id: string;                  // the root's item
  rootdir: string;
  configFile?: string;
  python?: string;             // the interpreter; absent: none was found, `message` says why
  pythonVersion?: string;      // "3.11"
  pytestVersion?: string;      // absent: pytest is not installed there
  testCount: integer;
  problem?: string;
}

export interface RunParams {
  runId: string;                 // chosen by the client, never used before in this session
  include?: string[];            // item ids of any kind; absent: everything
  exclude?: string[];            // taken away afterwards, with all below
  mode?: "run" | "debug" | "coverage"; // default "run"
  source?: "buffer" | "disk";    // default "buffer": unsaved documents run as they stand in the editor
  continuous?: boolean | "edit" | "save"; // see "Continuous runs"; true: as the setting says, else "save"
  extraArgs?: string[];          // pytest's options for this run, after all others
  workers?: integer | "auto";    // default: the setting
  debugpyPath?: string;          // mode "debug": a folder that holds `debugpy`, if the project has none
}
export type RunResult =
  | { accepted: true; total: integer; unknown?: string[]; debug?: DebugConfiguration }
  | { accepted: false; reason: "untrusted" | "noTests" | "duplicateRunId" | "noInterpreter"
                             | "noDebugger" | "noCoverage" | "shutdown"; message: string };

export interface CancelParams { runId: string; force?: boolean }
export type CancelResult = null;

export interface RunStarted {
  runId: string;                  // begins with "server:"
  origin: "continuous" | "command" | "terminal";
  continuousId?: string;          // the run id of the continuous run that it is a round of
  include: string[];              // item ids
  mode: "run" | "debug" | "coverage";
  total: integer;
  title?: string;                 // for a person: "tests/test_cart.py"
}

export interface RunEvents { runId: string; seq: integer; events: RunEvent[] }

export type RunEvent =
  | { type: "enqueued"; itemIds: string[] }
  | { type: "started"; itemId: string; worker: integer }
  | { type: "phase"; itemId: string; phase: Phase; outcome: Outcome; durationMs: number }
  | { type: "itemAdded"; item: TestItem }
  | { type: "finished"; itemId: string; outcome: Outcome; phase: Phase; durationMs: number;
      messages: TestMessage[]; reason?: string }
  | { type: "output"; text: string; stream: "stdout" | "stderr" | "log" | "report";
      itemId?: string; phase?: Phase }
  | { type: "warning"; text: string; itemId?: string; location?: { uri: URI; range: Range } }
  | { type: "coverage"; files: FileCoverage[] };

export type Phase = "collect" | "setup" | "call" | "teardown";
export type Outcome = "passed" | "failed" | "error" | "skipped" | "xfailed" | "xpassed" | "rerun";

export interface TestMessage {
  phase: Phase;
  message: string;        // what went wrong in a line or a few: "assert 3 == 4"
  text: string;           // the whole failure as pytest prints it, traceback and diff included
  expected?: string;      // of a comparison; show as a diff
  actual?: string;
  location?: { uri: URI; range: Range }; // the failing line within the test, or the deepest known
  frames: Frame[];        // outermost first; may be empty
}
export interface Frame { label: string; uri?: URI; path: string; line: integer /* from 1 */; range?: Range }

export interface RunEnded {
  runId: string;
  outcome: "completed" | "cancelled" | "superseded" | "error";
  exitCode?: integer;        // pytest's; absent when no session came about
  message?: string;          // why the outcome is "error", or why the run stopped early
  durationMs: number;
  counts: { passed: integer; failed: integer; error: integer; skipped: integer;
            xfailed: integer; xpassed: integer };
  lost: string[];            // items that should have run and have no outcome: a defect, and said
}

export interface ResolveRunParams { include?: string[]; exclude?: string[]; mode?: "run" | "coverage"; extraArgs?: string[] }
export interface ResolveRunResult {
  program: string; args: string[]; cwd: string; env: { [name: string]: string };
  itemIds: string[];
  notes?: string[];  // why so, a sentence each: where interpreter, configuration, arguments and workers come from
}

export interface DebugConfiguration {
  name: string;
  type: "debugpy";                 // Neovim's adapter is often called "python": rename it
  request: "attach";
  connect: { host: "127.0.0.1"; port: integer };
  justMyCode: boolean;
  pathMappings?: [];
  subProcess: boolean;
}

export interface ResolveDebugParams { itemId?: string; include?: string[]; exclude?: string[]; extraArgs?: string[];
                               source?: "buffer" | "disk"; debugpyPath?: string }
export interface ResolveDebugResult { runId: string; total: integer; configuration: DebugConfiguration }

export interface FileCoverage {
  uri: URI;
  statements: Covered;
  branches?: Covered;   // where the project's configuration of coverage.py says so
  functions?: Covered;  // those with a statement of their own; with coverage.py 7.6 or newer
  itemIds?: string[];   // tests that ran something of this file; absent where a run has more than
                        // 100,000 pairs of file and test
}
export interface Covered { covered: integer; total: integer }

export interface FileCoverageParams { runId: string; uri: URI; itemId?: string /* only what the tests of this item ran */ }
export interface FileCoverageResult {
  statements: { range: Range; count: integer }[];           // count: 0 or 1; coverage.py does not count
  branches: { line: integer; to: integer; taken: boolean }[]; // lines from 1; `to` -1: the function's exit
  functions: { name: string; range: Range; count: integer }[];
  itemIds: string[];                                          // tests that ran something of this file
}

export interface CommandArgument { itemIds?: string[]; uri?: URI; position?: Position; runId?: string; source?: "buffer" | "disk" }

/** What an item of a batch names, by its `type`. */
export type RunEventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** Requests of the client: parameters and result by method. */
export interface Requests {
  "fastest/discoverTests": [DiscoverParams, TestsReport];
  "fastest/relatedTests": [RelatedParams, RelatedResult];
  "fastest/runTests": [RunParams, RunResult];
  "fastest/cancelRun": [CancelParams, CancelResult];
  "fastest/resolveRun": [ResolveRunParams, ResolveRunResult];
  "fastest/fileCoverage": [FileCoverageParams, FileCoverageResult];
}

/** Notifications of the server: parameters by method. */
export interface Notifications {
  "fastest/testsChanged": TestsReport;
  "fastest/status": Status;
  "fastest/runStarted": RunStarted;
  "fastest/runEvents": RunEvents;
  "fastest/runEnded": RunEnded;
}

/** The server as the tree and the runs see it: requests only. Rejects when it is not running. */
export interface Server {
  request<M extends keyof Requests>(method: M, params: Requests[M][0]): Promise<Requests[M][1]>;
}

/** Where the unexpected goes: unknown ids, gaps; never shown to the user unasked. */
export interface Log {
  debug(message: string): void;
  warn(message: string): void;
}
