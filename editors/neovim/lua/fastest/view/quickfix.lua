--- The failures of a run as a quickfix list.

local session = require("fastest.session")

local M = {}

---@param item fastest.TestItem?
---@param message fastest.TestMessage
---@return table
local function entry(item, message)
  local place = message.location
  local range = place and place.range or item and (item.nameRange or item.range)
  local uri = place and place.uri or item and item.uri
  return {
    filename = uri and vim.uri_to_fname(uri) or nil,
    lnum = range and range.start.line + 1 or 1,
    col = range and range.start.character + 1 or 1,
    type = "E",
    text = ("%s: %s"):format(item and item.nodeId or "?", (message.message:gsub("\n.*", ""))),
  }
end

--- The entries of a run's failures, in the order in which they happened.
---@param run fastest.Run
---@return table[]
function M.entries(run)
  local entries = {}
  for _, id in ipairs(run.failed) do
    local result, item = session.results.by_item[id], session.tree:get(id)
    for _, message in ipairs(result and result.messages or {}) do
      entries[#entries + 1] = entry(item, message)
    end
  end
  return entries
end

--- Put a run's failures (the last run's by default) into the quickfix list and open it.
---@param run? fastest.Run
function M.open(run)
  run = run or session.results:last()
  local entries = run and M.entries(run) or {}
  if not run or #entries == 0 then
    vim.notify("fastest: " .. (run and "nothing has failed" or "nothing has been run yet"))
    return
  end
  vim.fn.setqflist({}, " ", { title = "fastest: " .. run.title, items = entries })
  local before = vim.api.nvim_get_current_win()
  vim.cmd("botright copen")
  if vim.api.nvim_win_is_valid(before) then
    vim.api.nvim_set_current_win(before)
  end
end

return M
