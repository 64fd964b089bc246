/** What one file's coverage says in detail, line by line. No editor in here. */

import type { FileCoverageResult, Range } from "../protocol.ts";

export interface Branch {
  taken: boolean;
  label: string;
}

export interface Statement {
  range: Range;
  count: number;
  branches: Branch[];
}

/** Statements with the branches that leave them. A branch whose line has no statement stands alone. */
export function statements({ statements, branches }: FileCoverageResult): Statement[] {
  const made: Statement[] = statements.map(({ range, count }) => ({ range, count, branches: [] }));
  const byLine = new Map(made.map((statement) => [statement.range.start.line + 1, statement]));
  for (const { line, to, taken } of branches) {
    const branch = { taken, label: to < 0 ? "to the exit" : `to line ${to}` };
    const statement = byLine.get(line);
    if (statement !== undefined) {
      statement.branches.push(branch);
      continue;
    }
    const start = { line: line - 1, character: 0 };
    const lonely: Statement = { range: { start, end: start }, count: taken ? 1 : 0, branches: [branch] };
    byLine.set(line, lonely);
    made.push(lonely);
  }
  return made;
}
