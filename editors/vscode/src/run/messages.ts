/** Failures as the editor shows them: the diff, the failing line, the frames. */

import * as vscode from "vscode";
import { asRange } from "../tree/view.ts";
import type { Frame, TestMessage } from "../protocol.ts";

/** One message of a failure. The first line is what stands beside the failing line. */
export function testMessage(message: TestMessage): vscode.TestMessage {
  const made = new vscode.TestMessage(text(message));
  if (message.expected !== undefined && message.actual !== undefined) {
    made.expectedOutput = message.expected;
    made.actualOutput = message.actual;
  }
  if (message.location !== undefined) {
    made.location = new vscode.Location(vscode.Uri.parse(message.location.uri, true), asRange(message.location.range));
  }
  // The editor shows the innermost frame first.
  if (message.frames.length > 0) made.stackTrace = message.frames.toReversed().map(stackFrame);
  return made;
}

function text({ phase, message, text }: TestMessage): string {
  const where = phase === "call" ? "" : `${phase}: `;
  return text === "" || text === message ? where + message : `${where}${message}\n\n${text}`;
}

function stackFrame(frame: Frame): vscode.TestMessageStackFrame {
  const uri = frame.uri === undefined ? undefined : vscode.Uri.parse(frame.uri, true);
  const start = frame.range?.start;
  const position = new vscode.Position(start?.line ?? Math.max(0, frame.line - 1), start?.character ?? 0);
  const label = uri === undefined ? `${frame.label} (${frame.path}:${frame.line})` : frame.label;
  return new vscode.TestMessageStackFrame(label, uri, position);
}
