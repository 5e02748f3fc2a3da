/** Alerts and dashboard ask for nothing that a worker does not say: its own exposition is the list of names and labels. */
import { beforeAll, expect, test } from 'vitest';
import { readExposition, sampleNames, scrapeNewWorker, type Family } from '../support/exposition.ts';
import { promtoolOn, skipsPromtool } from '../support/promtool.ts';
import { alertRules, DASHBOARD, dashboardQueries, metricsOf, plainQuery } from './recipe.ts';

let families: readonly Family[];
beforeAll(async () => {
  families = readExposition(await scrapeNewWorker());
});

/** What Prometheus itself adds to each target. */
const PROMETHEUS = ['up'];
const TARGET_LABELS = ['job', 'instance', 'namespace'];

const queries = (): readonly string[] => [
  ...alertRules().map(({ expr }) => expr),
  ...dashboardQueries().map(plainQuery),
];

test('every metric of alerts and dashboard is exposed', () => {
  const known = new Set([...sampleNames(families), ...PROMETHEUS]);
  expect(
    queries()
      .flatMap(metricsOf)
      .filter((name) => !known.has(name)),
  ).toEqual([]);
  const [, job] = DASHBOARD.templating.list;
  expect(job?.query).toMatchObject({ query: 'label_values(segmentd_build_info, job)' });
});

test('every value of a label that they name is exposed', () => {
  const labels = new Set(families.flatMap(({ samples }) => samples.flatMap((one) => Object.keys(one.labels))));
  const values = families.flatMap(({ samples }) =>
    samples.flatMap(({ name, labels: own }) =>
      Object.entries(own).map(([label, value]) => `${name} ${label} ${value}`),
    ),
  );
  const matched = queries().flatMap((query) =>
    [...query.matchAll(/(\w+)\{([^}]*)\}/g)].flatMap(([, name = '', matchers = '']) =>
      [...matchers.matchAll(/(\w+)=~?"([^"]*)"/g)]
        .filter(([, label = '']) => !TARGET_LABELS.includes(label))
        .flatMap(([, label = '', list = '']) => list.split('|').map((value) => `${name} ${label} ${value}`)),
    ),
  );
  expect(matched.length).toBeGreaterThan(8);
  expect(matched.filter((one) => !values.includes(one))).toEqual([]);
  const grouped = queries().flatMap((query) =>
    [...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', ')),
  );
  expect(grouped.filter((label) => ![...TARGET_LABELS, ...labels].includes(label))).toEqual([]);
});

test.skipIf(skipsPromtool)('Prometheus takes every query of the dashboard', async () => {
  // promtool reads queries as rules only.
  const rules = dashboardQueries().map((query, n) => ({ record: `q${n}`, expr: plainQuery(query) }));
  const { code, output } = await promtoolOn(['check', 'rules'], { groups: [{ name: 'dashboard', rules }] });
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining(`${rules.length} rules found`) });
});
