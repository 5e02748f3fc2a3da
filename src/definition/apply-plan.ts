/**
 * What is to be done so that the segments are as the files say, in words. Pure: what is there is handed in. Files are validated
 * all together, for they may read each other.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Issue } from '../condition/issue.ts';
import { differenceLines, differenceOf } from '../segment/edit-difference.ts';
import { readsOf } from '../segment/reference.ts';
import { WHOLE_LOG } from '../segment/log-reach.ts';
import { versionIssues, type Surroundings } from '../segment/version-issues.ts';
import type { SegmentChange } from '../segment/edit-segment.ts';
import type { Segment } from '../segment/read-segment.ts';
import { definitionOf, type Definition } from './definition.ts';
import { inFile, type DefinitionFile } from './definition-folder.ts';

export interface Step {
  readonly key: string;
  readonly action: 'create' | 'edit' | 'delete';
  /** Path below the folder; null for what is deleted because no file has it. */
  readonly file: string | null;
  /** One line a change. */
  readonly changes: readonly string[];
}

export interface PlannedStep extends Step {
  readonly definition?: Definition;
  readonly change?: SegmentChange;
  readonly state?: 'live' | 'paused' | 'archived';
}

/** Every mistake of every file that Postgres is not needed for. */
export function issuesOf(
  catalogue: Catalogue,
  files: readonly DefinitionFile[],
  current: readonly Segment[],
  prune: boolean,
  { zones, log }: Pick<Surroundings, 'zones' | 'log'>,
): readonly Issue[] {
  const wanted = new Map(files.map(({ definition }) => [definition.key, definition.condition]));
  const kept = prune ? [] : current.filter(({ key }) => !wanted.has(key));
  const graph = new Map([
    ...kept.map(({ key, condition }) => [key, readsOf(condition)] as const),
    ...[...wanted].map(([key, condition]) => [key, readsOf(condition)] as const),
  ]);
  // A refused segment without a file reads nothing, so no file has to keep what it names.
  const refused = new Set(
    kept.filter(({ state, liveVersion }) => state === 'invalid' && liveVersion === null).map(({ key }) => key),
  );
  const bound = new Map([...graph].filter(([key]) => !refused.has(key)));
  const before = new Map(current.map((segment) => [segment.key, segment]));
  return files.flatMap(({ file, definition }) => {
    const { key, condition, timezone, kind } = definition;
    const issues: Issue[] = [];
    const known = before.get(key);
    if (kind === 'snapshot') issues.push(...snapshotIssues(definition, known));
    const candidate = { key, condition: condition ?? undefined, timezone };
    // What is stored already is kept as it is, however long events are to be kept from now on.
    const stored = known !== undefined && isDeepStrictEqual(condition, known.condition);
    const around = { catalogue, reads: graph, bound, zones, log: stored ? WHOLE_LOG : log };
    issues.push(...versionIssues(candidate, around).map(inDefinition));
    return issues.map((issue) => inFile(file, issue));
  });
}

/** What a snapshot is made of is said once, when it is made. */
function snapshotIssues({ key, condition, timezone }: Definition, known: Segment | undefined): Issue[] {
  const issue = (pointer: string, message: string): Issue => ({ code: 'wrong-field', pointer, message });
  if (!known) return condition === null ? [issue('/condition', 'a snapshot is made of a condition')] : [];
  if (known.kind !== 'snapshot')
    return condition === null
      ? []
      : [issue('/condition', `${key} becomes a snapshot of the members that it has: leave out the condition`)];
  const same = condition === null || isDeepStrictEqual(condition, known.condition);
  return [
    ...(same ? [] : [issue('/condition', `${key} is a snapshot, and is not made again`)]),
    ...(timezone === known.timezone
      ? []
      : [issue('/timezone', `${key} is a snapshot: its zone has no meaning any more`)]),
  ];
}

/** The pointer of an issue leads into the condition; a file holds the condition and the time zone apart. */
function inDefinition(issue: Issue): Issue {
  return {
    ...issue,
    pointer: issue.code === 'unknown-timezone' && issue.pointer === '' ? '/timezone' : `/condition${issue.pointer}`,
  };
}

