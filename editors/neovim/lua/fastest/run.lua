--- Starting and cancelling runs.

local client_of = require("fastest.client")
local session = require("fastest.session")

local M = {}

---@class fastest.RunOptions
---@field include? string[] Item ids; `nil`: everything.
---@field exclude? string[]
---@field mode? fastest.Mode
---@field continuous? boolean|"edit"|"save"
---@field args? string[] pytest's options for this run.
---@field title? string

---@type { client_id: integer, options: fastest.RunOptions }?
local last
local count = 0

local function new_id()
  count = count + 1
  return ("nvim-%d-%d"):format(vim.fn.getpid(), count)
end

---@param options fastest.RunOptions
---@return string
local function title_of(options)
  local first = options.include and session.tree:get(options.include[1])
  if not options.include then
    return "all tests"
  end
  local more = #options.include > 1 and (" and %d more"):format(#options.include - 1) or ""
  return (first and first.nodeId ~= "" and first.nodeId or "tests") .. more
end

--- The answer to `fastest/runTests`.
---@param client vim.lsp.Client
---@param params fastest.RunParams
---@param options fastest.RunOptions
---@param result fastest.RunResult
local function accepted(client, params, options, result)
  if not result.accepted then
    vim.notify("fastest: " .. (result.message or result.reason), vim.log.levels.WARN)
    return
  end
  if not params.continuous then
    session.begin(client.id, params.runId, {
      mode = params.mode,
      origin = "client",
      title = options.title or title_of(options),
      total = result.total,
    })
  end
  if result.debug then
    require("fastest.dap").attach(result.debug, params.runId)
  end
end

--- Run tests.
---@param client vim.lsp.Client
---@param options fastest.RunOptions
---@param on_answer? fun(run_id: string, result: fastest.RunResult)
---@return string run_id
function M.start(client, options, on_answer)
  ---@type fastest.RunParams
  local params = {
    runId = new_id(),
    include = options.include,
    exclude = options.exclude,
    mode = options.mode or "run",
    source = "buffer",
    continuous = options.continuous,
    extraArgs = options.args,
    debugpyPath = options.mode == "debug" and require("fastest.config").get().debugpy or nil,
  }
  if not options.continuous then
    last = { client_id = client.id, options = options }
  end
  local function ask()
    client_of.ask(client, "fastest/runTests", params, function(result)
      accepted(client, params, options, result)
      if on_answer then
        on_answer(params.runId, result)
      end
    end)
  end
  if options.continuous then
    -- It runs nothing by itself, and what is edited from now on counts.
    ask()
  else
    client_of.load(client, options.include, ask)
  end
  return params.runId
end

---@param answer fun(client: vim.lsp.Client)
local function with_client(answer)
  local client = client_of.need()
  if client then
    answer(client)
  end
end

--- Run everything.
---@param options? fastest.RunOptions
function M.all(options)
  with_client(function(client)
    M.start(client, options or {})
  end)
end

--- Run the tests of the current file; of a file without tests, those that it affects.
---@param options? fastest.RunOptions
function M.file(options)
  with_client(function(client)
    local document = { uri = vim.uri_from_bufnr(0) }
    client_of.discover(client, { textDocument = document }, function()
      local file = session.tree:file(document.uri)
      if file then
        M.start(client, vim.tbl_extend("force", options or {}, { include = { file.id } }))
        return
      end
      M.related(client, { textDocument = document }, options)
    end)
  end)
end

--- Run the innermost test around the cursor; elsewhere, the tests that the file affects.
---@param options? fastest.RunOptions
function M.nearest(options)
  with_client(function(client)
    local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
    M.related(client, params, options)
  end)
end

---@param client vim.lsp.Client
---@param params table
---@param options? fastest.RunOptions
function M.related(client, params, options)
  client_of.ask(client, "fastest/relatedTests", params, function(items)
    if #items == 0 then
      vim.notify("fastest: no test is here, and none is affected by this file", vim.log.levels.WARN)
      return
    end
    local ids = vim.tbl_map(function(item)
      return item.id
    end, items)
    M.start(client, vim.tbl_extend("force", options or {}, { include = ids }))
  end)
