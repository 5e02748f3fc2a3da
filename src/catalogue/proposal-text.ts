/**
 * Writes a proposal as a config file: aligned, each line with what a person needs to decide on it. What is not active stands in comments that
 * become entries when `# ` is removed. Names of the database cannot end a comment or an entry. Pure.
 */
import { visible } from '../base/visible.ts';
import type { DisplayColumn } from './catalogue.ts';
import { PATH_TYPES } from './config.ts';
import type { Proposal, ProposedRelation } from './proposal.ts';
import type { Omission } from './table-link.ts';

const WIDTH = 120;

export function proposalText({ contacts, relations, omissions }: Proposal): string {
  const active = relations.filter((one) => one.active);
  const spare = relations.filter((one) => !one.active);
  const lines = [
    '# What segments may be made of. `segmentd init` wrote this file; read it and correct it.',
    '# Every column of a listed table becomes a field of conditions, except what stands under exclude.',
    ...(contacts.others.length === 0
      ? []
      : [comment(`The contacts are a guess. Other tables that could be them: ${contacts.others.join(', ')}.`)]),
    '',
    'contacts:',
    `  table: ${scalar(contacts.table)}${rowsNote(contacts.rows)}`,
    `  key: ${scalar(contacts.key)}`,
    ...(contacts.created === undefined
      ? []
      : [`  created: ${scalar(contacts.created)}   # since when a contact exists: known_for counts from it`]),
    ...(contacts.deleted === undefined
      ? []
      : [`  ${comment(`where: ${spaced(contacts.deleted.where)}   # leave deleted contacts out of every segment`)}`]),
    ...(contacts.display.length === 0
      ? []
      : [
          `  display: [${contacts.display.map(displayEntry).join(', ')}]   # what pages show of a contact; masked until a person asks for it`,
        ]),
    ...(contacts.exclude.length === 0 ? [] : wrapped('  exclude: [', contacts.exclude.map(scalar), ']', '    ')),
    '',
    ...relationLines(active),
    ...(spare.length === 0 ? [] : [...(active.length === 0 ? [] : ['']), ...spareLines(spare)]),
    '',
    ...aligned([
      ['timezone: UTC', 'default zone of segments'],
      ['timestamps: UTC', 'zone in which columns without zone were written'],
    ]),
    ...(contacts.json === undefined ? [] : ['', ...jsonExample(contacts.json)]),
    ...omissionLines(omissions),
  ];
  return `${lines.join('\n')}\n`;
}

function displayEntry({ field, masked }: DisplayColumn): string {
  return masked ? `{ ${scalar(field)}: masked }` : scalar(field);
}

const HEADS: readonly { readonly title: string; readonly holds: (one: ProposedRelation) => boolean }[] = [
  {
    title: 'rows that refer to the contact',
    holds: ({ contact, direction }) => contact !== undefined && direction === 'in',
  },
  {
    title: 'what the contact refers to',
    holds: ({ contact, through }) => contact === undefined && through === undefined,
  },
  { title: 'further away, through the relation that is named', holds: () => true },
];

function relationLines(relations: readonly ProposedRelation[]): readonly string[] {
  if (relations.length === 0) return ['relations: {}'];
  const headOf = (one: ProposedRelation): number => HEADS.findIndex(({ holds }) => holds(one));
  const width = nameWidth(relations);
  return [
    'relations:',
    ...HEADS.flatMap(({ title }, head) => {
      const own = relations.filter((one) => headOf(one) === head);
      return own.length === 0 ? [] : [`  # ${title}`, ...entryLines(own, width)];
    }),
  ];
}

/** Grouped by their reasons, in the order in which these come first. */
function spareLines(relations: readonly ProposedRelation[]): readonly string[] {
  const width = nameWidth(relations);
  const reasons = new Map<string, ProposedRelation[]>();
  for (const one of relations) reasons.set(one.reason ?? '', [...(reasons.get(one.reason ?? '') ?? []), one]);
  return [
    '  # Not active. To use one, remove "# " in front of it and of the relation that it goes through.',
    ...[...reasons].flatMap(([reason, own]) => [
      `  ${comment(`-- ${reason}:`)}`,
      ...entryLines(own, width).map((line) => line.replace(/^ {2}/, '  # ')),
    ]),
  ];
}

/** The longest name, but few long names do not push all others to the right. */
function nameWidth(relations: readonly ProposedRelation[]): number {
  const lengths = relations.map(({ name }) => scalar(name).length).sort((a, b) => a - b);
  return Math.min(lengths.at(-1) ?? 0, Math.max(12, (lengths[Math.floor(lengths.length * 0.8)] ?? 0) + 2)) + 1;
}

function entryLines(relations: readonly ProposedRelation[], width: number): readonly string[] {
  return aligned(
    relations.flatMap((one) => {
      const [first = '', ...more] = entryParts(one, width);
      return [[first, relationNote(one)] as const, ...more.map((line) => [line, ''] as const)];
    }),
  );
}

/** The entry in one line, or with its excluded columns in lines of their own. */
function entryParts(one: ProposedRelation, width: number): readonly string[] {
  const parts = [
    `table: ${scalar(one.table)}`,
    ...(one.contact === undefined ? [] : [`contact: ${scalar(one.contact)}`]),
    ...(one.through === undefined ? [] : [`through: ${scalar(one.through)}`]),
    ...(one.on ? [`on: { ${scalar(one.on.column)}: ${scalar(one.on.target)} }`] : []),
    ...(one.time === undefined ? [] : [`time: ${scalar(one.time)}`]),
  ];
  const head = `  ${`${scalar(one.name)}:`.padEnd(width)} { ${parts.join(', ')}`;
  if (one.exclude.length === 0) return [`${head} }`];
  const whole = `${head}, exclude: [${one.exclude.map(scalar).join(', ')}] }`;
  if (whole.length <= WIDTH) return [whole];
  return [`${head},`, ...wrapped('      exclude: [', one.exclude.map(scalar), '] }', '        ')];
}

function relationNote({ table, rows, note, indexes, deleted }: ProposedRelation): string {
  const missing = indexes.map((index) =>
    index.startsWith(`${table} (`) ? 'needs an index' : `needs an index on ${index}`,
  );
  return [
    ...(rows === null ? [] : [aboutRows(rows)]),
    ...(note === undefined ? [] : [note]),
    ...(deleted === undefined ? [] : [`to leave deleted rows out: where: ${spaced(deleted.where)}`]),
    ...missing,
  ].join('; ');
}

function aboutRows(rows: number): string {
  return rows === 0 ? 'no rows' : `about ${rounded(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

/** Two figures: an estimate is no count. */
function rounded(rows: number): string {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(rows)) - 1);
  return (Math.round(rows / unit) * unit).toLocaleString('en-US');
}

function rowsNote(rows: number | null): string {
  return rows === null ? '' : `   # ${aboutRows(rows)}`;
}

/** Comments in one column, as far as the lines before them are not too long. */
function aligned(lines: readonly (readonly [text: string, note: string])[]): readonly string[] {
  const at = Math.max(
    0,
    ...lines.filter(([text, note]) => note !== '' && text.length <= WIDTH - 20).map(([text]) => text.length),
  );
  return lines.map(([text, note]) => (note === '' ? text : `${text.padEnd(at)}  ${comment(note)}`));
}

/** A list over as many lines as it takes. */
function wrapped(before: string, items: readonly string[], after: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = before;
  for (const [index, item] of items.entries()) {
    const piece = index === items.length - 1 ? `${item}${after}` : `${item},`;
    const joined = line === before ? `${line}${piece}` : `${line} ${piece}`;
    if (joined.length > WIDTH && line.trim() !== '') {
      lines.push(line);
      line = `${indent}${piece}`;
    } else line = joined;
  }
  return [...lines, line];
}

/** JSON as conditions are written in this project's documents. */
function spaced(condition: unknown): string {
  return JSON.stringify(condition, undefined, 1)
    .replaceAll(/(?<=[[{])\n */g, '')
    .replaceAll(/\n *(?=[\]}])/g, '')
    .replaceAll(/,\n */g, ', ');
}

function jsonExample(column: string): readonly string[] {
  return [
    comment(`What stands inside ${column} becomes a field by its path and type (${PATH_TYPES.join(', ')}):`),
    '# fields:',
    `#   ${scalar(`${column}.plan`)}: { column: ${scalar(column)}, path: [plan], type: text }`,
  ];
}

/** Names that stand in the file at most for one reason. */
const MOST_NAMES = 30;

function omissionLines(omissions: readonly Omission[]): readonly string[] {
  if (omissions.length === 0) return [];
  const byReason = new Map<string, string[]>();
  for (const { subject, reason } of omissions) byReason.set(reason, [...(byReason.get(reason) ?? []), subject]);
  return [
    '',
    '# Left out:',
    ...[...byReason].flatMap(([reason, subjects]) => {
      const shown = subjects.slice(0, MOST_NAMES).map(visible);
      const more = subjects.length - shown.length;
      return [
        comment(`- ${reason}:`),
        ...wrapped(
          '#     ',
          [...shown, ...(more > 0 ? [`and ${more.toLocaleString('en-US')} more`] : [])],
          '',
          '#     ',
        ),
      ];
    }),
  ];
}

function comment(text: string): string {
  return `# ${visible(text)}`;
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_.$-]*$/;
const KEYWORD = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** A text of YAML, quoted where it would mean something else. `on` as a key stays as it is. */
function scalar(text: string): string {
  if (PLAIN.test(text) && !KEYWORD.test(text)) return text;
  return /[\p{C}\p{Zl}\p{Zp}']/u.test(text) || /\s/.test(text.replaceAll(' ', ''))
    ? JSON.stringify(text).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped)
    : `'${text}'`;
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
