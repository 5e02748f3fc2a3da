/** The alerts that operators copy: each fires when it should and not before, by Prometheus' own evaluation. */
import { expect, test } from 'vitest';
import { promtool, promtoolOn, skipsPromtool } from '../support/promtool.ts';
import { alertRules, commandsOf, metricsOf, mistakesOf, recipePath } from './recipe.ts';

interface Case {
  readonly alert: string;
  /** Values a minute, by series, in the notation of promtool: `0x5 9x10` is 0 six times, then 9 eleven times. */
  readonly series: Readonly<Record<string, string>>;
  /** Minutes at which it does not fire yet, and at which it does. */
  readonly quiet: number;
  readonly fires: number;
  /** Others that fire for the same reason. */
  readonly beside?: readonly string[];
}

/** The series of a worker that has nothing to complain about; a case replaces some. */
const CALM: Readonly<Record<string, string>> = {
  'up{job="segmentd",instance="a"}': '1x1000',
  'segmentd_build_info{job="segmentd",instance="a",version="1.0.0"}': '1x1000',
  'segmentd_readiness{job="segmentd",instance="a",state="ready"}': '1x1000',
  'segmentd_readiness{job="segmentd",instance="a",state="capture"}': '0x1000',
  'segmentd_readiness{job="segmentd",instance="a",state="database"}': '0x1000',
  'segmentd_queue_up{job="segmentd",instance="a",backend="redis"}': '1x1000',
  'segmentd_errors_total{job="segmentd",instance="a",during="batch"}': '0x1000',
  'segmentd_rows_lag_seconds{job="segmentd",instance="a"}': '0.4x1000',
  'segmentd_time_lag_seconds{job="segmentd",instance="a"}': '0.4x1000',
  'segmentd_late_window_seconds{job="segmentd",instance="a"}': '900x1000',
  'segmentd_backlog_rows{job="segmentd",instance="a",kind="change"}': '20000x1000',
  'segmentd_backlog_rows{job="segmentd",instance="a",kind="parked"}': '0+100x1000',
  'segmentd_clock_behind_seconds{job="segmentd",instance="a"}': '0x1000',
  'segmentd_segments{job="segmentd",instance="a",state="failed"}': '0x1000',
  'segmentd_segments{job="segmentd",instance="a",state="held"}': '0x1000',
  'segmentd_segments{job="segmentd",instance="a",state="paused"}': '3x1000',
  'segmentd_rebuilds_owed{job="segmentd",instance="a"}': '1x1000',
  'segmentd_rebuilds_running{job="segmentd",instance="a"}': '1x1000',
  'segmentd_audit_differences_total{job="segmentd",instance="a"}': '7x1000',
  'segmentd_verify_differences{job="segmentd",instance="a"}': '0x1000',
  'segmentd_audit_age_seconds{job="segmentd",instance="a"}': '86400x1000',
  'segmentd_exports_total{job="segmentd",instance="a",outcome="failed"}': '2x1000',
  'segmentd_export_runs{job="segmentd",instance="a",state="waiting"}': '0x1000',
  'segmentd_ranks{job="segmentd",instance="a",state="failed"}': '0x1000',
  // Another may be under way: ranks are computed one after the other.
  'segmentd_rank_late_seconds{job="segmentd",instance="a"}': '1200x1000',
  'process_start_time_seconds{job="segmentd",instance="a"}': '1000x1000',
};

/** A series of the calm worker, from minute 10 on with another value. */
const from10 = (name: string, before: string, after: string): Record<string, string> => {
  const known = Object.keys(CALM).filter((series) => series.startsWith(`${name}{`) || series === name);
  const [series] = known.length === 1 ? known : [];
  if (series === undefined) throw new Error(`${name} names ${known.length} series of the calm worker`);
  return { [series]: `${before}x9 ${after}x990` };
};

