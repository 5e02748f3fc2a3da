/**
 * Whether a version of a segment is acceptable: the one answer for the API, for files of `apply`, and for the worker that validates
 * what plain SQL wrote. Pure: the caller hands in what the database holds. Must not look at one caller's case.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import type { Issue } from '../condition/issue.ts';
import { unknownZone } from '../condition/zone.ts';
import { logIssues, type EventLog } from './log-reach.ts';
import { referenceIssues, type Graph } from './reference.ts';

/** What a caller wants a segment to mean. */
export interface Candidate {
  /** Of the segment; '' for a segment that has no key yet. */
  readonly key: string;
  /** JsonLogic; undefined for a segment whose members callers add. */
  readonly condition: unknown;
  /** Null: the catalogue's. */
  readonly timezone: string | null;
}

/** What a candidate is compared with. */
export interface Surroundings {
  readonly catalogue: Catalogue;
  /** What each segment reads; only its keys may be referred to. */
  readonly reads: Graph;
  /** What each segment reads by a version that was accepted or is live. */
  readonly bound: Graph;
  /** How far back its windows over events may reach. */
  readonly log: EventLog;
  /** The time zones among those of the candidates that Postgres knows. */
  readonly zones: ReadonlySet<string>;
}

/** Every reason against a candidate. Pointers lead into its condition. */
export function versionIssues({ key, condition, timezone }: Candidate, around: Surroundings): readonly Issue[] {
  const { catalogue, reads, bound, log } = around;
  const zone = zoneIssues(timezone, around);
  if (condition === undefined) return zone;
  // An unknown zone is reported once; the condition is read in the catalogue's.
  const read = zone.length > 0 ? catalogue.timezone : (timezone ?? catalogue.timezone);
  const checked = checkCondition(condition, {
    catalogue,
    timezone: read,
    segments: (other) => (key !== '' && other === key) || reads.has(other),
  });
  if (!checked.ok) return [...zone, ...checked.issues];
  const asked = { json: condition, condition: checked.condition, timezone: read };
  return [...zone, ...referenceIssues(key, condition, reads, bound), ...logIssues(asked, catalogue, log)];
}

/** The catalogue's own zone was looked up with the catalogue. */
export function zoneIssues(
  timezone: string | null,
  { catalogue, zones }: { readonly catalogue?: Catalogue | undefined; readonly zones: ReadonlySet<string> },
): readonly Issue[] {
  return timezone === null || timezone === catalogue?.timezone || zones.has(timezone) ? [] : [unknownZone(timezone)];
}
