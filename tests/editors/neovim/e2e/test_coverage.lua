--- Coverage: signs where nothing ran, the sums in a message, and all of it gone again.

local H = require("helpers")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set()

local PRICES = [[
def price(count):
    if count > 10:
        return (
            count - 1
        )
    return count


def never():
    return 0
]]

local TESTS = [[
from shop.prices import price


def test_price():
    assert price(1) == 1
]]

local FILES = {
  ["pytest.ini"] = "[pytest]\npythonpath = .\n",
  [".coveragerc"] = "[run]\nbranch = True\nsource = shop\n",
  ["shop/__init__.py"] = "",
  ["shop/prices.py"] = PRICES,
  ["tests/test_prices.py"] = TESTS,
}

--- Groups of the signs of the current buffer by line (from 1).
local SIGNS = [[(function()
  local signs = {}
  local space = vim.api.nvim_get_namespaces()["fastest.coverage"]
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })) do
    signs[tostring(mark[2] + 1)] = mark[4].sign_hl_group
  end
  return signs
end)()]]

local UNCOVERED = {
  ["2"] = "FastestPartial",
  ["3"] = "FastestUncovered",
  ["4"] = "FastestUncovered",
  ["5"] = "FastestUncovered",
  ["10"] = "FastestUncovered",
}

local function messages(child)
  return child.cmd_capture("messages")
end

T["what no test has run is marked, in files opened later too, until asked again"] = function()
  local child = H.neovim(H.project(FILES))
  H.open(child, "tests/test_prices.py")
  child.cmd("Fastest coverage")
  eq(H.wait_for_end(child).counts, { passed = 1, failed = 0, skipped = 0 })
  H.wait(child, "require('fastest.view.coverage').is_shown()")
  -- 4 of 6 statements, 1 of 2 branches.
  local told = "fastest: 62% covered, 4 of 6 statements in 2 files"
  eq(messages(child):find(told, 1, true) ~= nil, true)
  child.cmd("edit shop/prices.py")
  H.wait(child, ("vim.tbl_count(%s) == 5"):format(SIGNS))
  eq(child.lua_get(SIGNS), UNCOVERED)
  -- The marks move with the text.
  child.type_keys("ggO", "<Esc>")
  eq(child.lua_get(SIGNS)["11"], "FastestUncovered")
  child.cmd("Fastest coverage")
  eq(child.lua_get(SIGNS), {})
  eq(child.lua_get("require('fastest.view.coverage').is_shown()"), false)
  child.cmd("edit! tests/test_prices.py")
  eq(child.lua_get("#require('fastest.session').results.order"), 1)
end

T["a run that measures nothing says so"] = function()
  local nothing = vim.tbl_extend("force", FILES, { [".coveragerc"] = "[run]\nsource = nowhere\n" })
  local child = H.neovim(H.project(nothing))
  H.open(child, "tests/test_prices.py")
  child.lua("require('fastest').run_nearest({ mode = 'coverage' })")
  H.wait_for_end(child)
  H.wait(child, "vim.fn.execute('messages'):find('no coverage', 1, true) ~= nil")
  eq(child.lua_get("require('fastest.view.coverage').is_shown()"), false)
end

return T
