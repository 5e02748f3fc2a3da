/** Numbers of previews in words: what was counted stands as it is, what a sample says is rounded and says so. Pure. */
import type { Amount } from '../client/api.ts';

const WHOLE = new Intl.NumberFormat('en');
/** More digits of an estimate would say more than the sample does. */
const ROUGH = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** `14,663`; of a sample `≈ 14,700`, and `fewer than 385` where the sample has none. */
export function amountWords({ value, basis, high }: Amount): string {
  if (basis === 'exact') return WHOLE.format(value);
  if (value === 0 && high !== null && high > 0) return `fewer than ${WHOLE.format(high + 1)}`;
  return `≈ ${ROUGH.format(value)}`;
}

/** What an estimate rests on; undefined of what was counted. */
export function boundsWords({ basis, low, high }: Amount): string | undefined {
  if (basis === 'exact') return undefined;
  if (low === null || high === null) return 'An estimate.';
  return `An estimate from a sample: most likely ${WHOLE.format(low)} to ${WHOLE.format(high)}.`;
}

export function countWords(count: number): string {
  return WHOLE.format(count);
}
