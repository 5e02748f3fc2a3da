/**
 * The log: JSON lines for machines, short lines for a terminal; always on stderr, because stdout is data. It holds ids,
 * counts and SQLSTATEs, and never a value of the team's rows, so errors are reduced to the parts that hold none.
 */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { Failure } from './error.ts';
import type { LogLevel } from './option.ts';
import { withoutSecrets } from './secret.ts';
import { visible, visibleInJson } from './visible.ts';

/** The log as its callers use it; a pino logger fits. */
export type Log = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

export interface LogOptions {
  readonly level?: LogLevel;
  readonly stream?: Writable & { readonly isTTY?: boolean };
}

export function createLog(options: LogOptions = {}): Log {
  const stream = options.stream ?? process.stderr;
  const level = options.level ?? 'info';
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: safeError },
    },
    'isTTY' in stream && stream.isTTY ? shortLines(stream) : jsonLines(stream),
  );
}

/** The same log, with these fields in every line. */
export function withFields(log: Log, fields: object): Log {
  const write =
    (level: keyof Log) =>
    (first: unknown, ...rest: unknown[]): void => {
      const line: (...args: unknown[]) => void = log[level].bind(log);
      if (typeof first === 'object' && first !== null) line({ ...fields, ...first }, ...rest);
      else line(fields, first, ...rest);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** Logs nothing. The default of the library. */
export const silentLog: Log = pino({ level: 'silent' });

/**
 * Postgres puts values of rows into `detail`, `where` and some messages, so its errors keep only the code and names.
 */
function safeError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  if ('code' in error && 'severity' in error) {
    const { code, schema, table, column, constraint } = error as Error & Record<string, unknown>;
    return { type: error.name, code, schema, table, column, constraint };
  }
  // A sentence for people, which needs no stack.
  if (error instanceof Failure) return { type: error.name, code: error.code, message: error.message };
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...('code' in error ? { code: error.code } : {}),
  };
}

/** Each line passes the filters of all printed text: no password, and no character that moves a terminal's cursor. */
function lineByLine(stream: Writable, text: (line: string) => string): Writable {
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      stream.write(`${text(withoutSecrets(line.replace(/\n$/, '')))}\n`, done);
    },
  });
}

function jsonLines(stream: Writable): Writable {
  return lineByLine(stream, visibleInJson);
}

/** Fields that a terminal leaves out: number, host and version of the worker, which its reader started there. */
const OF_MACHINES: ReadonlySet<string> = new Set(['worker', 'version', 'database']);

function shortLines(stream: Writable): Writable {
  return lineByLine(stream, (line) => {
    const { time, level, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const error =
      typeof err === 'object' && err !== null ? Object.entries(err).filter(([name]) => name !== 'stack') : [];
    const facts = [...Object.entries(rest), ...error]
      .filter(([name, value]) => value !== undefined && !OF_MACHINES.has(name))
      .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
    return visible(
      `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${typeof msg === 'string' ? msg : ''}${facts.join('')}`,
    );
  });
}

const QUIET_MS = 10_000;

/**
 * Limits log lines for an error that repeats many times a second. Returns how many errors were not logged since the
 * last line, or undefined when the last line is younger than 10 s: then log nothing.
 */
export function createRepeats(): (what: string) => number | undefined {
  const said = new Map<string, { at: number; unsaid: number }>();
  return (what) => {
    const now = performance.now();
    const before = said.get(what);
    if (before && now - before.at < QUIET_MS) {
      before.unsaid += 1;
      return undefined;
    }
    if (said.size > 100) said.clear();
    said.set(what, { at: now, unsaid: 0 });
    return before?.unsaid ?? 0;
  };
}
