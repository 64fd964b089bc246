--- The language client: how the server is started, and what comes from it.

local compat = require("fastest.compat")
local session = require("fastest.session")

local M = {}

M.NAME = "fastest"

---@type table<string, fun(err: any, params: any, ctx: lsp.HandlerContext)>
local handlers = {
  ["fastest/testsChanged"] = function(_, report)
    session.take_report(report)
  end,
  ["fastest/status"] = function(_, status, ctx)
    session.take_status(ctx.client_id, status)
  end,
  ["fastest/runStarted"] = function(_, started, ctx)
    M.load(assert(vim.lsp.get_client_by_id(ctx.client_id)))
    session.begin(ctx.client_id, started.runId, {
      mode = started.mode,
      origin = started.origin,
      title = started.title or started.origin,
      total = started.total,
    })
  end,
  ["fastest/runEvents"] = function(_, events)
    session.take_events(events)
  end,
  ["fastest/runEnded"] = function(_, ended)
    session.take_end(ended)
  end,
}

--- Commands of code lenses that this client carries out itself.
---@type table<string, fun(command: lsp.Command, ctx: table)>
local commands = {
  ["fastest.client.run"] = function(command, ctx)
    require("fastest.run").of_lens(command, ctx.client_id, "run")
  end,
  ["fastest.client.debug"] = function(command, ctx)
    require("fastest.run").of_lens(command, ctx.client_id, "debug")
  end,
  ["fastest.client.showOutput"] = function(command)
    local argument = (command.arguments or {})[1] or {}
    require("fastest.view.output").open((argument.itemIds or {})[1], nil, true)
  end,
}

--- The capabilities that we add to Neovim's own.
---@return lsp.ClientCapabilities
local function capabilities()
  local own = vim.lsp.protocol.make_client_capabilities()
  own.experimental = {
    fastest = { testItems = 2, testRuns = 1, clientCommands = vim.tbl_keys(commands) },
  }
  return own
end

--- The server's settings: the user's, and what other parts of the configuration say.
---@return table
local function settings()
  local config = require("fastest.config").get()
  local ours = {
    debugpyPath = config.debugpy,
    -- Results stand behind the tests already.
    codeLens = config.virtual_text.enable and { result = false } or nil,
  }
  local all = vim.tbl_deep_extend("force", ours, config.settings)
  -- An empty Lua table is a JSON array, which is not what is meant.
  return next(all) and all or vim.empty_dict()
end

---@param client vim.lsp.Client
---@param bufnr integer
local function on_attach(client, bufnr)
  require("fastest.view").start()
  if require("fastest.config").get().lenses then
    compat.show_lenses(bufnr)
  end
  M.discover(client, { textDocument = { uri = vim.uri_from_bufnr(bufnr) } })
end

--- A configuration for `vim.lsp.start`, `vim.lsp.config` and `lsp/fastest.lua`.
---@return vim.lsp.ClientConfig
function M.config()
  local config = require("fastest.config").get()
  return {
    name = M.NAME,
    cmd = config.cmd or { "fastest-lsp" },
    filetypes = { "python" },
    root_markers = compat.root_markers(config.root_markers),
    capabilities = capabilities(),
    init_options = settings(),
    settings = { fastest = settings() },
    handlers = handlers,
    commands = commands,
    -- Every keystroke is sent at once: tests appear as they are typed.
    flags = { debounce_text_changes = 0 },
    on_attach = on_attach,
    on_exit = function(_, _, client_id)
      vim.schedule(function()
        session.forget_client(client_id)
      end)
    end,
  }
end

--- Start the server for a buffer, or attach the one that runs for its project.
---@param bufnr integer
function M.start(bufnr)
  if vim.bo[bufnr].buftype ~= "" or vim.api.nvim_buf_get_name(bufnr) == "" then
    return
  end
  local config = M.config()
  config.root_dir = vim.fs.root(bufnr, config.root_markers)
    or vim.fs.dirname(vim.api.nvim_buf_get_name(bufnr))
  vim.lsp.start(config, { bufnr = bufnr })
end

--- The client of a buffer, else any.
---@param bufnr? integer Default: the current buffer.
---@return vim.lsp.Client?
function M.find(bufnr)
  local attached = vim.lsp.get_clients({ name = M.NAME, bufnr = bufnr or 0 })
  return attached[1] or vim.lsp.get_clients({ name = M.NAME })[1]
end

--- The client of a buffer; says so if there is none.
---@return vim.lsp.Client?
function M.need()
  local client = M.find()
  if not client then
    vim.notify(
      "fastest: no server runs; open a Python file, or see :checkhealth fastest",
      vim.log.levels.WARN
    )
  end
  return client
end

--- Ask, and tell the user if the answer is an error.
---@param client vim.lsp.Client
---@param method string
---@param params table
---@param answer? fun(result: any)
function M.ask(client, method, params, answer)
  compat.request(client, method, params, function(err, result)
    if err then
      vim.notify("fastest: " .. (err.message or vim.inspect(err)), vim.log.levels.ERROR)
    elseif answer then
      answer(result)
    end
  end)
end

--- Ask for items; they are in the tree once `answer` is called.
---@param client vim.lsp.Client
---@param params { itemId?: string, textDocument?: { uri: string }, depth?: "level"|"all" }
---@param answer? fun(report: fastest.TestsReport)
function M.discover(client, params, answer)
  -- An empty Lua table is a JSON array, which is not what is meant.
  local sent = next(params) and params or vim.empty_dict()
  M.ask(client, "fastest/discoverTests", sent, function(report)
    session.take_report(report)
    if answer then
      answer(report)
    end
  end)
end

--- What must be asked so that everything below these items is known.
---@param client vim.lsp.Client
---@param ids? string[] `nil`: everything of this server.
---@return table[] params
local function unknown(client, ids)
  if ids then
    local unloaded = vim.tbl_filter(function(id)
      return not session.tree:is_loaded(id)
    end, ids)
    return vim.tbl_map(function(id)
      return { itemId = id, depth = "all" }
    end, unloaded)
  end
  local roots = (session.status[client.id] or {}).roots or {}
  local all = #roots > 0
    and vim.iter(roots):all(function(root)
      return session.tree:get(root.id) ~= nil and session.tree:is_loaded(root.id)
    end)
  return all and {} or { { depth = "all" } }
end

--- Know everything below these items: what runs must be known, else its results belong to nothing.
---@param client vim.lsp.Client
---@param ids? string[] `nil`: everything of this server.
---@param done? fun()
function M.load(client, ids, done)
  local requests = unknown(client, ids)
  local left = #requests
  if left == 0 and done then
    return done()
  end
  for _, params in ipairs(requests) do
    -- An item that is gone by now is no error: the run that follows says so.
    compat.request(client, "fastest/discoverTests", params, function(_, report)
      if report then
        session.take_report(report)
      end
      left = left - 1
      if left == 0 and done then
        done()
      end
    end)
  end
end

return M
