/** The limits of the guard (guard.ts), which a worker is made with: who makes one loads no more of the guard. */
import { DEFAULT_SETTINGS } from '../base/option.ts';

/** The guard holds an edit that moves more than both. */
export interface GuardLimits {
  /** Percent of the members before the edit. */
  readonly percent: number;
  readonly members: number;
}

export const GUARD_LIMITS: GuardLimits = {
  percent: DEFAULT_SETTINGS.guardPercent,
  members: DEFAULT_SETTINGS.guardMembers,
};
