//! Which of the collected items a command line means: `-k`, `-m`, `--deselect`, node ids.
