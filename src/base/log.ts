/**
 * The log: JSON lines for machines, short lines for a terminal; always on stderr, because stdout is data. It holds ids,
 * counts and SQLSTATEs, and never a value of the team's rows, so errors are reduced to the parts that hold none.
 */
import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import type * as Pino from 'pino';
import { Failure } from './error.ts';
import type { LogLevel } from './option.ts';
import { withoutSecrets } from './secret.ts';
import { visible, visibleInJson } from './visible.ts';

/** A line: fields with or without a message, or a message alone. */
export interface LogMethod {
  (fields: object, message?: string): void;
  (message: string): void;
}

/** The log as its callers use it; a pino logger fits, and `console`. */
export interface Log {
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

export interface LogOptions {
  readonly level?: LogLevel;
  readonly stream?: Writable & { readonly isTTY?: boolean };
}

/** From the one that says most. */
const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies readonly LogLevel[];

const require = createRequire(import.meta.url);

/** pino is loaded at the first line: it takes 40 ms of CPU, and most verbs log nothing. */
export function createLog(options: LogOptions = {}): Log {
  const level = options.level ?? 'info';
  let opened: Pino.Logger | undefined;
  const at = (one: keyof Log): LogMethod => {
    if (LEVELS.indexOf(one) < LEVELS.indexOf(level)) return () => {};
    return (first: object | string, message?: string): void => {
      opened ??= openPino(level, options.stream ?? process.stderr);
      if (typeof first === 'string') opened[one](first);
      else opened[one](first, message);
    };
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function openPino(level: LogLevel, stream: Writable & { readonly isTTY?: boolean }): Pino.Logger {
  const { pino } = require('pino') as typeof Pino;
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: safeError },
    },
    stream.isTTY === true ? shortLines(stream) : jsonLines(stream),
  );
}

/** The same log, with these fields in every line; a field of the line with such a name does not replace them. */
export function withFields(log: Log, fields: object): Log {
  const at =
    (level: keyof Log): LogMethod =>
    (first: object | string, message?: string): void => {
      if (typeof first === 'string') log[level](fields, first);
      // First, so that they lead the line, and last, so that they stay.
      else log[level]({ ...fields, ...(first instanceof Error ? { err: first } : first), ...fields }, message);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Logs nothing. The default of the library. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

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
function lineByLine(stream: Writable, text: (line: string) => string): Pino.DestinationStream {
  return { write: (line) => void stream.write(`${text(withoutSecrets(line.replace(/\n$/, '')))}\n`) };
}

function jsonLines(stream: Writable): Pino.DestinationStream {
  return lineByLine(stream, visibleInJson);
}

/** Who writes the line. A terminal shows each in the first line that has it, and where it changes. */
const OF_WRITER: ReadonlySet<string> = new Set(['worker', 'version', 'database']);

function shortLines(stream: Writable): Pino.DestinationStream {
  const shown = new Map<string, unknown>();
  const isNews = (name: string, value: unknown): boolean => {
    if (!OF_WRITER.has(name)) return true;
    const before = shown.get(name);
    shown.set(name, value);
    return before !== value;
  };
  return lineByLine(stream, (line) => {
    const { time, level, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const error =
      typeof err === 'object' && err !== null ? Object.entries(err).filter(([name]) => name !== 'stack') : [];
    const facts = [...Object.entries(rest), ...error]
      .filter(([name, value]) => value !== undefined && isNews(name, value))
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
