/** The line of a sparkline. Pure. */

/** Room for the width of the line itself. */
const EDGE = 2;

/** From the left edge to the right one; a level line is in the middle. */
export function sparkPath(values: readonly number[], width: number, height: number): string {
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  const step = (width - 2 * EDGE) / Math.max(1, values.length - 1);
  return values
    .map((value, at) => {
      const share = range === 0 ? 0.5 : (value - low) / range;
      const y = height - EDGE - share * (height - 2 * EDGE);
      return `${at === 0 ? 'M' : 'L'}${(EDGE + at * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}
