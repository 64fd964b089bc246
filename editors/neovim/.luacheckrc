std = "luajit"
globals = { "vim" }
read_globals = { "MiniTest" }
max_line_length = 100
self = false
