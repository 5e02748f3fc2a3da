/** Writes a draft, and says in one of few ways what became of it. A draft is never changed here. */
import { ApiFailure, answered } from '../client/api-failure.ts';
import { getSegmentsByKey, patchSegmentsByKey, postSegments, type Segment } from '../client/api.ts';
import { builderJson } from './builder-json.ts';
import { rowIssue, type RowIssue } from './row-issue.ts';
import { changedParts, keyOf, partsOfDraft, partsOfSegment, type SegmentDraft } from './segment-draft.ts';

/** What the guard counts of an edit that moves many. */
export interface GuardedMove {
  readonly entering: number;
  readonly leaving: number;
  readonly members: number;
}

export type Saved =
  | { readonly kind: 'saved'; readonly segment: Segment }
  /** It moves so many that it has to be confirmed. */
  | { readonly kind: 'guarded'; readonly move: GuardedMove; readonly message: string }
  /** Another person saved meanwhile. */
  | { readonly kind: 'overtaken'; readonly theirs: Segment }
  | { readonly kind: 'refused'; readonly issues: readonly RowIssue[] }
  | { readonly kind: 'failed'; readonly error: Error };

export async function saveDraft(draft: SegmentDraft, segment: Segment | undefined, confirm: boolean): Promise<Saved> {
  try {
    // A version says nothing of names and tags, and the guard counts before it looks at the version: both are compared here.
    const theirs = segment && (await answered(getSegmentsByKey(segment.key)));
    if (segment && theirs && isOther(segment, theirs)) return { kind: 'overtaken', theirs };
    const saved = segment ? await edit(draft, segment, confirm) : await create(draft);
    return { kind: 'saved', segment: saved };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    return refusal(error, draft, segment);
  }
}

/** Whether another person saved the segment since it was read. */
function isOther(read: Segment, now: Segment): boolean {
  return (
    now.version !== read.version || Object.keys(changedParts(partsOfSegment(read), partsOfSegment(now))).length > 0
  );
}

function edit(draft: SegmentDraft, segment: Segment, confirm: boolean): Promise<Segment> {
  const changed = changedParts(partsOfSegment(segment), partsOfDraft(draft));
  // Nothing but new members of a static segment.
  if (Object.keys(changed).length === 0) return Promise.resolve(segment);
  return answered(
    patchSegmentsByKey(
      segment.key,
      { ...changed, ...(confirm ? { confirm } : {}) },
      { ifMatch: `"${segment.version}"` },
    ),
  );
}

function create(draft: SegmentDraft): Promise<Segment> {
  const { name, description, timezone, tags, kind } = partsOfDraft(draft);
  const members =
    kind === 'static'
      ? {}
      : kind === 'snapshot' && draft.of !== ''
        ? { of: draft.of }
        : { condition: builderJson(draft.tree) };
  return answered(
    postSegments({
      key: keyOf(draft),
      kind,
      tags,
      ...(name === null ? {} : { name }),
      ...(description === null ? {} : { description }),
      ...(timezone === null || kind === 'static' ? {} : { timezone }),
      ...members,
    }),
  );
}

async function refusal(error: ApiFailure, draft: SegmentDraft, segment: Segment | undefined): Promise<Saved> {
  if (error.status === 412 && segment) {
    try {
      return { kind: 'overtaken', theirs: await answered(getSegmentsByKey(segment.key)) };
    } catch (unread) {
      return { kind: 'failed', error: unread instanceof Error ? unread : error };
    }
  }
  const move = error.status === 409 ? guardedMove(error.data) : undefined;
  if (move) return { kind: 'guarded', move, message: error.message };
  if (error.status === 422 && error.issues.length > 0) {
    const condition = builderJson(draft.tree);
    return { kind: 'refused', issues: error.issues.map((issue) => rowIssue(issue, condition)) };
  }
  return { kind: 'failed', error };
}

function guardedMove(data: unknown): GuardedMove | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { entering, leaving, members } = data as Partial<GuardedMove>;
  if (typeof entering !== 'number' || typeof leaving !== 'number') return undefined;
  return { entering, leaving, members: members ?? 0 };
}
