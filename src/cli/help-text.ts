/**
 * What `--help` prints. Of segmentd: the verbs by what a person wants, and the options that people need; with `--all` every
 * verb with its summary and every option. Of a verb: its own options first, the settings that it reads, its examples.
 */
import type { Argument, Command, Option } from 'commander';
import { optionRows, type OptionRow } from '../base/option.ts';
import { EXAMPLES } from './example.ts';
import { VERBS } from './verb-list.ts';
import { VERB_GROUPS, type VerbGroup } from './verb.ts';
import { glossary, wrap } from './wrap.ts';

export interface HelpShape {
  readonly width: number;
  /** Every verb and option. */
  readonly isAll: boolean;
}

export function helpText(command: Command, shape: HelpShape): string {
  const lines = command.parent === null ? programLines(command, shape) : verbLines(command, shape.width);
  return `${lines.join('\n')}\n`;
}

type Row = readonly [term: string, text: string];

const SHOWN = ['config', 'databaseUrl'];
const EVERY_VERB = 'Every verb takes --config, --database-url, --json, and the options of segmentd --help --all.';

function programLines(root: Command, { width, isAll }: HelpShape): readonly string[] {
  const shown = optionRows().filter(({ name }) => SHOWN.includes(name));
  const own: readonly Row[] = [...shown.map(plainRow), ['--json', 'print JSON'], helpRow(root)];
  return [
    ...wrap(root.description(), width),
    '',
    'Usage: segmentd VERB [options]',
    '',
    ...(isAll ? allVerbs(width) : VERB_GROUPS.flatMap((group) => groupLine(group, width))),
    '',
    'Options',
    ...glossary(isAll ? [['--json', 'print JSON'], helpRow(root), ['--version', 'print the version']] : own, width),
    ...(isAll ? allSettings(width) : []),
    '',
    ...(isAll ? [] : beginning(width)),
    ...wrap('segmentd help VERB explains one verb, with examples.', width),
  ];
}

function beginning(width: number): readonly string[] {
  return [
    'Begin',
    ...glossary(
      [
        ['segmentd dev', 'a sample shop, live'],
        ['segmentd init', 'your own tables'],
      ],
      width,
    ),
    '',
  ];
}

function helpRow(root: Command): Row {
  return [
    '--help',
    root
      .createHelp()
      .visibleOptions(root)
      .find(({ long }) => long === '--help')?.description ?? '',
  ];
}

function title(group: VerbGroup): string {
  return group.charAt(0).toUpperCase() + group.slice(1);
}

function namesOf(group: VerbGroup): readonly string[] {
  return VERBS.filter((row) => row.group === group).map((row) => row.name);
}

/** `Set up   dev, init, …` */
function groupLine(group: VerbGroup, width: number): readonly string[] {
  const column = Math.max(...VERB_GROUPS.map((one) => one.length)) + 2;
  return wrap(title(group).padEnd(column) + namesOf(group).join(', '), width, column);
}

function allVerbs(width: number): readonly string[] {
  const lines = VERB_GROUPS.flatMap((group) => [
    title(group),
    ...glossary(
      VERBS.filter((row) => row.group === group).map(({ name, summary }): Row => [name, summary]),
      width,
    ),
    '',
  ]);
  return lines.slice(0, -1);
}

function allSettings(width: number): readonly string[] {
  const rows = optionRows();
  const some = rows.filter(({ verbs }) => verbs !== undefined);
  return [
    ...glossary(
      rows.filter(({ verbs }) => verbs === undefined).map((row) => settingRow(row)),
      width,
    ),
    '',
    'Options of some verbs',
    ...glossary(
      some.map((row) => settingRow(row, row.verbs)),
      width,
    ),
  ];
}

function plainRow({ flag, help }: OptionRow): Row {
  return [flag, help];
}

function settingRow({ flag, help, environment, default: standard }: OptionRow, verbs: readonly string[] = []): Row {
  const notes = [...(verbs.length > 0 ? [verbs.join(', ')] : []), environment];
  return [flag, `${help} (${[...notes, ...(standard === undefined ? [] : [`default ${standard}`])].join('; ')})`];
}

function verbLines(command: Command, width: number): readonly string[] {
  const path = pathOf(command);
  const [verb = ''] = path;
  const name = path.join(' ');
  const described = command.registeredArguments.filter(({ description }) => description !== '');
  const options = command.options.filter(({ hidden }) => !hidden);
  const settings = path.length === 1 ? optionRows().filter(({ verbs }) => verbs?.includes(verb)) : [];
  const examples = (EXAMPLES[verb] ?? []).filter((one) => one.includes(`segmentd ${name}`));
  const summary = command.description();
  return [
    ...wrap(usageOf(command), width, 7),
    '',
    ...wrap(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`, width),
    ...section('Verbs', command.commands.map(subverbRow), width),
    ...section(
      'Arguments',
      described.map((one): Row => [argumentTerm(one), one.description]),
      width,
    ),
    ...section('Options', options.map(optionRow), width),
    ...section(
      'Settings, each also in the environment and in the config file',
      settings.map((row) => settingRow(row)),
      width,
    ),
    ...(examples.length === 0 ? [] : ['', examples.length === 1 ? 'Example' : 'Examples']),
    ...examples.flatMap((one) => wrap(`  ${one}`, width, 6)),
    '',
    ...wrap(EVERY_VERB, width),
  ];
}

/** `Usage: segmentd show <key> [options]` */
export function usageOf(command: Command): string {
  const inner = command.commands.length > 0 ? ['VERB'] : [];
  const terms = command.registeredArguments.map(argumentTerm);
  return ['Usage: segmentd', ...pathOf(command), ...terms, ...inner, '[options]'].join(' ');
}

function section(heading: string, rows: readonly Row[], width: number): readonly string[] {
  return rows.length === 0 ? [] : ['', ...wrap(heading, width), ...glossary(rows, width)];
}

/** `['schedule', 'add']` */
function pathOf(command: Command): readonly string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

function argumentTerm(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function subverbRow(command: Command): Row {
  return [[command.name(), ...command.registeredArguments.map(argumentTerm)].join(' '), command.description()];
}

function optionRow({ flags, description, argChoices, defaultValue, defaultValueDescription, mandatory }: Option): Row {
  const standard =
    defaultValueDescription ?? (['string', 'number'].includes(typeof defaultValue) ? String(defaultValue) : undefined);
  const notes = [
    ...(mandatory ? ['needed'] : []),
    ...(argChoices ? [argChoices.join(', ')] : []),
    ...(standard === undefined ? [] : [`default ${standard}`]),
  ];
  return [flags, [description, ...(notes.length === 0 ? [] : [`(${notes.join('; ')})`])].filter(Boolean).join(' ')];
}
