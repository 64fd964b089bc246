--- How states, times and counts are worded.

local M = {}

---@type table<fastest.State, string>
M.GROUPS = {
  passed = "FastestPassed",
  failed = "FastestFailed",
  skipped = "FastestSkipped",
  running = "FastestRunning",
  queued = "FastestQueued",
}

--- The highlight group of a result: dim where the test has changed since.
---@param sum fastest.Summed
---@return string
function M.group(sum)
  return sum.stale and "FastestTime" or M.GROUPS[sum.state]
end

--- The sign of a state.
---@param state fastest.State
---@return string
function M.sign(state)
  return require("fastest.config").get().signs[state]
end

--- A time as people say it: `0.4 ms`, `12 ms`, `1.2 s`, `2 min 3 s`.
---@param milliseconds number
---@return string
function M.duration(milliseconds)
  if milliseconds < 10 then
    return ("%.1f ms"):format(milliseconds)
  elseif milliseconds < 1000 then
    return ("%.0f ms"):format(milliseconds)
  elseif milliseconds < 60000 then
    return ("%.1f s"):format(milliseconds / 1000)
  end
  local seconds = math.floor(milliseconds / 1000)
  return ("%d min %d s"):format(math.floor(seconds / 60), seconds % 60)
end

--- How many passed and did not: `3 passed, 1 failed`; empty ones are left out.
---@param counts table<fastest.State, integer>
---@return string
function M.counts(counts)
  local parts = {}
  for _, state in ipairs({ "failed", "passed", "skipped" }) do
    if (counts[state] or 0) > 0 then
      parts[#parts + 1] = ("%d %s"):format(counts[state], state)
    end
  end
  return #parts > 0 and table.concat(parts, ", ") or "no tests ran"
end

--- How a run ended, in one short line.
---@param run fastest.Run
---@return string
function M.ending(run)
  return ("fastest: %s in %s"):format(M.counts(run.counts), M.duration(run.ended.durationMs))
end

--- The first line of the first thing that went wrong.
---@param result fastest.Result
---@return string?
function M.headline(result)
  local message = result.messages[1]
  return message and vim.split(message.message, "\n", { plain = true })[1]
end

return M
