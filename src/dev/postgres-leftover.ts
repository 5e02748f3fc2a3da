/**
 * What an earlier run left in a data directory: a Postgres whose parent was killed, or a lock file of a dead one.
 * Only ever ends a process that it recognised as a Postgres of this very directory.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { codeOf, Failure } from '../base/error.ts';

const run = promisify(execFile);

/** A zombie counts as dead: in a container no process may ever collect it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** Resolves when the process has ended, `false` after `milliseconds`. */
export async function hasEnded(pid: number, milliseconds: number): Promise<boolean> {
  for (const end = Date.now() + milliseconds; isAlive(pid); await delay(20)) {
    if (Date.now() > end) return false;
  }
  return true;
}

/** Distinguishes two processes with the same pid: start time where the system shows it. */
export async function identity(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') {
      // Field 22 of stat; the second field is the program's name in brackets and may hold spaces.
      const text = await readFile(`/proc/${pid}/stat`, 'utf8');
      return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    }
    return (await run('ps', ['-o', 'lstart=', '-p', String(pid)])).stdout.trim();
  } catch {
    return '';
  }
}

async function commandLine(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
  } catch {
    return '';
  }
}

export interface LockFile {
  readonly pid: number;
  readonly ready: boolean;
}

/** What the lock file of a server says that answers; a hot standby is one that only reads. */
const READY: ReadonlySet<string> = new Set(['ready', 'standby']);

/** `postmaster.pid`: pid in line 1, state in line 8. `undefined` when there is none. */
export async function readLockFile(data: string): Promise<LockFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(data, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined;
  }
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, ready: READY.has(lines[7]?.trim() ?? '') } : undefined;
}

/** Stops a Postgres that still runs on `data` (its parent has ended) and removes a lock file that no process holds. */
export async function clearLeftover(data: string, log: (line: string) => void): Promise<void> {
  const lock = await readLockFile(data);
  if (!lock) return;
  if (isAlive(lock.pid) && (await commandLine(lock.pid)).includes(data)) {
    log(`stopping a Postgres that an earlier run left behind (pid ${lock.pid})`);
    for (const [signal, patience] of [
      ['SIGINT', 10_000],
      ['SIGQUIT', 10_000],
      ['SIGKILL', 10_000],
    ] as const) {
      if (!isAlive(lock.pid)) break;
      process.kill(lock.pid, signal);
      if (await hasEnded(lock.pid, patience)) return;
    }
    if (isAlive(lock.pid))
      throw new Failure('failed', `A Postgres left behind by an earlier run (pid ${lock.pid}) does not stop.`);
    return;
  }
  // The pid is dead or was given to another program (normal in containers): Postgres itself would refuse to start.
  await rm(join(data, 'postmaster.pid'), { force: true });
}

/** One owner a directory: a second start beside a live one is refused, one after kill -9 is not. */
export async function claim(file: string): Promise<void> {
  const mine = `${process.pid}\n${await identity(process.pid)}`;
  // Made only if it is not there: of two starts at the same moment one wins.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(file, mine, { flag: 'wx' });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const [pid = '', since = ''] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
      const owner = Number(pid);
      if (owner > 0 && isAlive(owner) && (await identity(owner)) === since) {
        throw new Failure(
          'conflict',
          `Another segmentd (pid ${owner}) already runs its Postgres in this folder; stop it or start in another folder.`,
        );
      }
      await rm(file, { force: true });
      continue;
    }
    if ((await readFile(file, 'utf8').catch(() => '')) === mine) return;
  }
  throw new Failure('conflict', 'Another segmentd starts its Postgres in this folder at this moment; try again.');
}
