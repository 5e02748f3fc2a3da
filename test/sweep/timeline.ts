/**
 * Truth as a function of time: a start, and the instants at which it turns over. Knows nothing of SQL, edges or sweeps; the
 * year's expectations are made of it. Instants are microseconds since 1970: below 2^53 until the year 2255, so exact.
 */
export interface Timeline {
  readonly start: boolean;
  /** Rising, each once. */
  readonly flips: readonly number[];
}

export const never: Timeline = { start: false, flips: [] };
export const always: Timeline = { start: true, flips: [] };

/** False before the instant, true from it on. */
export function since(instant: number): Timeline {
  if (instant === -Infinity) return always;
  return instant === Infinity ? never : { start: false, flips: [instant] };
}

export function not({ start, flips }: Timeline): Timeline {
  return { start: !start, flips };
}

/** True from `begin` on, and until just before `end`. */
export function between(begin: number, end: number): Timeline {
  return begin >= end
    ? never
    : combine([since(begin), since(end)], ([begun, ended]) => begun === true && ended === false);
}

/** Truth that depends on nothing but the truth of others. */
export function combine(parts: readonly Timeline[], truth: (values: readonly boolean[]) => boolean): Timeline {
  const values = parts.map((part) => part.start);
  const start = truth(values);
  const turns = parts.flatMap((part, index) => part.flips.map((at) => ({ at, index }))).toSorted((a, b) => a.at - b.at);
  const flips: number[] = [];
  let last = start;
  for (const [n, { at, index }] of turns.entries()) {
    values[index] = values[index] !== true;
    if (turns[n + 1]?.at === at) continue;
    const present = truth(values);
    if (present !== last) flips.push(at);
    last = present;
  }
  return { start, flips };
}

/** At an instant, what turns over at it included. */
export function truthAt({ start, flips }: Timeline, at: number): boolean {
  return flips.filter((flip) => flip <= at).length % 2 === 0 ? start : !start;
}
