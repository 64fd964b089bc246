--- What a new user does, from the first file to a fixed test.

local H = require("helpers")
local eq = MiniTest.expect.equality
local T = MiniTest.new_set()

local function type_new_test(child, body)
  child.type_keys("G", "o")
  child.type_keys({ "<CR>", "<C-u>", "def test_new():", "<CR>", "<C-u>    " .. body, "<Esc>" })
  H.wait(
    child,
    [[#require('fastest.session').tree:filter(function(item)
    return item.label == "test_new"
  end) == 1]]
  )
end

--- Whether the command line says a text.
local function told(text)
  return ([[(function()
    local shown = {}
    for column = 1, vim.o.columns do
      shown[column] = vim.fn.screenstring(vim.o.lines, column)
    end
    return table.concat(shown):find(%q, 1, true) ~= nil
  end)()]]):format(text)
end

T["lenses are drawn"] = function()
  local child = H.cart()
  H.wait(child, ("(%s)[%q] ~= nil"):format(H.LENSES, tostring(H.line_of(child, "def test_empty"))))
  local drawn = vim.wait(H.PATIENCE_MS, function()
    return tostring(child.get_screenshot()):find("Run", 1, true) ~= nil
  end, 50)
  eq(drawn, true)
end

T["a test that is typed and not saved is there, with its lens"] = function()
  local child = H.cart()
  type_new_test(child, "assert 1 == 2")
  local line = tostring(H.line_of(child, "def test_new"))
  H.wait(child, ("((%s)[%q] or ''):find('Run') ~= nil"):format(H.LENSES, line))
  eq(child.bo.modified, true)
end

T["a lens comes also if the server's answer to what was asked before is late"] = function()
  local child = H.cart()
  H.wait(child, ("(%s)['1'] ~= nil"):format(H.LENSES))
  child.lua([[
    local compat = require("fastest.compat")
    local request = compat.request
    compat.request = function(client, method, params, handler)
      if method ~= "textDocument/codeLens" or late then
        return request(client, method, params, handler)
      end
      return request(client, method, params, function(...)
        local answer = { ... }
        late = function()
          handler(unpack(answer))
        end
      end)
    end
  ]])
  child.type_keys("Go", "<Esc>")
  -- From 0.12 on Neovim asks by itself.
  local asks_itself = child.lua_get("vim.lsp.codelens.enable ~= nil")
  H.wait(child, asks_itself and "true" or "late ~= nil")
  type_new_test(child, "pass")
  child.lua("(late or function() end)()")
  local line = tostring(H.line_of(child, "def test_new"))
  H.wait(child, ("((%s)[%q] or ''):find('Run') ~= nil"):format(H.LENSES, line))
end

T["run, fail, fix, pass: nothing is saved"] = function()
  local child = H.cart()
  type_new_test(child, "assert 1 == 2")
  H.go_to(child, "def test_new")
  child.cmd("Fastest nearest")
  local run = H.wait_for_end(child)
  eq(run.counts, { passed = 0, failed = 1, skipped = 0 })
  local line = H.line_of(child, "def test_new")
  H.wait(child, ("(%s)[%q] == '✗'"):format(H.SIGNS, tostring(line)))
  eq(child.lua_get(H.behind(line)):find("assert 1 == 2", 1, true) ~= nil, true)
  H.wait(child, told("fastest: 1 failed in"))
  H.wait(child, "#vim.diagnostic.get(0) == 1")
  local diagnostic = child.lua_get("vim.diagnostic.get(0)[1]")
  eq(diagnostic.lnum + 1, line + 1)
  eq(diagnostic.message:find("assert 1 == 2", 1, true) ~= nil, true)

  child.cmd("%s/assert 1 == 2/assert 1 == 1/")
  H.wait(child, ("%s:find('(stale)', 1, true) ~= nil"):format(H.behind(line)))
  child.cmd("Fastest last")
  eq(H.wait_for_end(child, 2).counts, { passed = 1, failed = 0, skipped = 0 })
  H.wait(child, ("(%s)[%q] == '✓'"):format(H.SIGNS, tostring(line)))
  H.wait(child, "#vim.diagnostic.get(0) == 0")
  eq(child.bo.modified, true)
end

T["a whole file shows every outcome at its own row"] = function()
  local child = H.cart()
  child.cmd("Fastest file")
  eq(H.wait_for_end(child).counts, { passed = 2, failed = 1, skipped = 1 })
  H.wait(child, ("vim.tbl_count(%s) == 6"):format(H.SIGNS))
  local function sign(text)
    return child.lua_get(H.SIGNS)[tostring(H.line_of(child, text))]
  end
  eq(sign("([1, 2], 3)"), "✓")
  eq(sign('id="wrong"'), "✗")
  eq(sign("def test_total"), "✗")
  eq(sign("def test_empty"), "✓")
  eq(sign("def test_skipped"), "↷")
  eq(sign("class TestCart"), "✓")
  local skipped = H.line_of(child, "def test_skipped")
  eq(child.lua_get(H.behind(skipped)):find("no cart today", 1, true) ~= nil, true)
end

T["failures are run again alone, and node ids with pytest's options"] = function()
  local child = H.cart()
  child.cmd("Fastest file")
  H.wait_for_end(child)
  child.cmd("Fastest failed")
  eq(H.wait_for_end(child, 2).counts, { passed = 0, failed = 1, skipped = 0 })
  child.cmd("Fastest run tests/test_cart.py::TestCart -k empty")
  eq(H.wait_for_end(child, 3).counts, { passed = 1, failed = 0, skipped = 0 })
end

