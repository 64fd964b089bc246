--- Results of one run as neotest wants them, as they come.

---@class fastest.Collector
---@field private results table<string, neotest.Result>
---@field private queue any
local Collector = {}
Collector.__index = Collector

---@type table<fastest.State, neotest.ResultStatus>
local STATUS = { passed = "passed", failed = "failed", skipped = "skipped" }

--- A collector without results.
---@return fastest.Collector
function Collector.new()
  return setmetatable({ results = {}, queue = require("nio").control.queue() }, Collector)
end

---@param message fastest.TestMessage
---@return neotest.Error
local function error_of(message)
  local place = message.location
  return { message = message.message, line = place and place.range.start.line or nil }
end

---@param result fastest.Result
---@return neotest.Result
local function result_of(result)
  return {
    status = STATUS[result.state],
    short = result.messages[1] and result.messages[1].text or nil,
    errors = vim.tbl_map(error_of, result.messages),
  }
end

--- Take in what the session knows now of these items; what is new goes to whoever waits in `next`.
---@param item_ids string[]
function Collector:take(item_ids)
  local by_item, fresh = require("fastest.session").results.by_item, {}
  for _, id in ipairs(item_ids) do
    local result = by_item[id]
    if result and STATUS[result.state] then
      self.results[id] = result_of(result)
      fresh[id] = self.results[id]
    end
  end
  if next(fresh) then
    self.queue.put_nowait(fresh)
  end
end

--- Nothing more will come.
function Collector:close()
  self.queue.put_nowait(false)
end

--- The results that came since the last call; `nil` at the end.
---@async
---@return table<string, neotest.Result>?
function Collector:next()
  return self.queue.get() or nil
end

--- All results.
---@return table<string, neotest.Result>
function Collector:all()
  return vim.deepcopy(self.results)
end

return Collector
