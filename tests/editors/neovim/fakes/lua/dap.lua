--- A small stand-in for nvim-dap: the same `adapters` and `run`, and a client of the Debug Adapter
--- Protocol that stops at the breakpoints in `M.breakpoints`, remembers where, and goes on.

local M = { adapters = {}, breakpoints = {}, stops = {}, events = {}, over = false }

local function connect(adapter, on_message)
  local socket, buffer, seq = vim.uv.new_tcp(), "", 0
  local session = {}
  function session.send(command, arguments)
    seq = seq + 1
    local message = { seq = seq, type = "request", command = command, arguments = arguments }
    local body = vim.json.encode(message)
    socket:write(("Content-Length: %d\r\n\r\n%s"):format(#body, body))
  end
  local function take(chunk)
    buffer = buffer .. chunk
    while true do
      local length, at = buffer:match("Content%-Length: (%d+)\r\n\r\n()")
      if not length or #buffer < at - 1 + tonumber(length) then
        return
      end
      local body = buffer:sub(at, at - 1 + tonumber(length))
      buffer = buffer:sub(at + tonumber(length))
      local message = vim.json.decode(body)
      vim.schedule(function()
        on_message(session, message)
      end)
    end
  end
  socket:connect(adapter.host, adapter.port, function(err)
    assert(not err, err)
    socket:read_start(function(_, chunk)
      if chunk then
        take(chunk)
      else
        M.over = true
        socket:close()
      end
    end)
    session.send("initialize", {
      adapterID = "python",
      linesStartAt1 = true,
      columnsStartAt1 = true,
      pathFormat = "path",
    })
  end)
end

local function set_breakpoints(session)
  for path, lines in pairs(M.breakpoints) do
    session.send("setBreakpoints", {
      source = { path = path },
      breakpoints = vim.tbl_map(function(line)
        return { line = line }
      end, lines),
    })
  end
  session.send("configurationDone", vim.empty_dict())
end

local function stopped(session, body)
  session.thread = body.threadId
  session.send("stackTrace", { threadId = body.threadId })
end

--- Attach as nvim-dap does: `adapters[type]` is a table or a function that is given a callback.
function M.run(config)
  local adapter = assert(M.adapters[config.type], "no adapter " .. config.type)
  local function use(resolved)
    assert(resolved.type == "server", "an adapter that listens")
    connect(resolved, function(session, message)
      M.events[#M.events + 1] = message.event or message.command
      if message.type == "response" and message.command == "initialize" then
        local arguments = vim.deepcopy(config)
        arguments.type, arguments.request, arguments.name = nil, nil, nil
        session.send("attach", arguments)
      elseif message.event == "initialized" then
        set_breakpoints(session)
      elseif message.event == "stopped" then
        stopped(session, message.body)
      elseif message.type == "response" and message.command == "stackTrace" then
        local frame = message.body.stackFrames[1]
        M.stops[#M.stops + 1] = { line = frame.line, name = frame.name, path = frame.source.path }
        session.send("continue", { threadId = session.thread })
      end
    end)
  end
  if type(adapter) == "function" then
    adapter(use, config)
  else
    use(adapter)
  end
end

return M