const CASES: readonly Case[] = [
  {
    alert: 'SegmentdAbsent',
    series: from10('segmentd_build_info', '1', '_'),
    // Prometheus remembers a series for five minutes after its last sample.
    quiet: 15,
    fires: 18,
  },
  { alert: 'SegmentdDown', series: from10('up', '1', '0'), quiet: 14, fires: 16 },
  {
    alert: 'SegmentdRestarts',
    series: { 'process_start_time_seconds{job="segmentd",instance="a"}': '1000x9 1000+60x5 2000x900' },
    quiet: 12,
    fires: 16,
  },
  {
    alert: 'SegmentdNotReady',
    series: from10('segmentd_readiness{job="segmentd",instance="a",state="database"}', '0', '1'),
    quiet: 14,
    fires: 16,
  },
  {
    alert: 'SegmentdVersionsDiffer',
    series: { 'segmentd_build_info{job="segmentd",instance="b",version="0.9.0"}': '_x10 1x990' },
    quiet: 39,
    fires: 41,
  },
  { alert: 'SegmentdQueueDown', series: from10('segmentd_queue_up', '1', '0'), quiet: 14, fires: 16 },
  { alert: 'SegmentdErrors', series: from10('segmentd_errors_total', '0', '0+30'), quiet: 20, fires: 45 },
  {
    alert: 'SegmentdCaptureOff',
    series: from10('segmentd_readiness{job="segmentd",instance="a",state="capture"}', '0', '1'),
    quiet: 11,
    fires: 13,
  },
  { alert: 'SegmentdNotFresh', series: from10('segmentd_rows_lag_seconds', '0.4', '90'), quiet: 11, fires: 13 },
  { alert: 'SegmentdTimeNotFresh', series: from10('segmentd_time_lag_seconds', '0.4', '90'), quiet: 14, fires: 16 },
  {
    alert: 'SegmentdWindowLate',
    series: from10('segmentd_late_window_seconds', '900', '30000'),
    quiet: 24,
    fires: 26,
  },
  {
    alert: 'SegmentdBacklogGrows',
    series: from10('segmentd_backlog_rows{job="segmentd",instance="a",kind="change"}', '9000', '9000+500'),
    quiet: 20,
    fires: 40,
  },
  {
    alert: 'SegmentdBacklogGrows',
    series: from10('segmentd_backlog_rows{job="segmentd",instance="a",kind="change"}', '0', '100000'),
    quiet: 24,
    fires: 60,
  },
  { alert: 'SegmentdClockBehind', series: from10('segmentd_clock_behind_seconds', '0', '60'), quiet: 14, fires: 16 },
  {
    alert: 'SegmentdSegmentStopped',
    series: from10('segmentd_segments{job="segmentd",instance="a",state="failed"}', '0', '2'),
    quiet: 14,
    fires: 16,
  },
  {
    alert: 'SegmentdEditHeld',
    series: from10('segmentd_segments{job="segmentd",instance="a",state="held"}', '0', '1'),
    quiet: 69,
    fires: 71,
  },
  { alert: 'SegmentdRebuildsWait', series: from10('segmentd_rebuilds_running', '1', '0'), quiet: 24, fires: 26 },
  {
    alert: 'SegmentdAuditDifferences',
    series: from10('segmentd_audit_differences_total', '7', '9'),
    quiet: 9,
    fires: 12,
  },
  { alert: 'SegmentdVerifyDifferences', series: from10('segmentd_verify_differences', '0', '3'), quiet: 9, fires: 11 },
  { alert: 'SegmentdAuditLate', series: from10('segmentd_audit_age_seconds', '86400', '270000'), quiet: 69, fires: 71 },
  { alert: 'SegmentdExportFailed', series: from10('segmentd_exports_total', '2', '3'), quiet: 9, fires: 12 },
  { alert: 'SegmentdExportsWait', series: from10('segmentd_export_runs', '0', '1'), quiet: 69, fires: 71 },
  { alert: 'SegmentdRankFailed', series: from10('segmentd_ranks', '0', '1'), quiet: 24, fires: 26 },
  { alert: 'SegmentdRankLate', series: from10('segmentd_rank_late_seconds', '1200', '3000'), quiet: 24, fires: 26 },
];

