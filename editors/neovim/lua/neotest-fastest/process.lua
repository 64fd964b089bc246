--- A run of the server's in the shape of neotest's processes.

local M = {}

---@class fastest.Watched
---@field run_id string
---@field code? integer
---@field path string Where the run's account is written.
---@field over any A future that is set when the run has ended.

---@param watched fastest.Watched
---@param code integer
---@param collector fastest.Collector
local function finish(watched, code, collector)
  if watched.code then
    return
  end
  local run = require("fastest.session").results.runs[watched.run_id]
  vim.fn.writefile(vim.split(table.concat(run and run.report or {}), "\n"), watched.path)
  watched.code = code
  collector:close()
  watched.over.set()
end

---@param watched fastest.Watched
---@param collector fastest.Collector
local function observe(watched, collector)
  local unsubscribe
  unsubscribe = require("fastest.session").observe(function(changed)
    local run = changed.run
    if not run or run.id ~= watched.run_id then
      return
    end
    collector:take(changed.ids or {})
    if changed.what == "ended" then
      unsubscribe()
      finish(watched, run.ended.exitCode or 1, collector)
    end
  end)
end

--- Start a run.
---@async
---@param options fastest.RunOptions
---@param collector fastest.Collector
---@return neotest.Process
function M.start(options, collector)
  local nio = require("nio")
  ---@type fastest.Watched
  local watched = { run_id = "", path = nio.fn.tempname(), over = nio.control.future() }
  local begun = nio.control.future()
  vim.schedule(function()
    local client = require("fastest.client").need()
    if not client then
      finish(watched, 1, collector)
      begun.set()
      return
    end
    watched.run_id = require("fastest.run").start(client, options, function(_, result)
      if not result.accepted then
        finish(watched, 1, collector)
      end
    end)
    observe(watched, collector)
    begun.set()
  end)
  begun.wait()
  return M.handle(watched)
end

--- What neotest holds of a run.
---@param watched fastest.Watched
---@return neotest.Process
function M.handle(watched)
  return {
    is_complete = function()
      return watched.code ~= nil
    end,
    result = function()
      if not watched.code then
        watched.over.wait()
      end
      return watched.code
    end,
    output = function()
      return watched.path
    end,
    output_stream = function()
      return function()
        return nil
      end
    end,
    attach = function()
      vim.schedule(function()
        require("fastest.view.output").open(nil)
      end)
    end,
    stop = function()
      vim.schedule(function()
        require("fastest.run").cancel_one(watched.run_id)
      end)
    end,
  }
end

return M