/** Creates and edits in the order of the files, then what no file has. */
export function planSteps(
  catalogue: Catalogue,
  files: readonly DefinitionFile[],
  current: readonly Segment[],
  prune: boolean,
): readonly PlannedStep[] {
  const before = new Map(current.map((segment) => [segment.key, segment]));
  const steps = files.flatMap(({ file, definition }): PlannedStep[] => {
    const known = before.get(definition.key);
    if (!known)
      return [{ key: definition.key, action: 'create', file, changes: created(catalogue, definition), definition }];
    const step = edited(catalogue, definition, known);
    return step.changes.length === 0 ? [] : [{ key: definition.key, action: 'edit', file, ...step }];
  });
  return prune
    ? [
        ...steps,
        ...withoutFile(files, current).map(({ key }): PlannedStep => ({
          key,
          action: 'delete',
          file: null,
          changes: [],
        })),
      ]
    : steps;
}

export function withoutFile(files: readonly DefinitionFile[], current: readonly Segment[]): readonly Segment[] {
  const keys = new Set(files.map(({ definition }) => definition.key));
  return current.filter(({ key }) => !keys.has(key));
}

function created(catalogue: Catalogue, { name, key, kind, condition, timezone, state }: Definition): readonly string[] {
  return [
    ...(name === key ? [] : [`name: ${JSON.stringify(name)}`]),
    ...(kind === 'dynamic' ? [] : [`kind: ${kind}`]),
    ...differenceLines(differenceOf(catalogue, { condition: null, timezone: null }, { condition, timezone })),
    ...(state === undefined || state === 'live' ? [] : [`state: ${state}`]),
  ];
}

function edited(
  catalogue: Catalogue,
  wanted: Definition,
  segment: Segment,
): Pick<PlannedStep, 'changes' | 'change' | 'state'> {
  const now = definitionOf(segment);
  const differs = (field: 'name' | 'description' | 'kind' | 'timezone' | 'tags' | 'condition'): boolean =>
    !isDeepStrictEqual(wanted[field], now[field]);
  const said = (value: string | null): string => (value === null ? 'none' : JSON.stringify(value));
  const change: SegmentChange = {
    ...(differs('name') ? { name: wanted.name } : {}),
    ...(differs('description') ? { description: wanted.description ?? '' } : {}),
    ...(differs('kind') ? { kind: wanted.kind } : {}),
    ...(differs('timezone') ? { timezone: wanted.timezone ?? '' } : {}),
    ...(differs('tags') ? { tags: wanted.tags } : {}),
    ...(wanted.kind === 'dynamic' && (differs('condition') || differs('kind')) && wanted.condition !== null
      ? { condition: wanted.condition }
      : {}),
  };
  const state = wanted.state !== undefined && wanted.state !== (now.state ?? 'live') ? wanted.state : undefined;
  const meaning = change.condition !== undefined || change.timezone !== undefined;
  return {
    changes: [
      ...(['name', 'description'] as const)
        .filter(differs)
        .map((field) => `${field}: ${said(now[field])} → ${said(wanted[field])}`),
      ...(differs('kind') ? [`kind: ${now.kind} → ${wanted.kind}`] : []),
      ...(differs('tags') ? [`tags: ${now.tags.join(', ') || 'none'} → ${wanted.tags.join(', ') || 'none'}`] : []),
      ...(meaning ? words(catalogue, now, wanted) : []),
      ...(state === undefined ? [] : [`state: ${now.state ?? 'live'} → ${state}`]),
    ],
    ...(Object.keys(change).length === 0 ? {} : { change }),
    ...(state === undefined ? {} : { state }),
  };
}

/** A zone that is named and was the default before changes nothing in words, but is a change. */
function words(catalogue: Catalogue, before: Definition, after: Definition): readonly string[] {
  const lines = differenceLines(differenceOf(catalogue, before, after));
  return lines.length > 0 ? lines : [`timezone: ${before.timezone ?? 'default'} → ${after.timezone ?? 'default'}`];
}
