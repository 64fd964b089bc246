--- The part of nvim-nio that the adapter uses, over plain coroutines.

local M = { control = {}, fn = {} }

local function resume(task, ...)
  local ok, err = coroutine.resume(task, ...)
  assert(ok, ok or debug.traceback(task, err))
end

--- Run an async function; `on_end` gets whether it succeeded and what it returned.
function M.run(func, on_end)
  local task = coroutine.create(function()
    local result = vim.F.pack_len(xpcall(func, debug.traceback))
    if on_end then
      on_end(vim.F.unpack_len(result))
    end
  end)
  resume(task)
end

function M.control.future()
  local value, waiting = nil, {}
  local future = {}
  function future.is_set()
    return value ~= nil
  end
  function future.set(...)
    assert(value == nil, "a future is set once")
    value = vim.F.pack_len(...)
    for _, task in ipairs(waiting) do
      resume(task)
    end
  end
  function future.wait()
    if value == nil then
      waiting[#waiting + 1] = assert(coroutine.running(), "only async functions wait")
      coroutine.yield()
    end
    return vim.F.unpack_len(value)
  end
  return future
end

function M.control.queue()
  local items, waiting = {}, {}
  local queue = {}
  function queue.size()
    return #items
  end
  function queue.put_nowait(item)
    items[#items + 1] = { item }
    local task = table.remove(waiting, 1)
    if task then
      resume(task)
    end
  end
  function queue.get()
    while #items == 0 do
      waiting[#waiting + 1] = assert(coroutine.running(), "only async functions wait")
      coroutine.yield()
    end
    return table.remove(items, 1)[1]
  end
  return queue
end

setmetatable(M.fn, {
  __index = function(_, name)
    return vim.fn[name]
  end,
})

return M
