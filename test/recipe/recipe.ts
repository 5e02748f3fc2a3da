/** The files of src/recipe as the tests read them: their text, their values, and the queries and commands in them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parser } from '@prometheus-io/lezer-promql';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { optionRows } from '../../src/base/option.ts';
import { cli } from '../cli/in-process.ts';

export const recipePath = (name: string): string => fileURLToPath(new URL(`../../src/recipe/${name}`, import.meta.url));

export const recipeText = (name: string): string => readFileSync(recipePath(name), 'utf8');

const RULES = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string(), next_step: z.string() }),
        }),
      ),
    }),
  ),
});
export type AlertRule = z.infer<typeof RULES>['groups'][number]['rules'][number];

export function alertRules(): readonly AlertRule[] {
  return RULES.parse(parse(recipeText('alert-rules.yaml'))).groups.flatMap(({ rules }) => rules);
}

const GRID = z.looseObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });
const TARGET = z.looseObject({ expr: z.string(), datasource: z.unknown() });
const PANEL = z.looseObject({
  id: z.int(),
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  datasource: z.unknown().optional(),
  gridPos: GRID,
  targets: z.array(TARGET).default([]),
});
const VARIABLE = z.looseObject({
  name: z.string(),
  type: z.string(),
  query: z.union([z.string(), z.strictObject({ query: z.string(), refId: z.string() })]),
});
const BOARD = z.looseObject({ panels: z.array(PANEL), templating: z.looseObject({ list: z.array(VARIABLE) }) });

/** As it stands in the file. */
export const DASHBOARD_JSON: unknown = JSON.parse(recipeText('grafana-dashboard.json'));

export const DASHBOARD = BOARD.parse(DASHBOARD_JSON);

/** What its panels ask Prometheus. */
export function dashboardQueries(): readonly string[] {
  return DASHBOARD.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

/** A query with Grafana's own variables filled in, as Prometheus gets it. */
export const plainQuery = (query: string): string => query.replaceAll('$__rate_interval', '1m');

/** Documents of a file with several. */
export function documents(name: string): readonly unknown[] {
  return parseAllDocuments(recipeText(name)).map((document) => {
    if (document.errors.length > 0) throw new Error(`${name}: ${document.errors.map(String).join('; ')}`);
    return document.toJS() as unknown;
  });
}

/** Metrics that a query reads. @throws {Error} when it is not PromQL */
export function metricsOf(query: string): readonly string[] {
  const names: string[] = [];
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) throw new Error(`not PromQL at character ${node.from}: ${query}`);
      if (node.name === 'Identifier') names.push(query.slice(node.from, node.to));
    },
  });
  return names;
}

/** `segmentd VERB …` between backticks of a text. */
export function commandsOf(text: string): readonly string[] {
  return [...text.matchAll(/`segmentd ([^`]+)`/g)].map(([, command = '']) => command);
}

/** What is wrong with a command: a verb that is none, a flag that it does not have. Values are not looked at. */
export async function mistakesOf(command: string): Promise<readonly string[]> {
  const words = command.trim().split(/\s+/);
  const verb = words[0] === 'schedule' ? words.slice(0, 2) : words.slice(0, 1);
  const help = await cli([...verb, '--help']);
  if (help.code !== 0 || !help.stdout.startsWith(`Usage: segmentd ${verb.join(' ')} `)) return [`no verb: ${command}`];
  const global = ['--json', ...optionRows().map(({ flag }) => flag.split(' ', 1)[0])];
  return words
    .filter((word) => word.startsWith('--'))
    .map((word) => word.split('=', 1)[0] ?? '')
    .filter((flag) => !global.includes(flag) && !new RegExp(`^ +(-\\w, )?${flag}\\b`, 'm').test(help.stdout))
    .map((flag) => `${command}: no flag ${flag}`);
}
