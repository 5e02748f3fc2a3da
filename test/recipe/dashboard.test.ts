/** The dashboard that operators import: it has the shape that Grafana declares, one place to choose a data source, and queries that parse. */
import { expect, test } from 'vitest';
import { typeErrors } from '../support/typed-value.ts';
import { DASHBOARD, DASHBOARD_JSON, dashboardQueries, metricsOf, plainQuery } from './recipe.ts';

const TYPE = `import('@grafana/schema').Dashboard`;

test('it has the shape that Grafana declares', async () => {
  expect(await typeErrors([{ type: TYPE, value: DASHBOARD_JSON }])).toEqual([]);
  const wrong = await typeErrors([
    { type: TYPE, value: { ...Object(DASHBOARD_JSON), refrehs: '30s' } },
    { type: TYPE, value: { ...Object(DASHBOARD_JSON), schemaVersion: '39' } },
  ]);
  expect(wrong).toEqual([
    expect.stringContaining('refrehs'),
    expect.stringContaining("not assignable to type 'number'"),
  ]);
});

test('the data source is a variable, and each panel and query uses it', () => {
  const variables = DASHBOARD.templating.list;
  expect(variables.filter(({ type }) => type === 'datasource')).toMatchObject([
    { name: 'datasource', query: 'prometheus' },
  ]);
  const source = { type: 'prometheus', uid: '${datasource}' };
  for (const { type, title, datasource, targets } of DASHBOARD.panels) {
    if (type === 'row') continue;
    expect(datasource, title).toEqual(source);
    expect(targets.length, title).toBeGreaterThan(0);
    for (const target of targets) expect(target.datasource, title).toEqual(source);
  }
});

test('panels have a number, a place and a description of their own', () => {
  const { panels } = DASHBOARD;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
    expect(x + w, title).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
  for (const { type, title, description } of panels)
    if (type !== 'row') expect(description, title).toMatch(/^[A-Z0-9].{10,}\.$/);
});

test('every query parses, and asks for the chosen job only', () => {
  const queries = dashboardQueries();
  expect(queries.length).toBeGreaterThan(30);
  for (const query of queries) {
    const metrics = metricsOf(plainQuery(query));
    expect(metrics, query).not.toEqual([]);
    expect(query.match(/job=~"\$job"/g), query).toHaveLength(metrics.length);
  }
});

test('it shows what an operator asks for', () => {
  const metrics = new Set(dashboardQueries().flatMap((query) => metricsOf(plainQuery(query))));
  const wanted = [
    'segmentd_rows_lag_seconds',
    'segmentd_time_lag_seconds',
    'segmentd_backlog_rows',
    'segmentd_rebuilds_owed',
    'segmentd_membership_changes_total',
    'segmentd_queue_jobs',
    'segmentd_errors_total',
    'process_resident_memory_bytes',
    'segmentd_workers',
    'segmentd_readiness',
    'segmentd_ranks',
    'segmentd_rank_late_seconds',
    'segmentd_rank_seconds_bucket',
    'segmentd_rank_moves_total',
  ];
  expect(wanted.filter((name) => !metrics.has(name))).toEqual([]);
});
