/** Counts the leaves of a draft, of a sample of contacts or of all. Reads only, within the session's time. */
import { render } from '../compile/fragment.ts';
import type { ContactSample } from './contact-sample.ts';
import type { LimitedSession } from './limited-session.ts';
import { PartCount, type LeafGroup } from './part-count.ts';
import type { PreviewParts } from './preview-part.ts';
import { leavesOfAllQuery, leavesOfKeysQuery, type Draft } from './preview-query.ts';

/** Share of the time left that a look at the sample may take. */
const SAMPLE_SHARE = 0.6;
/** Leaves of many rows can hold in more ways than are worth reading. */
export const MOST_GROUPS = 20_000;

/** The leaves of a sample. Undefined when there is no time. @param most contacts to name of each group */
export async function countLeaves(
  session: LimitedSession,
  draft: Draft,
  { leaves }: PreviewParts,
  { keys, sampling, total }: ContactSample,
  most: number,
  now: string,
): Promise<PartCount | undefined> {
  const query = leavesOfKeysQuery(
    draft,
    leaves.map(({ condition }) => condition),
    most,
  );
  const groups = await session.rowsInTime<LeafGroup>(render(query), { now, contacts: keys }, SAMPLE_SHARE);
  return groups && new PartCount(groups, { sampling, total });
}

/** The leaves of all contacts that the base filter admits, in one pass. Undefined when there is no time, or too much to read. */
export async function countLeavesOfAll(
  session: LimitedSession,
  draft: Draft,
  { leaves }: PreviewParts,
  now: string,
): Promise<PartCount | undefined> {
  const query = leavesOfAllQuery(
    draft,
    leaves.map(({ condition }) => condition),
    MOST_GROUPS + 1,
  );
  const groups = await session.rowsInTime<LeafGroup>(render(query), { now });
  if (!groups || groups.length > MOST_GROUPS) return undefined;
  const base = leaves.flatMap(({ index, isBase }) => (isBase ? [index + 1] : []));
  const admitted = groups.filter(({ held }) => base.every((leaf) => held.includes(leaf)));
  return new PartCount(admitted, { sampling: 'complete', total: undefined });
}
