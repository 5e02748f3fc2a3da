/**
 * The English sentence of a version, stored with it for people who read tables: what describe says of its condition. With it
 * stand the names of what the condition reads, by which people look for segments. Both are written when the version is
 * accepted. When a catalogue is adopted, those of wanted and live versions follow its names; an older version keeps the
 * words of its time. Must not change any other column.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import { describe } from '../condition/describe/describe.ts';
import { namesRead, references } from '../condition/references.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { SegmentKind } from './state.ts';
import { writeSentences, type Said, type VersionId } from './write-version.ts';

interface Described {
  readonly kind: SegmentKind;
  readonly condition: unknown;
  readonly timezone: string | null;
}

/** Of a kind that has no condition, or has it no more. */
export const LISTED = {
  static: 'contacts that were added',
  snapshot: 'contacts that were members when the snapshot was made',
} as const;

/** Versions that were accepted and have no sentence, and those that people look at: each with what it says. */
const DESCRIBED = `
  select v.segment_id as id, v.version, v.kind, v.condition, v.timezone, v.sentence, v.reads, v.reads_segments as "readsSegments"
  from segmentd.segment_version v join segmentd.segment s on s.id = v.segment_id
  where v.state in ('accepted', 'held') and (v.sentence is null or v.reads is null or v.version in (s.version, s.live_version) and s.wanted_state <> 'deleted')
  order by v.segment_id, v.version`;

type Stored = { readonly [Part in keyof Said]: Said[Part] | null };

/** Undefined when the condition does not fit the catalogue. */
export function saidOf(catalogue: Catalogue, { kind, condition, timezone }: Described): Said | undefined {
  if (kind === 'static' || (kind === 'snapshot' && condition === null))
    return { sentence: LISTED[kind], reads: [], readsSegments: [] };
  const checked = checkCondition(condition, { catalogue, timezone: timezone ?? catalogue.timezone });
  if (!checked.ok) return undefined;
  return {
    sentence: describe(checked.condition, catalogue),
    reads: namesRead(checked.condition, catalogue),
    readsSegments: [...references(checked.condition, catalogue).segments].toSorted(),
  };
}

/** Writes what differs from what versions say under this catalogue. */
export async function refreshSentences(client: Queryable, catalogue: Catalogue): Promise<void> {
  const { rows } = await client.query<VersionId & Described & Stored>(DESCRIBED);
  const differing = rows.flatMap(({ id, version, sentence, reads, readsSegments, ...described }) => {
    const said = saidOf(catalogue, described);
    if (!said) return [];
    // A snapshot that is made has lost its condition, and keeps what was said of it.
    const isMade = described.kind === 'snapshot' && described.condition === null && sentence !== null;
    const now = isMade ? { ...said, sentence } : said;
    return isDeepStrictEqual({ sentence, reads, readsSegments }, now) ? [] : [{ id, version, ...now }];
  });
  if (differing.length > 0) await writeSentences(client, differing);
}
