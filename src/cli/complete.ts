/**
 * What may stand at the cursor of a shell: verbs, flags, values of flags, keys of segments, fields, ids of schedules. The
 * scripts of completion-script.ts ask through the hidden verb `__complete`. Invariants: it prints candidates and nothing
 * else, ends within a second or so whether or not the database answers, and offers no text that a shell would run.
 */
import { PassThrough, Readable } from 'node:stream';
import type { Command, Option } from 'commander';
import { optionRows, LOG_LEVELS } from '../base/option.ts';
import { visible } from '../base/visible.ts';
import { stored, type StoredKind } from './complete-stored.ts';
import { FILES, FOLDERS } from './completion-script.ts';
import type { Io } from './io.ts';
import { Output } from './printed-output.ts';
import { createProgram, type Program } from './program.ts';
import { splitLine } from './split-line.ts';

const MOST = 1_000;
/** Signs that no shell treats in a way of its own. */
const PLAIN = /^[\p{L}\p{N}_.@:+/,=%-]+$/u;

export interface Candidate {
  readonly value: string;
  readonly says?: string;
}

type Kind = StoredKind | 'files' | 'folders' | 'durations' | 'zones' | readonly string[];

/** By the name of a flag's argument, or of a verb's. */
const KINDS: Readonly<Record<string, Kind>> = {
  file: 'files',
  path: 'files',
  folder: 'folders',
  key: 'segments',
  first: 'segments',
  second: 'segments',
  id: 'schedules',
  list: 'columns',
  tag: 'tags',
  level: LOG_LEVELS,
  place: ['now', 'start'],
  expression: ['@hourly', '@daily', '@weekly', '@monthly'],
  duration: 'durations',
  zone: 'zones',
};

/** Prints the candidates. Never rejects. @param argv the shell, then what its script passes */
export async function complete([shell = '', ...rest]: readonly string[], io: Io): Promise<0> {
  try {
    const breaks = shell === 'bash' ? (rest[0] ?? '') : '';
    const words = shell === 'bash' ? splitLine(rest[1] ?? '').slice(1) : rest;
    const found = await candidates(words, io);
    const lines =
      typeof found === 'string' ? [found] : found.map((one) => lineOf(one, words.at(-1) ?? '', shell, breaks));
    await new Output(io, false).document(lines.join('\n'));
  } catch {
    // The person at the shell asked for nothing.
  }
  return 0;
}

/** What the shell puts in the place of the word, or of the part of it that the shell replaces. */
function lineOf({ value, says = '' }: Candidate, current: string, shell: string, breaks: string): string {
  if (shell === 'bash') {
    // readline replaces what follows the last of its signs, such as = and : by default.
    const kept = Math.max(
      -1,
      ...[...breaks].filter((sign) => '=:'.includes(sign)).map((sign) => current.lastIndexOf(sign)),
    );
    return value.slice(kept + 1);
  }
  const shown = shell === 'zsh' && /^--[^=]*=/.test(current) ? value.slice(value.indexOf('=') + 1) : value;
  return says === '' ? shown : `${shown}\t${visible(says).slice(0, 70)}`;
}

/** The candidates for the last word. */
export async function candidates(
  words: readonly string[],
  io: Io,
): Promise<readonly Candidate[] | typeof FILES | typeof FOLDERS> {
  const current = words.at(-1) ?? '';
  const silent: Io = {
    ...io,
    stdin: Readable.from([]),
    stdout: new PassThrough().resume(),
    stderr: new PassThrough().resume(),
  };
  const program = createProgram([], silent, () => async () => {});
  const place = await placeOf(program, words.slice(0, -1));
  const [, flag, part = current] = /^(--[^=]+)=([^]*)$/.exec(current) ?? [];
  // A flag that takes several values ends where another flag begins.
  const awaited = place.awaits?.variadic && current.startsWith('-') ? undefined : place.awaits;
  const option = flag === undefined ? awaited : optionOf(program, place.command, flag);
  if (flag !== undefined && option === undefined) return [];
  const isFlag = option === undefined && current.startsWith('-');
  const kind = isFlag ? undefined : kindOf(option, place);
  if (kind === 'files') return FILES;
  if (kind === 'folders') return FOLDERS;
  const lead = flag === undefined ? '' : `${flag}=`;
  const isVerb = !isFlag && place.command.commands.length > 0;
  const found =
    kind === undefined
      ? isVerb
        ? verbsOf(place.command)
        : flagsOf(program, place)
      : (await valuesOf(kind, part, place.flags, silent)).filter(({ value }) => !value.startsWith('-'));
  return found
    .filter(({ value }) => value.startsWith(part) && PLAIN.test(value))
    .slice(0, MOST)
    .map(({ value, ...same }) => ({ value: lead + value, ...same }));
}

