/** Why a segment needs a person, in one sentence, with the command that helps. Pure. */
import { movementText, type Movement } from '../lifecycle/guard.ts';

export const NEED_CODES = ['held', 'invalid', 'failed', 'stale', 'late'] as const;
export type NeedCode = (typeof NEED_CODES)[number];

/** What a person must do before the segment is as it should be. */
export interface SegmentNeed {
  readonly code: NeedCode;
  readonly sentence: string;
  /** A command of the command line; null where a person must decide what to change. */
  readonly command: string | null;
}

/** What is known of a segment that needs a person. */
export interface Needing {
  readonly key: string;
  readonly code: NeedCode;
  readonly version: number;
  readonly liveVersion: number | null;
  /** `segment.error`. */
  readonly error: unknown;
  /** Keys of the segments that it reads and that stand still. */
  readonly stale: readonly string[];
  /** Milliseconds by which windows are behind changes; null when that is not known. */
  readonly lateBy: number | null;
}

export function needOf(needing: Needing): SegmentNeed {
  const { code } = needing;
  return { code, ...SENTENCES[code](needing) };
}

type Said = Omit<SegmentNeed, 'code'>;

const SENTENCES = {
  held: ({ key, version, error }) => ({
    sentence: `Version ${version} waits for a confirmation: ${movementOf(error)}.`,
    command: `segmentd edit ${key} --yes`,
  }),
  invalid: ({ version, liveVersion, error }) => ({
    sentence: `Version ${version} does not fit: ${storedSentence(error)}${kept(liveVersion)}`,
    command: null,
  }),
  failed: ({ key, liveVersion, error }) => ({
    sentence: `Postgres cannot evaluate the condition: ${storedSentence(error)}${kept(liveVersion)}`,
    command: `segmentd rebuild ${key}`,
  }),
  stale: ({ stale }) => ({
    sentence: `It reads ${listed(stale)}, whose members stand still.`,
    command: stale[0] === undefined ? null : `segmentd resume ${stale[0]}`,
  }),
  late: ({ lateBy }) => ({
    sentence: `Contacts enter and leave by time ${lateBy === null ? 'late' : `${seconds(lateBy)} late`}: a field of its windows has no usable index.`,
    command: 'segmentd install --indexes',
  }),
} as const satisfies Record<NeedCode, (needing: Needing) => Said>;

function kept(liveVersion: number | null): string {
  return liveVersion === null ? ' It has no members yet.' : ` The members of version ${liveVersion} are kept.`;
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1_000)).toLocaleString('en-US')} s`;
}

function listed(keys: readonly string[]): string {
  const [first = 'a segment', ...more] = keys;
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

function movementOf(error: unknown): string {
  return isMovement(error) ? movementText(error) : 'it moves many members';
}

function isMovement(error: unknown): error is Movement {
  return (
    typeof error === 'object' &&
    error !== null &&
    ['entering', 'leaving', 'members'].every((name) => typeof Reflect.get(error, name) === 'number')
  );
}

/** The error of a segment as the worker stored it: the first issue, or its message. */
export function storedSentence(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'the reason is not known.';
  const { issues, message } = error as { readonly issues?: unknown; readonly message?: unknown };
  const [first, ...more]: readonly unknown[] = Array.isArray(issues) ? issues : [];
  const said = textOf(first, 'message') ?? (typeof message === 'string' ? message : undefined);
  if (said === undefined) return 'the reason is not known.';
  const hint = textOf(first, 'hint');
  const whole = hint === undefined ? said : `${said.replace(/\.$/, '')}: ${hint}`;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  // A hint may be a question, which ends by itself.
  return others === '' && whole.endsWith('?') ? whole : `${whole.replace(/\.$/, '')}${others}.`;
}

function textOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : undefined;
}
