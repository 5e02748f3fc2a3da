/**
 * A number of contacts or values and what it rests on: a count of all, a sample with its error, or the estimate of
 * Postgres' planner, which is no count and has no error bound. Pure.
 */

export type Basis = 'exact' | 'sample' | 'planner';

export interface Amount {
  readonly value: number;
  /** `exact`: counted. `sample`: extrapolated. `planner`: Postgres' own guess from its statistics, however far off. */
  readonly basis: Basis;
  /** The true number lies between `low` and `high` for 95 of 100 samples. Of `exact` both are the value, of `planner` null. */
  readonly low: number | null;
  readonly high: number | null;
}

/** How a sample was taken. */
export interface Sampling {
  /** Chance of each row to be in it. */
  readonly chance: number;
  /** Variance of the sample over the variance of rows taken one by one: rows of one page may be alike. */
  readonly spread: number;
}

/** Of the normal distribution, for 95 %. */
const Z = 1.96;

export function exactAmount(value: number): Amount {
  return { value, basis: 'exact', low: value, high: value };
}

/** The planner's estimate. @param rows as `explain` says */
export function plannerAmount(rows: number): Amount {
  return { value: Math.round(rows), basis: 'planner', low: null, high: null };
}

/** The number in all rows when the sample has `found`: the interval of a Poisson variable by its score test. */
export function extrapolatedAmount(found: number, { chance, spread }: Sampling): Amount {
  const z = Z * Math.sqrt(spread);
  const middle = found + (z * z) / 2;
  const reach = z * Math.sqrt(found + (z * z) / 4);
  return sampleAmount(found / chance, (middle - reach) / chance, (middle + reach) / chance, found);
}

/** The share `found / looked` of a known total, with Wilson's interval. */
export function shareAmount(
  total: number,
  found: number,
  looked: number,
  { spread }: Pick<Sampling, 'spread'>,
): Amount {
  const share = found / looked;
  const z = Z * Math.sqrt(spread);
  const scale = 1 + (z * z) / looked;
  const middle = (share + (z * z) / (2 * looked)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / looked + (z * z) / (4 * looked * looked));
  return clampAmount(
    sampleAmount(share * total, (middle - reach) * total, (middle + reach) * total, found),
    found,
    total - (looked - found),
  );
}

/** The contacts that were looked at. */
export interface Looked {
  readonly size: number;
  /** How many there are, where that is known. */
  readonly total: number | undefined;
  /** `complete`: all of them were looked at. */
  readonly sampling: Sampling | 'complete';
}

/** How many of all are such. @param found how many of those that were looked at are */
export function sampledAmount(found: number, { size, total, sampling }: Looked): Amount {
  if (sampling === 'complete') return exactAmount(found);
  return total === undefined || size === 0
    ? extrapolatedAmount(found, sampling)
    : shareAmount(total, found, size, sampling);
}

function sampleAmount(value: number, low: number, high: number, least: number): Amount {
  return { value: Math.round(value), basis: 'sample', low: Math.max(least, Math.floor(low)), high: Math.ceil(high) };
}

/** The same amount kept between `least` and `most`, which are known beside the estimate. */
export function clampAmount(amount: Amount, least: number, most = Number.POSITIVE_INFINITY): Amount {
  if (amount.basis === 'exact') return amount;
  const clamp = (value: number): number => Math.min(Math.max(value, least), most);
  return {
    ...amount,
    value: clamp(amount.value),
    low: amount.low === null ? null : clamp(amount.low),
    high: amount.high === null ? null : clamp(amount.high),
  };
}

/** `whole` less `part`. Its basis is the weaker of the two. */
export function subtractAmount(whole: Amount, part: Amount): Amount {
  const value = Math.max(0, whole.value - part.value);
  const basis = [whole.basis, part.basis].includes('planner')
    ? 'planner'
    : [whole.basis, part.basis].includes('sample')
      ? 'sample'
      : 'exact';
  if (basis === 'planner' || whole.low === null || whole.high === null || part.low === null || part.high === null)
    return { value, basis, low: null, high: null };
  return { value, basis, low: Math.max(0, whole.low - part.high), high: Math.max(0, whole.high - part.low) };
}