/** Where the cursor stands: behind which verb, arguments and flags. */
interface Place {
  readonly command: Command;
  readonly operands: readonly string[];
  readonly flags: Readonly<Record<string, string>>;
  readonly used: ReadonlySet<string>;
  /** The flag whose value stands at the cursor. */
  readonly awaits: Option | undefined;
}

async function placeOf(program: Program, before: readonly string[]): Promise<Place> {
  let command = program.root;
  const operands: string[] = [];
  const flags: Record<string, string> = {};
  const used = new Set<string>();
  let awaits: Option | undefined;
  for (const word of before) {
    if (word.startsWith('-') && word !== '-') {
      const [name = '', text] = word.split(/=(.*)/s);
      const option = optionOf(program, command, name);
      if (option) used.add(option.long ?? name);
      if (option && text !== undefined) flags[option.attributeName()] = text;
      awaits = text === undefined && (option?.required || option?.optional) ? option : undefined;
      continue;
    }
    if (awaits) {
      flags[awaits.attributeName()] = word;
      if (!awaits.variadic) awaits = undefined;
      continue;
    }
    const inner = command.commands.find((one) => one.name() === word);
    if (!inner) operands.push(word);
    else {
      await program.complete(inner);
      command = inner;
    }
  }
  return { command, operands, flags, used, awaits };
}

function optionOf({ root }: Program, command: Command, name: string): Option | undefined {
  const options = [...command.options, ...root.options];
  return options.find(({ long, short }) => long === name || short === name);
}

function kindOf(option: Option | undefined, { command, operands }: Place): Kind | undefined {
  if (option) return option.argChoices ?? KINDS[/[<[]([^\]>.]+)/.exec(option.flags)?.[1] ?? ''] ?? [];
  const args = command.registeredArguments;
  const last = args.at(-1);
  const argument = args[operands.length] ?? (last?.variadic ? last : undefined);
  if (!argument) return undefined;
  if (argument.name() === 'verb') return verbsOf(command.parent ?? command).map(({ value }) => value);
  return argument.argChoices ?? KINDS[argument.name()] ?? [];
}

async function valuesOf(
  kind: Exclude<Kind, 'files' | 'folders'>,
  part: string,
  flags: Readonly<Record<string, string>>,
  io: Io,
): Promise<readonly Candidate[]> {
  if (typeof kind !== 'string') return kind.map((value) => ({ value }));
  if (kind === 'zones') return Intl.supportedValuesOf('timeZone').map((value) => ({ value }));
  if (kind === 'durations')
    return ['s', 'm', 'h', 'ms'].map((unit) => ({ value: `${/^\d+$/.test(part) ? part : 30}${unit}` }));
  return stored(kind, part, flags, io).catch(() => []);
}

function verbsOf(command: Command): readonly Candidate[] {
  return command.commands.map((one) => ({ value: one.name(), says: one.description() }));
}

/** A verb's own flags first, then those of every verb; one that stands there already only where it may come again. */
function flagsOf({ root }: Program, { command, used }: Place): readonly Candidate[] {
  const verb = command.name();
  const settings = optionRows().filter(({ verbs }) => verbs === undefined || verbs.includes(verb));
  const shared = root.options.filter(
    (option) => option.long === '--json' || settings.some(({ name }) => name === option.attributeName()),
  );
  return [...(command === root ? [] : command.options), ...shared]
    .filter(({ hidden, long, variadic }) => !hidden && long && (variadic || !used.has(long)))
    .map(({ long, description }) => ({ value: long ?? '', says: description }))
    .concat(used.has('--help') ? [] : [{ value: '--help', says: 'explain the verb' }]);
}
