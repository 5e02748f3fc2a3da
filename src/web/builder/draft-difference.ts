/** What differs between a segment and a draft of it, in words. Pure. */
import { checkDraft } from './draft-check.ts';
import { builderTree, rowIds } from './builder-tree.ts';
import type { Vocabulary } from './builder-vocabulary.ts';
import { changedParts, type PartName, type SegmentParts } from './segment-draft.ts';

export interface Difference {
  readonly part: PartName;
  readonly name: string;
  /** Null: there was none. */
  readonly before: string | null;
  readonly after: string | null;
}

const PART_WORDS: Readonly<Record<PartName, string>> = {
  name: 'Name',
  description: 'Description',
  timezone: 'Time zone',
  tags: 'Tags',
  kind: 'Kind',
  condition: 'Who is in',
};

export function differencesOf(
  before: SegmentParts,
  after: SegmentParts,
  vocabulary: Vocabulary,
): readonly Difference[] {
  return (Object.keys(changedParts(before, after)) as PartName[]).map((part) => ({
    part,
    name: PART_WORDS[part],
    before: partText(part, before, vocabulary),
    after: partText(part, after, vocabulary),
  }));
}

export function partText(part: PartName, parts: SegmentParts, vocabulary: Vocabulary): string | null {
  switch (part) {
    case 'name':
    case 'description':
    case 'timezone':
    case 'kind':
      return parts[part];
    case 'tags':
      return parts.tags.length === 0 ? null : parts.tags.join(', ');
    case 'condition':
      return conditionText(parts.condition, parts.timezone, vocabulary);
  }
}

/** A condition in a sentence; as JSON where it has none. */
export function conditionText(condition: unknown, timezone: string | null, vocabulary: Vocabulary): string | null {
  if (condition === null || condition === undefined) return null;
  const checked = checkDraft({ tree: builderTree(condition, rowIds()), timezone: timezone ?? '' }, vocabulary);
  return checked.sentence ?? JSON.stringify(condition);
}
