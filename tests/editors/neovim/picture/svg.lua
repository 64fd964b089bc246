--- A screen as an SVG picture: every character in its cell, whatever font draws it.

local M = {}

--- A cell, in pixels.
local WIDTH, HEIGHT, SIZE = 8.4, 19, 14
--- What is around the screen: the margin, and above it the bar with three dots.
local MARGIN, BAR = 14, 34

local FONT = "'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace"

---@param colour integer
---@return string
local function hex(colour)
  return ("#%06x"):format(colour)
end

---@param text string
---@return string
local function escaped(text)
  return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

---@param screen picture.Screen
---@param id integer
---@return integer foreground
---@return integer background
local function colours(screen, id)
  local highlight = screen.highlights[id] or {}
  local foreground = highlight.foreground or screen.foreground
  local background = highlight.background or screen.background
  if highlight.reverse then
    return background, foreground
  end
  return foreground, background
end

---@class picture.Run Neighbouring cells that are drawn alike.
---@field first integer
---@field cells integer
---@field text string
---@field highlight integer

--- Whether a character may be drawn together with its neighbours: other fonts' characters
--- are not as wide as a cell.
---@param text string
---@return boolean
local function is_plain(text)
  return #text == 1
end

---@param row picture.Cell[]
---@return picture.Run[]
local function runs_of(row)
  local runs, last = {}, nil
  for column, cell in ipairs(row) do
    if cell.text == "" and last then
      last.cells = last.cells + 1
    elseif last and last.highlight == cell.highlight and last.plain and is_plain(cell.text) then
      last.cells, last.text = last.cells + 1, last.text .. cell.text
    else
      last = {
        first = column,
        cells = 1,
        text = cell.text,
        highlight = cell.highlight,
        plain = is_plain(cell.text),
      }
      runs[#runs + 1] = last
    end
  end
  return runs
end

---@param highlight picture.Highlight
---@return string attributes
local function style(highlight)
  local parts = {}
  if highlight.bold then
    parts[#parts + 1] = ' font-weight="bold"'
  end
  if highlight.italic then
    parts[#parts + 1] = ' font-style="italic"'
  end
  if highlight.underline or highlight.undercurl then
    parts[#parts + 1] = ' text-decoration="underline"'
  end
  return table.concat(parts)
end

---@param x number
---@param y number
---@param width number
---@param height number
---@param colour string
---@return string
local function box(x, y, width, height, colour)
  local form = '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>'
  return form:format(x, y, width, height, colour)
end

--- Text at a place, as wide as it must be.  Spaces at its ends are left out and others may not be
--- broken at, for SVG's viewers do not agree on what becomes of them.
---@param screen picture.Screen
---@param run picture.Run
---@param x number
---@param y number
---@param colour integer
---@return string
local function words(screen, run, x, y, colour)
  local lead = #run.text:match("^ *")
  local text = vim.trim(run.text)
  local cells = #text == vim.fn.strchars(text) and #text or run.cells
  local form = '<text x="%.1f" y="%.1f" fill="%s" textLength="%.1f"%s>%s</text>'
  return form:format(
    x + lead * WIDTH,
    y + SIZE,
    hex(colour),
    cells * WIDTH,
    style(screen.highlights[run.highlight] or {}),
    (escaped(text):gsub(" ", "\194\160"))
  )
end

---@param screen picture.Screen
---@param run picture.Run
---@param x number
---@param y number
---@param out string[]
local function draw_run(screen, run, x, y, out)
  local foreground, background = colours(screen, run.highlight)
  local width = run.cells * WIDTH
  if background ~= screen.background then
    out[#out + 1] = box(x, y, width, HEIGHT, hex(background))
  end
  if run.text == "│" then
    out[#out + 1] = box(x + WIDTH / 2, y, 1, HEIGHT, hex(foreground))
  elseif vim.trim(run.text) ~= "" then
    out[#out + 1] = words(screen, run, x, y, foreground)
  end
end

--- The bar of a window.
---@param width number
---@param title string
---@return string
local function bar(width, title)
  local dots = {}
  for index, colour in ipairs({ "#ff5f57", "#febc2e", "#28c840" }) do
    dots[index] = ('<circle cx="%d" cy="17" r="6" fill="%s"/>'):format(index * 20, colour)
  end
  local form = '<text x="%.1f" y="22" fill="#9b9ea4" text-anchor="middle" font-size="13">%s</text>'
  return table.concat(dots) .. form:format(width / 2, escaped(title))
end

--- A screen in a window.
---@param screen picture.Screen
---@param title string
---@return string
function M.of(screen, title)
  local width = #screen.rows[1] * WIDTH + 2 * MARGIN
  local height = #screen.rows * HEIGHT + BAR + MARGIN
  local form = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %.1f" width="%.0f" '
    .. 'height="%.0f" font-family="%s" font-size="%d">'
  local out = { form:format(width, height, width, height, FONT, SIZE) }
  local frame = '<rect width="%.1f" height="%.1f" rx="10" fill="%s"/>'
  out[#out + 1] = frame:format(width, height, hex(screen.background))
  out[#out + 1] = bar(width, title)
  for line, row in ipairs(screen.rows) do
    local y = BAR + (line - 1) * HEIGHT
    for _, run in ipairs(runs_of(row)) do
      draw_run(screen, run, MARGIN + (run.first - 1) * WIDTH, y, out)
    end
  end
  out[#out + 1] = "</svg>\n"
  return table.concat(out, "\n")
end

return M
