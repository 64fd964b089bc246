--- A component for status lines.

local session = require("fastest.session")

local M = {}

--- One run in a few characters: `✓ 12 ✗ 1 ● 3/40`.
---@param run fastest.Run
---@return string
function M.of(run)
  local text = require("fastest.view.text")
  local parts = {}
  for _, state in ipairs({ "passed", "failed", "skipped" }) do
    if run.counts[state] > 0 then
      parts[#parts + 1] = ("%s %d"):format(text.sign(state), run.counts[state])
    end
  end
  if not run.ended then
    local total = math.max(run.total, run.done)
    parts[#parts + 1] = ("%s %d/%d"):format(text.sign("running"), run.done, total)
  elseif run.ended.outcome ~= "completed" then
    parts[#parts + 1] = run.ended.outcome
  end
  return table.concat(parts, " ")
end

--- The last run, and whether affected tests run by themselves; empty where there is nothing.
--- For `statusline`: `%{%v:lua.require'fastest'.statusline()%}`.
---@return string
function M.get()
  local run = session.results:last()
  local watch = require("fastest.run").is_watching() and "👁 " or ""
  return watch .. (run and M.of(run):gsub("%%", "%%%%") or "")
end

return M
