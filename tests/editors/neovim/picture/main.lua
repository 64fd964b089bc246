-- usage: nvim --headless --clean -u ../init.lua -l main.lua OUT.svg
--
-- What a user of three lines of configuration sees, drawn from a real Neovim with the real server:
-- tests that have run, a failure at its line, the summary.
local here = vim.g.fastest_tests
package.path = here .. "/?.lua;" .. here .. "/picture/?.lua;" .. package.path

local H = require("helpers")
local Screen = require("screen")
local svg = require("svg")

local SHOP = {
  ["shop/pyproject.toml"] = '[tool.pytest.ini_options]\npythonpath = ["."]\n',
  ["shop/cart.py"] = [[
class Cart:
    def __init__(self):
        self.lines = []

    def add(self, name, price, count=1):
        self.lines.append((name, price, count))

    def total(self, discount=0):
        full = sum(price * count for _, price, count in self.lines)
        return full - full * discount // 100
]],
  ["shop/tests/test_cart.py"] = [[
import pytest

from cart import Cart


@pytest.fixture
def cart():
    cart = Cart()
    cart.add("tea", 300, 2)
    cart.add("mug", 900)
    return cart


@pytest.mark.parametrize(
    ("discount", "expected"),
    [
        (10, 1350),
        pytest.param(33, 1000, id="a third"),
    ],
)
def test_discount(cart, discount, expected):
    assert cart.total(discount) == expected


class TestEmpty:
    def test_costs_nothing(self):
        assert Cart().total() == 0

    def test_ships(self):
        pytest.skip("next month")
]],
  ["shop/tests/test_stock.py"] = "def test_counts():\n    assert sum([1, 2]) == 3\n",
}

local SETUP = [[
  vim.o.number, vim.o.ruler, vim.o.showcmd, vim.o.laststatus = true, false, false, 3
  vim.o.signcolumn = "yes"
  vim.diagnostic.config({ virtual_text = { prefix = "■" } })
  require("fastest").setup({ cmd = { ... }, summary = { size = 40 } })
  vim.cmd.edit("tests/test_cart.py")
]]

local ENDED = [[(function()
  local last = require("fastest.session").results:last()
  return last and last.ended and #vim.diagnostic.get(vim.fn.bufnr("test_cart.py")) == 1
end)()]]

--- Of the file, two rows, one function, one class, and what is in it.
local LENSES = 7

local SUMMARY = [[(function()
  local lines = vim.api.nvim_buf_get_lines(vim.fn.bufnr("fastest://summary"), 0, -1, false)
  return table.concat(lines):find("test_stock.py", 1, true)
    and table.concat(lines):find("TestEmpty", 1, true)
end)()]]

local OPEN = [[
  for _, name in ipairs({ "TestEmpty", "test_discount" }) do
    vim.fn.search(name)
    vim.api.nvim_feedkeys("o", "x", false)
  end
  vim.cmd.wincmd("p")
  vim.fn.search("def test_discount")
]]

---@param screen picture.Screen
local function act(screen)
  screen:call("nvim_exec_lua", SETUP, { H.binary })
  screen:wait("#require('fastest.session').tree:in_file(vim.uri_from_bufnr(0)) > 0")
  screen:wait_for_text("▶ Run", LENSES)
  screen:call("nvim_command", "Fastest summary")
  screen:wait(SUMMARY)
  screen:call("nvim_exec_lua", OPEN, {})
  screen:call("nvim_command", "Fastest run")
  screen:wait(ENDED)
  screen:wait_for_text("fastest: 1 failed, 3 passed, 1 skipped", 1)
  screen:wait_for_text("✓ 3 ✗ 1 ↷ 1", 1)
  screen:wait_for_text("skipped: next month", 1)
  screen:wait_for_text("running…", 0)
  screen:wait_for_text("▶ Run", LENSES)
end

local project = H.project(SHOP)
local screen = Screen.start(
  { "--clean", "-u", vim.fs.joinpath(here, "init.lua") },
  { HOME = project },
  vim.fs.joinpath(project, "shop"),
  128,
  40
)
local ok, err = pcall(act, screen)
if ok then
  vim.fn.writefile(vim.split(svg.of(screen, "nvim"), "\n"), arg[1])
end
screen:stop()
vim.fn.delete(project, "rf")
assert(ok, err)
os.exit(0)
