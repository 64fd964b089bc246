--- Text with ANSI colours to plain lines and highlights.

local M = {}

---@class fastest.Highlighted
---@field line integer From 0.
---@field first integer The first byte, from 0.
---@field last integer The byte after the last.
---@field group string

local COLORS = {
  [31] = "FastestRed",
  [32] = "FastestGreen",
  [33] = "FastestYellow",
  [34] = "FastestBlue",
  [35] = "FastestMagenta",
  [36] = "FastestCyan",
  [90] = "FastestDim",
}

--- Groups that the colours and the signs are drawn in, linked so that any colour scheme has them.
M.GROUPS = {
  FastestRed = "DiagnosticError",
  FastestGreen = "DiagnosticOk",
  FastestYellow = "DiagnosticWarn",
  FastestBlue = "Function",
  FastestMagenta = "Constant",
  FastestCyan = "DiagnosticInfo",
  FastestDim = "Comment",
  FastestBold = "Title",
  FastestPassed = "DiagnosticOk",
  FastestFailed = "DiagnosticError",
  FastestSkipped = "DiagnosticWarn",
  FastestRunning = "DiagnosticInfo",
  FastestQueued = "Comment",
  FastestTime = "Comment",
}

--- Define the groups; one that a colour scheme or the user has defined stays.
function M.define_groups()
  for name, link in pairs(M.GROUPS) do
    vim.api.nvim_set_hl(0, name, { link = link, default = true })
  end
end

---@param codes string The numbers between `[` and `m`.
---@param group string? The group so far.
---@return string? group
local function after_codes(codes, group)
  if codes == "" then
    return nil
  end
  for code in codes:gmatch("%d+") do
    local number = tonumber(code)
    if number == 0 or number == 39 then
      group = nil
    elseif number == 1 then
      group = group or "FastestBold"
    else
      group = COLORS[number] or COLORS[number - 60] or group
    end
  end
  return group
end

--- Lines without their escape sequences, and where they were coloured.
--- Sequences that are no colours (cursor movement) are dropped; a colour lasts over line ends.
---@param text string
---@return string[] lines
---@return fastest.Highlighted[] highlights
function M.parse(text)
  local lines, highlights, group = {}, {}, nil
  for line in (text:gsub("\r\n", "\n") .. "\n"):gmatch("(.-)\n") do
    local plain, at = "", 1
    local function take(piece)
      if group and piece ~= "" then
        local first = #plain
        highlights[#highlights + 1] =
          { line = #lines, first = first, last = first + #piece, group = group }
      end
      plain = plain .. piece
    end
    while true do
      local from, to, codes, final = line:find("\27%[([%d;?]*)(%a)", at)
      if not from then
        break
      end
      take(line:sub(at, from - 1))
      if final == "m" then
        group = after_codes(codes, group)
      end
      at = to + 1
    end
    take(line:sub(at))
    lines[#lines + 1] = plain
  end
  if lines[#lines] == "" then
    lines[#lines] = nil
  end
  return lines, highlights
end

return M
