/**
 * How fast the rolling audit goes: as slowly as the period allows, and never more than a fiftieth of the time. Pure.
 */

export interface Step {
  /** Milliseconds in which all contacts are to be compared. */
  readonly period: number;
  /** Contacts of a pass, as far as known; 0 when not. */
  readonly total: number;
  /** Compared in this pass before the step, and in it. */
  readonly checked: number;
  readonly contacts: number;
  /** Contacts that the step was to compare. */
  readonly chunk: number;
  /** The pass is at its end. */
  readonly finished: boolean;
  /** Milliseconds that the step took. */
  readonly ms: number;
  /** Milliseconds since the pass began; null when it begins with this step. */
  readonly age: number | null;
}

/** Rests so many times as long as a step took: 2 % of the time is work. */
export const REST = 50;
/** Milliseconds that a step should take: short, so that no snapshot is held for long. */
const AIM = 250;
const LEAST = 100;
const MOST = 50_000;

/** @returns contacts of the next step, and milliseconds until it */
export function pace({ period, total, checked, contacts, chunk, finished, ms, age }: Step): {
  readonly chunk: number;
  readonly wait: number;
} {
  const rest = ms * REST;
  // A short range says nothing of what a full one would cost.
  const factor = contacts < chunk && ms < AIM ? 1 : Math.min(2, Math.max(0.25, AIM / Math.max(ms, 1)));
  const next = Math.round(Math.min(MOST, Math.max(LEAST, chunk * factor)));
  const left = total - checked - contacts;
  // How long the whole takes is not known yet, or it ends later than thought: only the rest counts.
  if (finished || contacts === 0 || left <= 0) return { chunk: next, wait: rest };
  const time = Math.max(0, period - (age ?? 0));
  return { chunk: next, wait: Math.max(rest, time * Math.min(1, next / (left + next))) };
}
