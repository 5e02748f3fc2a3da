/** Leaves that repeat in many segments are computed once a contact, in few they are not: the level costs more than it saves. */
import { expect, test } from 'vitest';
import { render } from '../../src/compile/fragment.ts';
import { rangeQuery, recheckQuery, type CompiledSegment } from '../../src/compile/statement.ts';
import { conditionOf, odd } from './compile-world.ts';

const leaf = { '==': [{ var: 'i8' }, 7] };
const options = { segmentId: () => 0 };

test.each([
  [6, false],
  [40, false],
  [41, true],
])('%i segments ask the same', (count, level) => {
  const segments = Array.from({ length: count }, (_, n): CompiledSegment => ({
    id: n + 1,
    condition: conditionOf(leaf, odd),
    timezone: 'UTC',
  }));
  for (const query of [
    recheckQuery(odd, segments, options),
    rangeQuery(odd, segments, { low: true, high: true }, options),
  ]) {
    const { text } = render(query);
    expect(text.endsWith(' offset 0) as p')).toBe(level);
    expect(text.split('"p"."p0"').length - 1).toBe(level ? count : 0);
  }
});
