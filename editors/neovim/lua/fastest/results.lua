--- What the last runs said of each item, and the runs themselves.  Pure: no editor, no server.

---@alias fastest.State "queued"|"running"|"passed"|"failed"|"skipped"

---@class fastest.Result
---@field state fastest.State
---@field outcome? fastest.Outcome
---@field durationMs? number
---@field messages fastest.TestMessage[]
---@field reason? string
---@field output string[] Pieces of captured output, with ANSI colours.
---@field runId string
---@field bodyHash? string Of the test as it was when it ran.

---@class fastest.Run
---@field id string
---@field mode fastest.Mode
---@field origin "client"|"continuous"|"command"|"terminal"
---@field title string
---@field total integer
---@field done integer
---@field counts table<fastest.State, integer>
---@field failed string[] Ids of items that failed, in the order in which they did.
---@field open table<string, true> Items that wait or run.
---@field report string[] Pieces of what a terminal would have shown.
---@field warnings integer
---@field coverage fastest.FileCoverage[]
---@field ended? fastest.RunEnded

---@class fastest.Results
---@field by_item table<string, fastest.Result>
---@field runs table<string, fastest.Run>
---@field order string[] Ids of runs, oldest first.
local Results = {}
Results.__index = Results

--- How many runs are remembered.
local REMEMBERED = 20

---@type table<fastest.Outcome, fastest.State>
local STATES = {
  passed = "passed",
  xpassed = "passed",
  failed = "failed",
  error = "failed",
  skipped = "skipped",
  xfailed = "skipped",
}

--- Nothing has run.
---@return fastest.Results
function Results.new()
  return setmetatable({ by_item = {}, runs = {}, order = {} }, Results)
end

--- A run begins.
---@param id string
---@param about { mode: fastest.Mode, origin: string, title: string, total: integer }
---@return fastest.Run
function Results:begin(id, about)
  local run = vim.tbl_extend("force", about, {
    id = id,
    done = 0,
    counts = { passed = 0, failed = 0, skipped = 0 },
    failed = {},
    open = {},
    report = {},
    warnings = 0,
    coverage = {},
  })
  self.runs[id] = run
  self.order[#self.order + 1] = id
  while #self.order > REMEMBERED do
    self.runs[table.remove(self.order, 1)] = nil
  end
  return run
end

--- The run that began last.
---@return fastest.Run?
function Results:last()
  return self.runs[self.order[#self.order]]
end

--- The runs that have not ended.
---@return fastest.Run[]
function Results:running()
  return vim.tbl_filter(
    function(run)
      return run and not run.ended
    end,
    vim.tbl_map(function(id)
      return self.runs[id]
    end, self.order)
  )
end

--- What the same run said of an item before.
---@param run fastest.Run
---@param id string
---@return fastest.Result?
local function earlier(self, run, id)
  local result = self.by_item[id]
  return result and result.runId == run.id and result or nil
end

---@param run fastest.Run
---@param id string
---@param state "queued"|"running"
---@param tree fastest.Tree
local function open(self, run, id, state, tree)
  local before, item = earlier(self, run, id), tree:get(id)
  run.open[id] = true
  self.by_item[id] = {
    state = state,
    messages = {},
    output = {},
    runId = run.id,
    bodyHash = before and before.bodyHash or item and item.bodyHash,
  }
end

---@alias fastest.Taker
---| fun(self: fastest.Results, run: fastest.Run, event: table, tree: fastest.Tree): string[]

---@type table<string, fastest.Taker>
local take = {}

function take.enqueued(self, run, event, tree)
  for _, id in ipairs(event.itemIds) do
    open(self, run, id, "queued", tree)
  end
  return event.itemIds
end

function take.started(self, run, event, tree)
  open(self, run, event.itemId, "running", tree)
  return { event.itemId }
end

function take.finished(self, run, event)
  local id = event.itemId
  local before = earlier(self, run, id)
  local state = STATES[event.outcome] or "failed"
  run.open[id] = nil
  run.done = run.done + 1
  run.counts[state] = run.counts[state] + 1
  if state == "failed" then
    run.failed[#run.failed + 1] = id
  end
  self.by_item[id] = {
    state = state,
    outcome = event.outcome,
    durationMs = event.durationMs,
    messages = event.messages or {},
    reason = event.reason,
    output = before and before.output or {},
    runId = run.id,
    bodyHash = before and before.bodyHash,
  }
  return { id }
end

function take.output(self, run, event)
  if event.stream == "report" then
    run.report[#run.report + 1] = event.text
  end
  local result = event.itemId and self.by_item[event.itemId]
  if result then
    result.output[#result.output + 1] = event.text
  end
  return {}
end

function take.warning(_, run)
  run.warnings = run.warnings + 1
  return {}
end

function take.coverage(_, run, event)
  vim.list_extend(run.coverage, event.files)
  return {}
end

--- Take in what happened; events of runs that nobody knows are ignored.
---@param params fastest.RunEvents
---@param tree fastest.Tree
---@return string[] ids Items whose result is another now.
function Results:events(params, tree)
  local run, touched = self.runs[params.runId], {}
  for _, event in ipairs(run and params.events or {}) do
    local handler = take[event.type]
    if handler then
      vim.list_extend(touched, handler(self, run, event, tree))
    end
  end
  return touched
end

--- A run is over; what still waits or runs in it has no result.
---@param params fastest.RunEnded
---@return string[] ids Items whose result is another now.
function Results:ended(params)
  local run = self.runs[params.runId]
  if not run or run.ended then
    return {}
  end
  run.ended = params
  local left = vim.tbl_keys(run.open)
  for _, id in ipairs(left) do
    local result = self.by_item[id]
    if result and result.runId == run.id then
      self.by_item[id] = nil
    end
  end
  run.open = {}
  return left
end

--- Worst first: what an item with several below it shows.
local RANK = { running = 5, queued = 4, failed = 3, passed = 2, skipped = 1 }

---@class fastest.Summed
---@field state fastest.State
---@field durationMs number
---@field counts table<fastest.State, integer>
---@field reason? string
---@field stale boolean Whether a test has changed since it ran.

--- Whether an item has changed since it ran.
---@param item fastest.TestItem?
---@param result fastest.Result
---@return boolean
local function is_stale(item, result)
  local now, ran = item and item.bodyHash, result.bodyHash
  return now ~= nil and ran ~= nil and now ~= ran
end

--- The results of an item and of all below it, as one; `nil` if there are none.
---@param tree fastest.Tree
---@param id string
---@return fastest.Summed?
function Results:sum(tree, id)
  local children = tree:children(id)
  local sum
  local function add(state, duration, counts, reason)
    sum = sum or { state = state, durationMs = 0, counts = {}, reason = reason, stale = false }
    if RANK[state] > RANK[sum.state] then
      sum.state = state
    end
    sum.durationMs = sum.durationMs + (duration or 0)
    for which, count in pairs(counts) do
      sum.counts[which] = (sum.counts[which] or 0) + count
    end
  end
  for _, child in ipairs(children) do
    local below = self:sum(tree, child.id)
    if below then
      add(below.state, below.durationMs, below.counts, nil)
      sum.stale = sum.stale or below.stale
    end
  end
  local own = self.by_item[id]
  if own and not (sum and (own.state == "queued" or own.state == "running")) then
    local counts = sum and {} or { [own.state] = 1 }
    add(own.state, sum and 0 or own.durationMs, counts, own.reason)
    sum.stale = sum.stale or is_stale(tree:get(id), own)
  end
  return sum
end

return Results
