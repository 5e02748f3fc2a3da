/** A preview for people: the numbers and what they rest on, then the condition as an indented tree with a funnel, cost, advice. */
import type { Amount, EditPreview, Mismatch, NamedContact, Preview, PreviewNode } from '../index.ts';
import { plural } from './printed-output.ts';

export function previewText(preview: Preview): readonly string[] {
  const { sample, cost, advice, mismatches } = preview;
  const legend = legendOf(preview.condition);
  return [
    ...headline(preview),
    ...(sample.length === 0 ? [] : [`such as ${named(sample)}`]),
    '',
    `${'ALONE'.padStart(WIDTH)} ${'LEFT'.padStart(WIDTH)}`,
    ...lines(preview.condition, 0),
    ...(legend.length === 0 ? [] : ['', ...legend]),
    ...(mismatches === null
      ? ['', 'There was no time to look for jsonb values of another type than the config declares.']
      : mismatches.length === 0
        ? []
        : ['', ...mismatches.map(mismatchText)]),
    '',
    `cost: ${cost.class} (${COSTS[cost.class]})`,
    ...advice.flatMap(({ sentence, command }) => [sentence, `  ${command}`]),
  ];
}

const COSTS = {
  low: 'about that of reading the contacts',
  medium: 'several times that of reading the contacts',
  high: 'many times that of reading the contacts',
} as const;
const WIDTH = 12;
const GROUPS = {
  all: 'all of',
  any: 'any of',
  not: 'not all of',
  choice: 'the first test that holds decides',
} as const;

function number(count: number): string {
  return count.toLocaleString('en-US');
}

function named(contacts: readonly NamedContact[]): string {
  return contacts.map(({ contactId }) => contactId).join(', ');
}

function headline({ amounts: { in: inside, out, contacts } }: Preview): readonly string[] {
  if (inside.basis === 'planner') {
    return [
      `nothing was counted: there was no time (--preview-timeout)`,
      `Postgres' planner expects ${number(inside.value)} of ${number(contacts.value)} contacts to be in; it may be far off`,
    ];
  }
  const about = (amount: Amount): string => (amount.basis === 'exact' ? '' : 'about ');
  const first = `${about(inside)}${plural(inside.value, 'contact')} in, ${about(out)}${number(out.value)} out, of ${about(contacts)}${number(contacts.value)}`;
  return inside.basis === 'exact'
    ? [first]
    : [
        first,
        `from a sample: with 95 % confidence ${between(inside)} in (there was no time to count them: --preview-timeout)`,
      ];
}

function between({ value, low, high }: Amount): string {
  return `${number(low ?? value)} to ${number(high ?? value)}`;
}

const MARKS = { exact: '', sample: '~', planner: '?' } as const;

function lines(node: PreviewNode, depth: number): string[] {
  const cell = (amount: Amount | null): string =>
    (amount === null ? '' : `${MARKS[amount.basis]}${number(amount.value)}`).padStart(WIDTH);
  const text = node.kind === 'leaf' ? (node.text ?? '') : GROUPS[node.kind];
  return [
    `${cell(node.amounts.alone)} ${cell(node.amounts.left)}  ${'  '.repeat(depth)}${text}`,
    ...node.children.flatMap((child) => lines(child, depth + 1)),
  ];
}

function legendOf(root: PreviewNode): readonly string[] {
  const amounts = (node: PreviewNode): readonly (Amount | null)[] => [
    node.amounts.alone,
    node.amounts.left,
    ...node.children.flatMap(amounts),
  ];
  const all = amounts(root).filter((amount) => amount !== null);
  const errors = all
    .filter(({ basis }) => basis === 'sample')
    .map(({ value, low, high }) => Math.max(value - (low ?? value), (high ?? value) - value));
  return [
    ...(errors.length === 0
      ? []
      : [`~ estimated from a sample, with 95 % confidence within ${number(Math.max(...errors))}`]),
    ...(all.some(({ basis }) => basis === 'planner') ? ["? expected by Postgres' planner, not counted"] : []),
  ];
}

function mismatchText({ field, type, values }: Mismatch): string {
  const about = values.basis === 'exact' ? '' : 'about ';
  const error = values.basis === 'exact' ? '' : ` (from a sample: with 95 % confidence ${between(values)})`;
  return `${field}: ${about}${number(values.value)} ${values.value === 1 ? 'value is' : 'values are'} not ${type} and ${values.value === 1 ? 'counts' : 'count'} as missing${error}`;
}

export function editPreviewText({
  key,
  changes,
  entering,
  leaving,
  members,
  basis,
  bounds,
  sample,
}: EditPreview): readonly string[] {
  const about = basis === 'exact' ? '' : 'about ';
  const moved = (count: number, verb: string, some: readonly NamedContact[]): string =>
    `${about}${plural(count, 'contact')} would ${verb}${some.length === 0 ? '' : `, such as ${named(some)}`}`;
  const range = ({ low, high }: { readonly low: number; readonly high: number }): string =>
    `${number(low)} to ${number(high)}`;
  return [
    ...(changes.length === 0 ? ['the condition stays'] : changes),
    `${key} has ${plural(members, 'member')} now`,
    moved(entering, 'enter', sample.entering),
    moved(leaving, 'leave', sample.leaving),
    ...(bounds
      ? [
          `from a sample: with 95 % confidence ${range(bounds.entering)} enter and ${range(bounds.leaving)} leave (there was no time to count: --preview-timeout)`,
        ]
      : []),
  ];
}
