// Codes of one part of the house, for the table in ../errors.ts: runs, their journals and what they left.
import { ExitCode } from '../exit-code.js';

export const runErrors = {
  RUN_UNKNOWN: {
    exit: ExitCode.usage,
    message: (id: string, folder: string) => `There is no run ${id} in ${folder}`,
    hint: 'buildimg runs lists them.',
  },
  RUN_IS_ALIVE: {
    exit: ExitCode.usage,
    message: (id: string, pid: number) => `Run ${id} is being worked on by process ${pid}`,
    hint: 'Wait for it, or end it first: it cleans up after itself.',
  },
  RUN_OWNER_UNKNOWN: {
    exit: ExitCode.usage,
    message: (id: string, owner: string, lock: string) =>
      `Run ${id} belongs to ${owner}, and from here it cannot be told whether that goes on (lock: ${lock})`,
    hint: 'Look where it was started: another container, another host that shares this state folder. When it has ended for certain: --assume-dead.',
  },
  JOURNAL_DAMAGED: {
    exit: ExitCode.usage,
    message: (id: string, damage: string) => `Run ${id} cannot be gone on with: ${damage}`,
    hint: (id: string) =>
      `See what can be read with buildimg report ${id}, clean up with buildimg reap ${id}, then build anew.`,
  },
  JOURNAL_PLACE_UNKNOWN: {
    exit: ExitCode.usage,
    message: (id: string, folder: string) =>
      `Where run ${id} worked cannot be read: the first line of ${folder}/journal.jsonl is damaged`,
    hint: 'Say it with --region, and with --sandbox if it was in the sandbox.',
  },
  RUN_IS_OVER: {
    exit: ExitCode.usage,
    message: (id: string, state: string) => `Run ${id} is over: ${state}`,
    hint: 'Build anew with buildimg build.',
  },
  RUN_CHANGED: {
    exit: ExitCode.usage,
    message: (id: string, before: string, now: string) =>
      `The inputs of run ${id} have changed since: it was to make ${before}, they make ${now} now`,
    hint: 'Remove what it made with buildimg reap, then build anew.',
  },
  RUN_OTHER_ACCOUNT: {
    exit: ExitCode.missing,
    message: (id: string, account: string, actual: string) =>
      `Run ${id} worked in account ${account}; these credentials are of ${actual}`,
    hint: 'Use credentials of that account: nothing is looked for, or removed, in another.',
  },
  RESOURCES_LEFT_BEHIND: {
    exit: ExitCode.leftBehind,
    message: (list: string, commands: string) =>
      `These could not be removed and go on costing money:\n${list}\nRemove them with:\n${commands}`,
  },
  STATE_FOLDER_UNWRITABLE: {
    exit: ExitCode.missing,
    message: (folder: string, reason: string) => `The state folder ${folder} cannot be written: ${reason}`,
    hint: 'Set XDG_STATE_HOME to a folder that can be written.',
  },
  FOLDER_NOT_OURS: {
    exit: ExitCode.missing,
    message: (folder: string, problem: string) => `${folder} is not for this user alone: ${problem}`,
    hint: 'It holds keys and journals, and nothing in it is believed. Remove it, or set XDG_STATE_HOME or XDG_CACHE_HOME to a folder of your own.',
  },
} as const;
