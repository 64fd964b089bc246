--- The one place that holds what the servers have told, and tells who draws it.

local Results = require("fastest.results")
local Tree = require("fastest.tree")

local M = {}

---@type fastest.Tree
M.tree = Tree.new()
---@type fastest.Results
M.results = Results.new()
---@type table<integer, fastest.Status> By client id.
M.status = {}
---@type table<string, integer> Which client a run belongs to.
M.client_of_run = {}

---@class fastest.Changed
---@field uris table<string, true> Files whose items or results may look different.
---@field run? fastest.Run The run that it is about.
---@field ids? string[] Items whose results are others now.
---@field what "items"|"results"|"started"|"ended"|"status"

---@type (fun(changed: fastest.Changed))[]
local observers = {}

--- Be told of every change.
---@param observer fun(changed: fastest.Changed)
---@return fun() unsubscribe
function M.observe(observer)
  observers[#observers + 1] = observer
  return function()
    observers = vim.tbl_filter(function(other)
      return other ~= observer
    end, observers)
  end
end

---@param changed fastest.Changed
local function tell(changed)
  for _, observer in ipairs(observers) do
    local ok, err = pcall(observer, changed)
    if not ok then
      vim.notify_once("fastest: " .. tostring(err), vim.log.levels.ERROR)
    end
  end
end

--- The files that show any of these items: their own and those of the items above them.
---@param ids string[]
---@return table<string, true>
local function files_of(ids)
  local uris = {}
  for _, id in ipairs(ids) do
    local item = M.tree:get(id)
    while item do
      if item.uri then
        uris[item.uri] = true
      end
      item = item.parent and M.tree:get(item.parent)
    end
  end
  return uris
end

--- Take in a report of test items.
---@param report fastest.TestsReport
function M.take_report(report)
  tell({ what = "items", uris = M.tree:apply(report) })
end

--- A run begins, of this client's or the server's own accord.
---@param client_id integer
---@param run_id string
---@param about { mode: fastest.Mode, origin: string, title: string, total: integer }
---@return fastest.Run
function M.begin(client_id, run_id, about)
  M.client_of_run[run_id] = client_id
  local run = M.results:begin(run_id, about)
  tell({ what = "started", uris = {}, run = run })
  return run
end

--- Take in events of a run.
---@param params fastest.RunEvents
function M.take_events(params)
  local added = {}
  for _, event in ipairs(params.events) do
    if event.type == "itemAdded" then
      M.tree:put(event.item, added)
    end
  end
  local ids = M.results:events(params, M.tree)
  tell({
    what = "results",
    uris = vim.tbl_extend("force", added, files_of(ids)),
    ids = ids,
    run = M.results.runs[params.runId],
  })
end

--- A run is over.
---@param params fastest.RunEnded
function M.take_end(params)
  local uris = files_of(M.results:ended(params))
  M.client_of_run[params.runId] = nil
  local run = M.results.runs[params.runId]
  if run then
    tell({ what = "ended", uris = uris, run = run })
  end
end

--- What a server says of itself.
---@param client_id integer
---@param status fastest.Status
function M.take_status(client_id, status)
  M.status[client_id] = status
  tell({ what = "status", uris = {} })
end

--- A server is gone: its runs end, its items go.
---@param client_id integer
function M.forget_client(client_id)
  for run_id, owner in pairs(vim.deepcopy(M.client_of_run)) do
    if owner == client_id then
      local counts = { passed = 0, failed = 0, error = 0, skipped = 0, xfailed = 0, xpassed = 0 }
      M.take_end({
        runId = run_id,
        outcome = "error",
        message = "the server has ended",
        durationMs = 0,
        counts = counts,
        lost = {},
      })
    end
  end
  local status, touched = M.status[client_id], {}
  for _, root in ipairs(status and status.roots or {}) do
    M.tree:remove(root.id, touched)
  end
  M.status[client_id] = nil
  tell({ what = "items", uris = touched })
end

return M
