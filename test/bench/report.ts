/** The table for people and the JSON for machines. */
import { withinBound, type Row } from './figure.ts';

export interface Report {
  readonly figure: string;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly seconds: number;
  readonly failure?: string;
}

export function table(reports: readonly Report[]): string {
  const lines: string[] = [];
  for (const { figure, title, rows, seconds, failure } of reports) {
    lines.push('', `${title}  [${figure}, ${seconds.toFixed(0)} s]`);
    if (failure !== undefined) lines.push(`  failed: ${failure}`);
    for (const row of rows) {
      const value = `${format(row.value)} ${row.unit}`.padStart(14);
      const mark = { true: 'ok  ', false: 'MISS', undefined: '    ' }[
        String(withinBound(row)) as 'true' | 'false' | 'undefined'
      ];
      const wanted = row.wanted ? ('atMost' in row.wanted ? `≤ ${row.wanted.atMost}` : `≥ ${row.wanted.atLeast}`) : '';
      lines.push(
        `  ${mark} ${value}  ${wanted.padEnd(9)} ${row.measure}${row.beside === undefined ? '' : `  (${row.beside})`}`,
      );
    }
  }
  return lines.join('\n');
}

export function format(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function json(about: string, reports: readonly Report[]): string {
  const figures = reports.map(({ rows, ...report }) => ({
    ...report,
    rows: rows.map((row) => ({ ...row, withinBound: withinBound(row) ?? null })),
  }));
  return JSON.stringify({ about, at: new Date().toISOString(), figures }, undefined, 2);
}
