/**
 * What a person edits: a segment as it would be saved. Pure. Invariant: `changedParts` names exactly what differs from the segment as it
 * was read, so that a save writes nothing that another person changed meanwhile.
 */
import { builderJson } from './builder-json.ts';
import type { Row } from './builder-node.ts';
import { builderTree, type NextId } from './builder-tree.ts';

export type SegmentKind = 'dynamic' | 'static' | 'snapshot';

/** A segment of the API, as far as it can be edited. */
export interface EditedSegment {
  readonly key: string;
  readonly kind: SegmentKind;
  readonly name: string | null;
  readonly description: string | null;
  readonly timezone: string | null;
  readonly tags: string[];
  readonly condition?: unknown;
}

export interface SegmentDraft {
  readonly kind: SegmentKind;
  /** Only a new segment's can be chosen. */
  readonly key: string;
  /** Whether the key was typed; until then the name proposes it. */
  readonly ownKey: boolean;
  readonly name: string;
  readonly description: string;
  /** '': the catalogue's. */
  readonly timezone: string;
  readonly tags: readonly string[];
  /** The segment that a snapshot is taken of; '': of the condition. */
  readonly of: string;
  readonly tree: Row;
}

export function newDraft(nextId: NextId): SegmentDraft {
  return {
    kind: 'dynamic',
    key: '',
    ownKey: false,
    name: '',
    description: '',
    timezone: '',
    tags: [],
    of: '',
    tree: builderTree({ and: [] }, nextId),
  };
}

export function draftOf(segment: EditedSegment, nextId: NextId): SegmentDraft {
  return {
    kind: segment.kind,
    key: segment.key,
    ownKey: true,
    name: segment.name ?? '',
    description: segment.description ?? '',
    timezone: segment.timezone ?? '',
    tags: segment.tags,
    of: '',
    tree: builderTree(hasCondition(segment) ? segment.condition : { and: [] }, nextId),
  };
}

function hasCondition({ condition }: EditedSegment): boolean {
  return condition !== null && condition !== undefined;
}

/** Whether members follow a condition, or were taken by one. */
export function needsCondition({ kind, of }: SegmentDraft): boolean {
  return kind === 'dynamic' || (kind === 'snapshot' && of === '');
}

/** A key that fits the rules, made of a name: `Loyal, Iberia` is `loyal_iberia`. */
export function proposedKey(name: string): string {
  const plain = name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return plain.slice(0, 60).replace(/_+$/, '');
}

export function keyOf({ key, ownKey, name }: SegmentDraft): string {
  return ownKey ? key : proposedKey(name);
}

/** The parts of a segment that an edit can change. */
export interface SegmentParts {
  readonly name: string | null;
  readonly description: string | null;
  readonly timezone: string | null;
  readonly tags: string[];
  readonly kind: SegmentKind;
  readonly condition: unknown;
}

export type PartName = keyof SegmentParts;

export function partsOfDraft(draft: SegmentDraft): SegmentParts {
  return {
    name: draft.name.trim() === '' ? null : draft.name.trim(),
    description: draft.description.trim() === '' ? null : draft.description.trim(),
    timezone: draft.timezone === '' ? null : draft.timezone,
    tags: [...draft.tags],
    kind: draft.kind,
    condition: draft.kind === 'dynamic' ? builderJson(draft.tree) : null,
  };
}

export function partsOfSegment(segment: EditedSegment): SegmentParts {
  const { name, description, timezone, tags, kind } = segment;
  return { name, description, timezone, tags, kind, condition: kind === 'dynamic' ? segment.condition : null };
}

/** The parts of `after` that are not as in `before`. A condition counts only where one is followed. */
export function changedParts(before: SegmentParts, after: SegmentParts): Partial<SegmentParts> {
  const changed = (Object.keys(after) as PartName[]).filter(
    (name) =>
      JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null) &&
      !(name === 'condition' && after.kind !== 'dynamic'),
  );
  return Object.fromEntries(changed.map((name) => [name, after[name]]));
}

/** What a draft says, for telling whether it was changed; rows' ids are no part of it. */
export function draftText(draft: SegmentDraft): string {
  const { tree, ownKey: _, ...rest } = draft;
  return JSON.stringify([{ ...rest, key: keyOf(draft) }, builderJson(tree)]);
}
