/** How a number moved, small enough for a row of a table. It says the same in words to those who do not see it. */
import { numberText } from '../client/number-text.ts';
import { sparkPath } from './spark-path.ts';

const WIDTH = 90;
const HEIGHT = 24;

/** @param values one a day, the oldest first */
export function SparkLine({ values }: { readonly values: readonly number[] }) {
  const first = values[0];
  const last = values.at(-1);
  if (first === undefined || last === undefined || values.length < 2) return <span class="quiet">new</span>;
  const words = `${numberText(first)} to ${numberText(last)} members in ${values.length} days, between ${numberText(Math.min(...values))} and ${numberText(Math.max(...values))}`;
  return (
    <svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
      <title>{words}</title>
      <path d={sparkPath(values, WIDTH, HEIGHT)} fill="none" stroke="currentColor" stroke-width="1.3" />
    </svg>
  );
}
