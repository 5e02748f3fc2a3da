/** What doctor finds on ranks: a computation that failed, and one that is late. Reads only. */
import { spanText } from '../base/span.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { listRanks, type RankState } from '../rank/rank-state.ts';
import type { Finding } from './finding.ts';

/** Seconds by which a computation may be late: another may be under way. */
const LATE_S = 600;

export async function ranks(database: Queryable, catalogue: Catalogue): Promise<readonly Finding[]> {
  const found = await listRanks(database, catalogue);
  const findings = found.flatMap(findingOf);
  if (found.length === 0 || findings.length > 0) return findings;
  return [{ level: 'ok', sentence: `All ${found.length} ranks are computed.` }];
}

function findingOf({ name, state, asOf, error, late }: RankState): readonly Finding[] {
  const standing = asOf === null ? 'no contact has it' : `contacts have it as of ${asOf}`;
  if (state === 'failed')
    return [
      {
        level: 'fail',
        sentence: `The rank ${name} was not computed, and ${standing}: ${error ?? ''}`,
        fix: `segmentd rank ${name} --wait`,
      },
    ];
  if (late > LATE_S || asOf === null)
    return [
      {
        level: 'warn',
        sentence: `The rank ${name} ${asOf === null ? 'is not computed yet' : `is late by ${spanText(late)}`}, and ${standing}.`,
        fix: `segmentd rank ${name} --wait`,
      },
    ];
  return [];
}
