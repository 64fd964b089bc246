/** Where the debugger stops by itself. No editor in here. */

/** debugpy's filter: an exception leaves the user's code, as a failing assertion does on its way to pytest. */
const LEAVES_USER_CODE = "userUnhandled";

/**
 * Adds the filter to a request `setExceptionBreakpoints` on its way to the debugger.
 *
 * The message is changed in place, because the request comes before the tests do: one sent after the session
 * has begun would come too late for the first test. Other messages are left alone.
 */
export function stopOnFailure(message: unknown): void {
  if (!isRequest(message) || message.command !== "setExceptionBreakpoints") return;
  const { filters } = message.arguments;
  if (!filters.includes(LEAVES_USER_CODE)) filters.push(LEAVES_USER_CODE);
}

interface FilterRequest {
  command: string;
  arguments: { filters: string[] };
}

function isRequest(message: unknown): message is FilterRequest {
  const request = message as Partial<FilterRequest> | null;
  return typeof request?.command === "string" && Array.isArray(request.arguments?.filters);
}