const NOW_FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})';

/** A case as promtool reads it: which alerts fire at which minute, and no other. */
function unitTest({ alert, series, quiet, fires, beside = [] }: Case): object {
  const firing = (names: readonly string[]): object[] =>
    names.toSorted().map((name) => ({ labels: `{alertname="${name}"}`, value: 1 }));
  return {
    name: alert,
    interval: '1m',
    input_series: Object.entries({ ...CALM, ...series }).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      { expr: NOW_FIRING, eval_time: '9m', exp_samples: [] },
      { expr: NOW_FIRING, eval_time: `${quiet}m`, exp_samples: [] },
      { expr: NOW_FIRING, eval_time: `${fires}m`, exp_samples: firing([alert, ...beside]) },
    ],
  };
}

/** Runs promtool's own unit tests on the rules. */
function evaluate(tests: readonly object[]): ReturnType<typeof promtool> {
  const rules = [recipePath('alert-rules.yaml')];
  return promtoolOn(['test', 'rules'], { rule_files: rules, evaluation_interval: '1m', tests });
}

const rules = alertRules();

test('each alert has a name of its own, parses, and says what to do next by a command that exists', async () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, expr, annotations } of rules) {
    expect(metricsOf(expr), alert).not.toEqual([]);
    const commands = commandsOf(annotations.next_step);
    expect(commands, alert).not.toEqual([]);
    for (const command of [...commands, ...commandsOf(annotations.description)])
      expect(await mistakesOf(command), alert).toEqual([]);
  }
});

test('each alert has a case', () => {
  expect([...new Set(CASES.map(({ alert }) => alert))].toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
});

test('a command that does not exist, and a query that is none, are found', async () => {
  expect(await mistakesOf('schedule nonsense')).toEqual(['no verb: schedule nonsense']);
  expect(await mistakesOf('verify --nonsense')).toEqual(['verify --nonsense: no flag --nonsense']);
  expect(await mistakesOf('run --http 9464')).toEqual([]);
  expect(() => metricsOf('sum(rate(a[5m])')).toThrow('not PromQL');
});

test.skipIf(skipsPromtool)('promtool checks the rules', async () => {
  expect(await promtool(['check', 'rules', recipePath('alert-rules.yaml')])).toEqual({
    code: 0,
    output: expect.stringContaining(`SUCCESS: ${rules.length} rules found`),
  });
});

test.skipIf(skipsPromtool)('each alert fires when it should, not before, and alone', async () => {
  expect(await evaluate(CASES.map(unitTest))).toEqual({ code: 0, output: expect.stringContaining('SUCCESS') });
});

test.skipIf(skipsPromtool)('a case that does not hold fails, so the cases above can', async () => {
  const [first] = CASES;
  if (!first) throw new Error('there are cases');
  const { code, output } = await evaluate([unitTest({ ...first, fires: first.quiet })]);
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('FAILED') });
});

test.skipIf(skipsPromtool)('labels and numbers stand in the sentences of an alert', async () => {
  const rule = rules.find(({ alert }) => alert === 'SegmentdNotFresh');
  const { next_step, description } = rule?.annotations ?? {};
  const summary = 'Membership is 1m 30s behind the changes of rows.';
  const alerts = [
    { exp_labels: { job: 'segmentd', severity: 'page' }, exp_annotations: { summary, description, next_step } },
  ];
  const late = { ...CALM, ...from10('segmentd_rows_lag_seconds', '0.4', '90') };
  const verdict = await evaluate([
    {
      interval: '1m',
      input_series: Object.entries(late).map(([series, values]) => ({ series, values })),
      alert_rule_test: [{ alertname: 'SegmentdNotFresh', eval_time: '15m', exp_alerts: alerts }],
    },
  ]);
  expect(verdict).toEqual({ code: 0, output: expect.stringContaining('SUCCESS') });
});
