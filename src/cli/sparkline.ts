/** A row of numbers as a line of bars, the last ones where there is no room for all. */
const BARS = '▁▂▃▄▅▆▇█';

export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-Math.max(1, width));
  const most = Math.max(...shown);
  const least = Math.min(...shown);
  const span = most - least;
  return shown.map((value) => BARS[span === 0 ? 0 : Math.round(((value - least) / span) * (BARS.length - 1))]).join('');
}
