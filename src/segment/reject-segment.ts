/** Rejects what a caller writes about a segment, before it is written. Reads only. */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Issue } from '../condition/issue.ts';
import { refusedFor } from '../condition/refused-condition.ts';
import { knownZones } from '../postgres/known-zone.ts';
import type { Queryable } from '../postgres/pool.ts';
import { readEventLog } from './log-reach.ts';
import { referencesFor } from './reference-graph.ts';
import { textMistakes, type SegmentText } from './storable-text.ts';
import { versionIssues, zoneIssues, type Candidate } from './version-issues.ts';

/** @throws {RefusedCondition} */
export async function rejectVersion(client: Queryable, catalogue: Catalogue, candidate: Candidate): Promise<void> {
  const references = await referencesFor(client, candidate.condition);
  const zones = await zonesOf(client, candidate.timezone, catalogue);
  const log = await readEventLog(client);
  reject(versionIssues(candidate, { catalogue, zones, log, ...references }));
}

/** For an edit that leaves the condition as it is. @throws {RefusedCondition} */
export async function rejectZone(client: Queryable, timezone: string): Promise<void> {
  reject(zoneIssues(timezone, { zones: await zonesOf(client, timezone) }));
}

async function zonesOf(
  client: Queryable,
  timezone: string | null,
  catalogue?: Catalogue,
): Promise<ReadonlySet<string>> {
  return timezone === null || timezone === catalogue?.timezone ? new Set() : knownZones(client, [timezone]);
}

function reject(issues: readonly Issue[]): void {
  if (issues.length > 0) throw refusedFor(issues);
}

/** Postgres takes neither NUL nor a lone surrogate in text; here the field has a name. @throws {Failure} `usage` */
export function rejectText(input: SegmentText): void {
  const [first] = textMistakes(input);
  if (first) throw new Failure('usage', `The ${first.subject} ${first.message}.`);
}
