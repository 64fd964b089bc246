if vim.g.loaded_fastest then
  return
end
vim.g.loaded_fastest = true

vim.api.nvim_create_user_command("Fastest", function(call)
  require("fastest.command").execute(call.fargs)
end, {
  nargs = "*",
  desc = "Run, debug and show tests",
  complete = function(lead, line)
    return require("fastest.command").complete(lead, line)
  end,
})

-- Coverage is shown whatever has started the run.
local group = vim.api.nvim_create_augroup("fastest.plugin", { clear = true })
for event, name in pairs({ FastestRunStarted = "run_started", FastestRunEnded = "run_ended" }) do
  vim.api.nvim_create_autocmd("User", {
    group = group,
    pattern = event,
    callback = function(told)
      if told.data then
        require("fastest.view.coverage")[name](told.data.runId)
      end
    end,
  })
end
