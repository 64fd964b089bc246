--- What the end-to-end tests share: projects, Neovims beside this one, and waiting.

local H = {}

--- How long anything may take.  Seen: a first run takes 0.5 s on an idle machine; CI machines
--- that do other things besides have needed ten times that.
H.PATIENCE_MS = tonumber(vim.env.PATIENCE or 30000)

--- The server under test.
H.binary = assert(vim.env.FASTEST_TEST_BINARY, "FASTEST_TEST_BINARY names the server")
local python = assert(vim.env.FASTEST_TEST_PYTHON, "FASTEST_TEST_PYTHON names the interpreter")
vim.env.VIRTUAL_ENV = vim.fs.dirname(vim.fs.dirname(python))

H.CART = [[
import pytest


def total(prices):
    return sum(prices)


@pytest.mark.slow
@pytest.mark.parametrize(
    ["prices", "expected"],
    [
        ([1, 2], 3),
        pytest.param([1, 2], 4, id="wrong"),
    ],
)
def test_total(prices, expected):
    print("adding", prices)
    assert total(prices) == expected


class TestCart:
    def test_empty(self):
        assert total([]) == 0

    def test_skipped(self):
        pytest.skip("no cart today")
]]

--- A folder with these files, besides a configuration that knows the mark `slow`.
---@param files table<string, string>
---@return string folder
function H.project(files)
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder, "p")
  folder = vim.uv.fs_realpath(folder)
  local all = vim.tbl_extend("keep", files, { ["pytest.ini"] = "[pytest]\nmarkers = slow: slow\n" })
  for name, text in pairs(all) do
    local path = vim.fs.joinpath(folder, name)
    vim.fn.mkdir(vim.fs.dirname(path), "p")
    vim.fn.writefile(vim.split(text, "\n", { plain = true }), path)
  end
  return folder
end

--- A Neovim with the plugin, in a folder; it ends with the test.
---@param folder string
---@param config? table What `setup` is given besides the server's command.
---@return table child
function H.neovim(folder, config)
  local child = MiniTest.new_child_neovim()
  child.start({ "-u", vim.fs.joinpath(vim.g.fastest_tests, "init.lua"), "--cmd", "cd " .. folder })
  MiniTest.finally(function()
    H.stop(child)
  end)
  child.o.lines, child.o.columns = 40, 110
  local given = vim.tbl_extend("force", { cmd = { H.binary } }, config or {})
  child.lua("require('fastest').setup(...)", { given })
  return child
end

--- End a Neovim and its servers.
---@param child table
function H.stop(child)
  pcall(
    child.lua,
    [[
    for _, client in ipairs(vim.lsp.get_clients()) do client:stop(true) end
  ]]
  )
  child.stop()
end

--- Wait until a Lua expression in the child is true; its last value is told if it never is.
---@param child table
---@param expression string
---@param patience? integer
function H.wait(child, expression, patience)
  local value
  local came = vim.wait(patience or H.PATIENCE_MS, function()
    value = child.lua_get(expression)
    return value ~= vim.NIL and value ~= false and value ~= nil
  end, 30)
  if not came then
    local messages = child.cmd_capture("messages")
    local lines = vim.tbl_map(table.concat, child.get_screenshot().text)
    local screen = table.concat(lines, "\n")
    error(
      ("never true: %s (it is %s)\nmessages: %s\n%s"):format(
        expression,
        vim.inspect(value),
        messages,
        screen
      ),
      2
    )
  end
  return value
end

--- Open a file of the project, and wait until its tests are known.
---@param child table
---@param name string
function H.open(child, name)
  child.cmd("edit " .. name)
  H.wait(child, "#require('fastest.session').tree:in_file(vim.uri_from_bufnr(0)) > 0")
end

--- A Neovim with the plugin, in a project of one test file (`H.CART`), which is open.
---@param config? table What `setup` is given besides the server's command.
---@return table child
function H.cart(config)
  local child = H.neovim(H.project({ ["tests/test_cart.py"] = H.CART }), config)
  H.open(child, "tests/test_cart.py")
  return child
end

--- Let a Neovim have the stand-ins for other plugins (`fakes/`).
---@param child table
function H.with_fakes(child)
  child.lua("vim.opt.runtimepath:append(...)", { vim.fs.joinpath(vim.g.fastest_tests, "fakes") })
end

--- The sign texts of the current buffer by line (from 1).
H.SIGNS = [[(function()
  local signs = {}
  local spaces = vim.api.nvim_get_namespaces()
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(
    0, spaces["fastest.results"], 0, -1, { details = true }
  )) do
    signs[tostring(mark[2] + 1)] = vim.trim(mark[4].sign_text or "")
  end
  return signs
end)()]]

--- What stands behind a line (from 1) of the current buffer.
---@param line integer
---@return string expression
function H.behind(line)
  return ([[(function()
    local space = vim.api.nvim_get_namespaces()["fastest.results"]
    local found = {}
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(
      0, space, { %d, 0 }, { %d, -1 }, { details = true }
    )) do
      for _, chunk in ipairs(mark[4].virt_text or {}) do found[#found + 1] = chunk[1] end
    end
    return table.concat(found)
  end)()]]):format(line - 1, line - 1)
end

--- The code lenses' titles of the current buffer by line (from 1).
H.LENSES = [[(function()
  local titles = {}
  local function add(lens)
    if lens.command then
      local line = tostring(lens.range.start.line + 1)
      titles[line] = (titles[line] and titles[line] .. " | " or "") .. lens.command.title
    end
  end
  for _, found in ipairs(vim.lsp.codelens.get(vim.lsp.codelens.enable and { bufnr = 0 } or 0)) do
    add(found.lens or found)
  end
  return titles
end)()]]

--- The line (from 1) in which a text stands first.
---@param child table
---@param text string
---@return integer
function H.line_of(child, text)
  return child.fn.search("\\V" .. text, "nw")
end

--- Put the cursor on the line in which a text stands.
---@param child table
---@param text string
function H.go_to(child, text)
  local line = H.line_of(child, text)
  assert(line > 0, ("`%s` is not in the buffer"):format(text))
  child.api.nvim_win_set_cursor(0, { line, 0 })
end

--- Wait until the last run has ended; its result.
---@param child table
---@param count? integer How many runs must have begun.
function H.wait_for_end(child, count)
  H.wait(
    child,
    ("#require('fastest.session').results.order >= %d"):format(count or 1)
      .. " and require('fastest.session').results:last().ended ~= nil"
  )
  return child.lua_get("require('fastest.session').results:last()")
end

return H