T["failures of files that are not open are known too"] = function()
  local child = H.neovim(H.project({
    ["test_open.py"] = "def test_open():\n    pass\n",
    ["below/test_other.py"] = "def test_other():\n    assert False\n",
  }))
  H.open(child, "test_open.py")
  child.cmd("Fastest run")
  eq(H.wait_for_end(child).counts, { passed = 1, failed = 1, skipped = 0 })
  child.cmd("Fastest quickfix")
  eq(child.fn.getqflist()[1].text:find("below/test_other.py::test_other", 1, true), 1)
  child.cmd("Fastest summary")
  local summary = [[table.concat(vim.api.nvim_buf_get_lines(
    vim.fn.bufnr("fastest://summary"), 0, -1, false), "\n")]]
  H.wait(child, ("(%s):find('✗ test_other.py', 1, true) ~= nil"):format(summary))
  child.cmd("Fastest failed")
  eq(H.wait_for_end(child, 2).counts, { passed = 0, failed = 1, skipped = 0 })
end

T["a lens runs its test"] = function()
  local child = H.cart()
  local line = H.line_of(child, "def test_empty")
  H.wait(child, ("(%s)[%q] ~= nil"):format(H.LENSES, tostring(line)))
  child.lua([[vim.ui.select = function(items, options, choose)
    for index, item in ipairs(items) do
      if options.format_item(item):find("Run", 1, true) then
        return choose(item, index)
      end
    end
  end]])
  child.api.nvim_win_set_cursor(0, { line, 4 })
  child.lua("vim.lsp.codelens.run()")
  eq(H.wait_for_end(child).counts, { passed = 1, failed = 0, skipped = 0 })
end

T["results move with the tests"] = function()
  local child = H.cart()
  H.go_to(child, "def test_empty")
  child.cmd("Fastest nearest")
  H.wait_for_end(child)
  child.type_keys("ggO", "import os", "<CR>", "<Esc>")
  local line = tostring(H.line_of(child, "def test_empty"))
  H.wait(child, ("(%s)[%q] == '✓'"):format(H.SIGNS, line))
end

T["a run is cancelled, its fixtures are torn down, and nothing is left"] = function()
  local folder = H.project({
    ["test_long.py"] = table.concat({
      "import os, pathlib, time",
      "import pytest",
      "",
      "@pytest.fixture",
      "def marker():",
      "    yield",
      "    pathlib.Path('torn-down').touch()",
      "",
      "def test_long(marker):",
      "    pathlib.Path('started').write_text(str(os.getpid()))",
      "    time.sleep(600)",
      "",
    }, "\n"),
  })
  local child = H.neovim(folder)
  H.open(child, "test_long.py")
  child.cmd("Fastest file")
  H.wait(child, "vim.uv.fs_stat('started') ~= nil and #vim.fn.readfile('started') == 1")
  child.cmd("Fastest cancel")
  eq(H.wait_for_end(child).ended.outcome, "cancelled")
  eq(vim.uv.fs_stat(vim.fs.joinpath(folder, "torn-down")) ~= nil, true)
  local pid = tonumber(vim.fn.readfile(vim.fs.joinpath(folder, "started"))[1])
  local gone = vim.wait(H.PATIENCE_MS, function()
    return vim.uv.kill(pid, 0) ~= 0
  end, 50)
  eq(gone, true)
  eq(child.lua_get("require('fastest.session').results.by_item"), {})
end

T["affected tests run by themselves after an edit"] = function()
  local child = H.cart()
  child.cmd("Fastest watch edit")
  H.wait(child, "require('fastest.run').is_watching()")
  child.cmd("%s/return sum(prices)/return 7/")
  H.wait(
    child,
    [[(function()
    local run = require('fastest.session').results:last()
    return run ~= nil and run.ended ~= nil and run.counts.failed > 0
  end)()]]
  )
  eq(child.lua_get("require('fastest.session').results:last().origin"), "continuous")
  child.cmd("Fastest watch")
  eq(child.lua_get("require('fastest.run').is_watching()"), false)
end

T["a server that dies takes its items and ends its runs, and a new one takes over"] = function()
  local child = H.cart()
  child.lua("vim.lsp.get_clients({ name = 'fastest' })[1].rpc.terminate()")
  H.wait(child, "#require('fastest.session').tree:children() == 0")
  child.cmd("edit!")
  H.open(child, "tests/test_cart.py")
  child.cmd("Fastest file")
  eq(H.wait_for_end(child).counts.passed, 2)
end

T["the nearest folder with a configuration is the project"] = function()
  local child = H.neovim(H.project({
    ["inner/pyproject.toml"] = "[tool.pytest.ini_options]\n",
    ["inner/tests/test_a.py"] = "def test_a():\n    pass\n",
  }))
  H.open(child, "inner/tests/test_a.py")
  eq(
    child.lua_get("vim.lsp.get_clients({ name = 'fastest' })[1].root_dir"),
    vim.fs.joinpath(child.fn.getcwd(), "inner")
  )
end

T["without setup, vim.lsp.enable is enough"] = function()
  if not vim.lsp.enable then
    MiniTest.skip("vim.lsp.enable is of Neovim 0.11")
  end
  local folder = H.project({ ["test_a.py"] = "def test_a():\n    pass\n" })
  local child = MiniTest.new_child_neovim()
  child.start({ "-u", vim.fs.joinpath(vim.g.fastest_tests, "init.lua"), "--cmd", "cd " .. folder })
  MiniTest.finally(function()
    H.stop(child)
  end)
  child.lua("vim.lsp.config('fastest', { cmd = { ... } })", { H.binary })
  child.lua("vim.lsp.enable('fastest')")
  H.open(child, "test_a.py")
  child.cmd("Fastest file")
  eq(H.wait_for_end(child).counts.passed, 1)
end

return T
