--- A Neovim beside this one, and what its screen shows: a user interface without a window.
---
--- It speaks `ui-linegrid` (`:help ui`) over the child's standard streams: text, colours and
--- attributes are exactly those that a terminal would be sent.

---@class picture.Highlight
---@field foreground? integer
---@field background? integer
---@field special? integer
---@field reverse? boolean
---@field bold? boolean
---@field italic? boolean
---@field underline? boolean
---@field undercurl? boolean

---@class picture.Cell
---@field text string Empty in the second half of a wide character.
---@field highlight integer

---@class picture.Screen
---@field rows picture.Cell[][]
---@field highlights table<integer, picture.Highlight>
---@field foreground integer
---@field background integer
---@field private process uv.uv_process_t
---@field private input uv.uv_pipe_t
---@field private answers table<integer, table>
---@field private asked integer
local Screen = {}
Screen.__index = Screen

--- How long anything may take.
local PATIENCE_MS = tonumber(vim.env.PATIENCE or 60000)

--- What the child tells, by event.
local take = {}

function take.default_colors_set(screen, foreground, background)
  screen.foreground, screen.background = foreground, background
end

function take.hl_attr_define(screen, id, attributes)
  screen.highlights[id] = attributes
end

function take.grid_resize(screen, _, columns, lines)
  screen.columns, screen.rows = columns, {}
  for line = 1, lines do
    screen.rows[line] = {}
  end
  take.grid_clear(screen)
end

function take.grid_clear(screen)
  for _, row in ipairs(screen.rows) do
    for column = 1, screen.columns do
      row[column] = { text = " ", highlight = 0 }
    end
  end
end

function take.grid_line(screen, _, line, first, cells)
  local column, highlight = first, 0
  for _, cell in ipairs(cells) do
    highlight = cell[2] or highlight
    for _ = 1, cell[3] or 1 do
      column = column + 1
      screen.rows[line + 1][column] = { text = cell[1], highlight = highlight }
    end
  end
end

function take.grid_scroll(screen, _, top, bottom, left, right, by)
  local first, last, step = top + 1, bottom - by, 1
  if by < 0 then
    first, last, step = bottom, top + 1 - by, -1
  end
  for line = first, last, step do
    for column = left + 1, right do
      screen.rows[line][column] = screen.rows[line + by][column]
    end
  end
end

---@param message table
function Screen:receive(message)
  if message[1] == 1 then
    self.answers[message[2]] = { err = message[3], result = message[4] }
  elseif message[2] == "redraw" then
    for _, event in ipairs(message[3]) do
      local handler = take[event[1]]
      for call = 2, handler and #event or 0 do
        handler(self, unpack(event[call]))
      end
    end
  end
end

---@param output uv.uv_pipe_t
function Screen:listen(output)
  local handle = function()
    return nil
  end
  local unpacker = vim.mpack.Unpacker({ ext = { [0] = handle, handle, handle } })
  local waiting = ""
  output:read_start(function(err, chunk)
    assert(not err, err)
    waiting = waiting .. (chunk or "")
    local position = 1
    while position <= #waiting do
      local message, next_position = unpacker(waiting, position)
      position = next_position
      if message ~= nil then
        self:receive(message)
      end
    end
    waiting = ""
  end)
end

--- Start a Neovim.
---@param arguments string[]
---@param environment table<string, string> What differs from our own.
---@param folder string
---@param columns integer
---@param lines integer
---@return picture.Screen
function Screen.start(arguments, environment, folder, columns, lines)
  local input, output = assert(vim.uv.new_pipe()), assert(vim.uv.new_pipe())
  local variables = {}
  for name, value in pairs(vim.tbl_extend("force", vim.fn.environ(), environment)) do
    variables[#variables + 1] = name .. "=" .. value
  end
  local process = vim.uv.spawn(vim.v.progpath, {
    args = { "--embed", unpack(arguments) },
    env = variables,
    cwd = folder,
    stdio = { input, output, 2 },
  }, function() end)
  local screen = setmetatable({
    process = assert(process, "Neovim does not start"),
    input = input,
    answers = {},
    asked = 0,
    highlights = { [0] = {} },
    rows = {},
  }, Screen)
  screen:listen(output)
  screen:call("nvim_ui_attach", columns, lines, { rgb = true, ext_linegrid = true })
  return screen
end

--- Call a function of Neovim's API in the child.
---@param name string
---@return any
function Screen:call(name, ...)
  self.asked = self.asked + 1
  local id = self.asked
  self.input:write(vim.mpack.encode({ 0, id, name, { ... } }))
  assert(
    vim.wait(PATIENCE_MS, function()
      return self.answers[id] ~= nil
    end, 10),
    name .. " is not answered"
  )
  local answer = self.answers[id]
  assert(answer.err == nil or answer.err == vim.NIL, vim.inspect(answer.err))
  return answer.result
end

--- Type keys.
---@param keys string
function Screen:type(keys)
  self:call("nvim_input", keys)
end

--- Wait until a Lua expression in the child is true.
---@param expression string
function Screen:wait(expression)
  local came = vim.wait(PATIENCE_MS, function()
    return self:call("nvim_exec_lua", ("return (%s) and true or false"):format(expression), {})
  end, 50)
  assert(came, ("never true: %s\n%s"):format(expression, self:text()))
end

--- Wait until a text is on the screen this many times.
---@param text string
---@param times integer
function Screen:wait_for_text(text, times)
  local came = vim.wait(PATIENCE_MS, function()
    return #vim.split(self:text(), text, { plain = true }) == times + 1
  end, 50)
  assert(came, ("not %d times `%s`:\n%s"):format(times, text, self:text()))
end

--- What is on the screen, without colours.
---@return string
function Screen:text()
  local lines = vim.tbl_map(function(row)
    return table.concat(vim.tbl_map(function(cell)
      return cell.text
    end, row))
  end, self.rows)
  return table.concat(lines, "\n")
end

--- End the child.
function Screen:stop()
  self.input:write(vim.mpack.encode({ 2, "nvim_command", { "qall!" } }))
  local ended = vim.wait(PATIENCE_MS, function()
    return not self.process:is_active()
  end, 10)
  if not ended then
    self.process:kill("sigkill")
  end
end

return Screen
