/** Exit codes of the command line; README.md has the table for users. */
export const ExitCode = {
  done: 0,
  bug: 1,
  usage: 2,
  missing: 3,
  buildFailed: 4,
  findings: 5,
  leftBehind: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