end

--- Run again what was run last.
function M.last()
  local client = last and vim.lsp.get_client_by_id(last.client_id)
  if last and client then
    M.start(client, last.options)
  else
    vim.notify("fastest: nothing has been run yet", vim.log.levels.WARN)
  end
end

--- Run what failed last.
---@param options? fastest.RunOptions
function M.failed(options)
  local failed = {}
  for id, result in pairs(session.results.by_item) do
    if result.state == "failed" and session.tree:get(id) then
      failed[#failed + 1] = id
    end
  end
  if #failed == 0 then
    vim.notify("fastest: nothing has failed", vim.log.levels.INFO)
    return
  end
  table.sort(failed)
  with_client(function(client)
    M.start(client, vim.tbl_extend("force", options or {}, { include = failed }))
  end)
end

--- Run the items whose node ids are given, or that stand below them.
---@param node_ids string[]
---@param options? fastest.RunOptions
function M.node_ids(node_ids, options)
  with_client(function(client)
    client_of.load(client, nil, function()
      local wanted = {}
      for _, node_id in ipairs(node_ids) do
        wanted[node_id] = true
      end
      local items = session.tree:filter(function(item)
        return wanted[item.nodeId] == true
      end)
      local ids, found = {}, {}
      for _, item in ipairs(items) do
        ids[#ids + 1], found[item.nodeId] = item.id, true
      end
      for node_id in pairs(wanted) do
        if not found[node_id] then
          vim.notify(("fastest: no test is named `%s`"):format(node_id), vim.log.levels.ERROR)
          return
        end
      end
      M.start(client, vim.tbl_extend("force", options or {}, { include = ids }))
    end)
  end)
end

--- What a code lens stands for.
---@param command lsp.Command
---@param client_id integer
---@param mode fastest.Mode
function M.of_lens(command, client_id, mode)
  local client = vim.lsp.get_client_by_id(client_id)
  local argument = (command.arguments or {})[1] or {}
  if not client then
    return
  end
  if argument.itemIds then
    M.start(client, { include = argument.itemIds, mode = mode })
  else
    M.start(client, { mode = mode })
  end
end

--- Cancel a run; one that is being cancelled is ended by force.
---@param run_id string
function M.cancel_one(run_id)
  local client = vim.lsp.get_client_by_id(session.client_of_run[run_id] or -1)
  if client then
    client_of.ask(client, "fastest/cancelRun", { runId = run_id })
  end
end

--- Cancel every run; those that are being cancelled are ended by force.
function M.cancel()
  for _, run in ipairs(session.results:running()) do
    M.cancel_one(run.id)
  end
end

--- The continuous run of each client: its run id.
--- What is edited before the server has agreed may be run by nobody.
---@type table<integer, { run?: string, agreed?: boolean }>
local watching = {}

--- Begin to run affected tests by themselves, or stop doing so.
---@param when? "edit"|"save" Default: as the settings say, else after each save.
function M.watch(when)
  with_client(function(client)
    local running = watching[client.id]
    if running then
      watching[client.id] = nil
      client_of.ask(client, "fastest/cancelRun", { runId = running.run })
      vim.notify("fastest: affected tests no longer run by themselves")
      return
    end
    local begun = {}
    watching[client.id] = begun
    begun.run = M.start(client, { continuous = when or true }, function(_, result)
      if result.accepted then
        begun.agreed = true
        vim.notify(
          ("fastest: affected tests run after each %s; :Fastest watch again stops that"):format(
            (when or require("fastest.config").get().settings.continuous) == "edit" and "edit"
              or "save"
          )
        )
      elseif watching[client.id] == begun then
        watching[client.id] = nil
      end
    end)
  end)
end

--- Whether affected tests run by themselves.
---@return boolean
function M.is_watching()
  for _, running in pairs(watching) do
    if running.agreed then
      return true
    end
  end
  return false
end

return M
