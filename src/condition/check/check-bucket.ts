/** `bucket`: a seed and a number of buckets. It is about the contact, whatever row is in scope, so it stands outside of relations. */
import type { BucketOperand } from '../ast.ts';
import { type Check, isInRelation, quote, sayKind, type NameScope } from './check-context.ts';
import type { Call } from './check-node.ts';

/** 2^32 hashes fall into so many buckets that are all but equal: no two differ by more than 0.03 %. */
const MOST_BUCKETS = 1_000_000;

export function bucketOperand(c: Check, call: Call, scope: NameScope): BucketOperand | undefined {
  const [seed, of] = call.args;
  if (!seed || !of) return undefined;
  const isSeed = typeof seed.value === 'string' && seed.value !== '';
  if (!isSeed)
    c.issues.report(
      'wrong-type',
      seed.at,
      `The seed of \`bucket\` is a text, not ${seed.value === '' ? 'empty' : sayKind(seed.value)}.`,
      'write any name, such as that of an experiment: another seed makes other buckets',
    );
  const isNumber = typeof of.value === 'number' && Number.isInteger(of.value);
  const count = isNumber ? of.value : 0;
  if (count < 2 || count > MOST_BUCKETS)
    return c.issues.report(
      typeof of.value === 'number' ? 'out-of-range' : 'wrong-type',
      of.at,
      `The number of buckets is a whole number from 2 to ${MOST_BUCKETS}, not ${quote(of.value)}.`,
      'write 100 for buckets of one percent each',
    );
  if (isInRelation(scope))
    return c.issues.report(
      'outer-field',
      call.at,
      '`bucket` is about the contact; it cannot stand inside a relation.',
      'combine both with `and` outside',
    );
  return isSeed ? { kind: 'bucket', seed: seed.value, of: count } : undefined;
}
