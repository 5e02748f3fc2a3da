/**
 * A segment as a file says it: the whole truth about key, name, condition, zone and tags; about the state only where it
 * says so. Reading a file's value gives a definition or every mistake. Pure.
 */
import { didYouMean } from '../base/suggest.ts';
import type { Issue } from '../condition/issue.ts';
import { keyHint } from '../segment/create-segment.ts';
import type { Segment } from '../segment/read-segment.ts';
import type { SegmentKind } from '../lifecycle/state.ts';

export type FileState = 'live' | 'paused' | 'archived';

export interface Definition {
  readonly key: string;
  /** The key where none is given. */
  readonly name: string;
  readonly description: string | null;
  readonly kind: SegmentKind;
  readonly timezone: string | null;
  readonly tags: readonly string[];
  /** JsonLogic; null for a static segment. */
  readonly condition: unknown;
  /** Absent: whatever it is. */
  readonly state?: FileState;
  /** Of the segment when `pull` wrote the file; absent: unknown. */
  readonly version?: number;
}

const FIELDS = ['key', 'name', 'description', 'kind', 'timezone', 'tags', 'state', 'version', 'condition'] as const;
const KINDS = ['dynamic', 'static', 'snapshot'] as const;
const STATES = ['live', 'paused', 'archived'] as const;

export type Read = { readonly definition: Definition } | { readonly issues: readonly Issue[] };

/** @param value what the file's YAML or JSON says. @param fallback the key where the file names none */
export function readDefinition(value: unknown, fallback: string): Read {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      issues: [{ code: 'not-a-segment', pointer: '', message: 'a file holds one segment: a mapping with a condition' }],
    };
  }
  const given = new Map(Object.entries(value));
  const issues: Issue[] = [];
  const refuse = (name: string, message: string, hint?: string): undefined => {
    issues.push({
      code: 'wrong-field',
      pointer: `/${name}`,
      message: `${name} ${message}`,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  const text = (name: string): string | undefined => {
    const found: unknown = given.get(name) ?? undefined;
    if (found === undefined) return undefined;
    if (typeof found !== 'string') return refuse(name, 'must be text', 'put it in quotes');
    return /\0|\p{Surrogate}/u.test(found) ? refuse(name, 'holds a character that Postgres cannot store') : found;
  };
  const oneOf = <T extends string>(name: string, allowed: readonly T[]): T | undefined => {
    const found = text(name);
    const known = allowed.find((one) => one === found);
    return found !== undefined && known === undefined
      ? refuse(name, `must be one of ${allowed.join(', ')}`, didYouMean(found, allowed))
      : known;
  };
  for (const name of given.keys()) {
    if (!FIELDS.some((known) => known === name)) refuse(name, 'is not known here', didYouMean(name, FIELDS));
  }
  const key = text('key') ?? fallback;
  const hint = keyHint(key);
  if (hint !== undefined)
    issues.push({
      code: 'wrong-key',
      pointer: '/key',
      message: `${JSON.stringify(key)} cannot be a segment's key`,
      hint,
    });
  const kind = oneOf('kind', KINDS) ?? 'dynamic';
  const condition = given.get('condition') ?? null;
  // A snapshot may have been made of a segment that had another life before.
  if (kind === 'static' ? condition !== null : kind === 'dynamic' && condition === null) {
    issues.push({
      code: 'wrong-field',
      pointer: '/condition',
      message: kind === 'static' ? 'a static segment has no condition' : `a ${kind} segment needs a condition`,
    });
  }
  const state = oneOf('state', STATES);
  const version = versionOf(given.get('version'), refuse);
  const definition = {
    key,
    name: text('name') || key,
    description: text('description') || null,
    kind,
    timezone: text('timezone') || null,
    tags: tagsOf(given.get('tags'), refuse),
    condition,
    ...(state === undefined ? {} : { state }),
    ...(version === undefined ? {} : { version }),
  };
  return issues.length > 0 ? { issues } : { definition };
}

function versionOf(found: unknown, refuse: (name: string, message: string) => undefined): number | undefined {
  if (found === undefined || found === null) return undefined;
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0
    ? found
    : refuse('version', 'must be a whole number above 0; pull writes it');
}

function tagsOf(found: unknown, refuse: (name: string, message: string) => undefined): readonly string[] {
  if (found === undefined || found === null) return [];
  const tags: readonly unknown[] = Array.isArray(found) ? found : [null];
  if (tags.every((tag): tag is string => typeof tag === 'string' && !/\0|\p{Surrogate}/u.test(tag))) return tags;
  refuse('tags', 'must be a list of texts');
  return [];
}

/** The current segment as a file would say it; `live` is said by saying nothing. */
export function definitionOf(segment: Segment): Definition {
  const { key, name, description, kind, timezone, tags, condition, wantedState, version } = segment;
  const state = wantedState === 'paused' || wantedState === 'archived' ? { state: wantedState } : {};
  return {
    key,
    name: name || key,
    description: description || null,
    kind,
    timezone: timezone || null,
    tags,
    condition,
    ...state,
    version,
  };
}
