/** The flags that say what a segment is, shared by `create` and `edit`. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { Failure } from '../base/error.ts';
import type { BuilderNote, ConditionSource, ExpectedOptions, SegmentChange } from '../index.ts';
import type { Session } from './verb-session.ts';
import { addWaitFlags, type WaitFlags } from './wait-flag.ts';

export interface SegmentFlags extends WaitFlags {
  readonly condition?: string;
  readonly name?: string;
  readonly description?: string;
  readonly timezone?: string;
  readonly tag?: readonly string[];
}

export function addSegmentFlags(command: Command): Command {
  command
    .option('--condition <file>', 'JsonLogic in a file, or - for stdin')
    .option('--name <text>', 'a name for people')
    .option('--description <text>', 'what it is for')
    .option('--timezone <zone>', "IANA name; default the catalogue's")
    .option('--tag <tag...>', 'tags, for searching, in place of those there are; --tag "" alone: none');
  return addWaitFlags(command, 'it is live');
}

/** For every verb that changes a segment. */
export function ifVersionOption(): Option {
  return new Option(
    '--if-version <version>',
    'only if this is the wanted version now, else say what came after it and change nothing',
  ).argParser(versionNumber);
}

export function expectedOf({ ifVersion }: { readonly ifVersion?: number }): ExpectedOptions {
  return ifVersion === undefined ? {} : { expectedVersion: ifVersion };
}

export function versionNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be the number of a version.');
  return Number(text);
}

/** Says on stderr how a condition was read, where it was written by a query builder. */
export async function printNotes(session: Session, notes: readonly BuilderNote[] = []): Promise<void> {
  for (const { pointer, message } of notes)
    await session.note(`${pointer === '' ? 'note' : `note ${pointer}`}: ${message}`);
}

/** A segment, or the condition of a file; says how the condition is read. @throws {Failure} `usage` unless one of both is given */
export async function sourceOf(
  session: Session,
  key: string | undefined,
  { condition: file, timezone }: Pick<SegmentFlags, 'condition' | 'timezone'>,
): Promise<ConditionSource> {
  if ((key === undefined) === (file === undefined))
    throw new Failure('usage', 'Give either the key of a segment or --condition FILE.');
  if (key !== undefined) return { key };
  const draft = { condition: await session.readJson(file ?? '-'), ...(timezone === undefined ? {} : { timezone }) };
  const { notes } = await session.segmentd().segments.readCondition(draft);
  await printNotes(session, notes);
  return draft;
}

export async function readSegmentFlags(session: Session, flags: SegmentFlags): Promise<SegmentChange> {
  const { condition, name, description, timezone, tag } = flags;
  return {
    ...(condition === undefined ? {} : { condition: await session.readJson(condition) }),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(timezone === undefined ? {} : { timezone }),
    ...(tag === undefined ? {} : { tags: tag.length === 1 && tag[0] === '' ? [] : tag }),
  };
}
