/**
 * One running build as its builder sees it. The `build` row carries epoch and lease for all other workers. Invariant:
 * the epoch fence makes two builders of one segment harmless, because a builder that finds the epoch moved drops what
 * it staged.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { QUERY_CANCELED } from '../base/error.ts';
import type { VersionPlan } from '../followed/plan.ts';
import type { Reason } from '../membership/reason.ts';

export interface Owed {
  readonly id: number;
  readonly key: string;
  readonly liveVersion: number | null;
  readonly reason: Reason;
  readonly plan: VersionPlan;
  /** The build is planned and built to its end under this catalogue; the worker's may be another by then. */
  readonly catalogue: Catalogue;
}

export interface Build extends Owed {
  readonly epoch: number;
}

/**
 * Limits of one statement of a build, milliseconds. A chunk reads the team's tables; so does a flip, once it has its
 * slot.
 */
export const TIMEOUTS = {
  barrier: { lockTimeout: 500, statementTimeout: 5_000, idleTimeout: 30_000 },
  chunk: { lockTimeout: 'short', statementTimeout: 5_000, idleTimeout: 30_000 },
  own: { lockTimeout: 500, statementTimeout: 5_000, idleTimeout: 30_000 },
  flip: { lockTimeout: 500, statementTimeout: 600_000, idleTimeout: 30_000 },
} as const;

/**
 * A statement reached its own limit though it could not be made smaller. A cancel by a person is thrown as it is, and
 * says nothing about the segment.
 */
export class TooSlow extends Error {
  readonly code = QUERY_CANCELED;
}

/** After so long without a renewal another worker takes the build over. */
export const LEASE_SECONDS = 30;

/** Steps at which tests stop a build. */
export type BuildStep = 'barrier' | 'staged' | 'chunk' | 'parked' | 'flipping' | 'flipped';
