/** A preview for people: the counts, then the condition as an indented tree with a funnel, cost and advice. */
import type { EditPreview, Preview, PreviewNode } from '../index.ts';
import { plural } from './output.ts';

export function previewText(preview: Preview): readonly string[] {
  const { contacts, exact, sample, cost, advice, leavesExact } = preview;
  const about = exact ? '' : 'about ';
  return [
    `${about}${plural(preview.in, 'contact')} in, ${about}${number(preview.out)} out, of ${number(contacts)}${exact ? '' : ' (there was no time to count them: --preview-timeout)'}`,
    ...(sample.length === 0 ? [] : [`such as ${sample.join(', ')}`]),
    '',
    `${'ALONE'.padStart(WIDTH)} ${'LEFT'.padStart(WIDTH)}`,
    ...lines(preview.condition, 0, leavesExact),
    ...(leavesExact ? [] : ['', '~ estimated from a sample']),
    '',
    `cost: ${cost.class} (${COSTS[cost.class]})`,
    ...advice.flatMap(({ sentence, command }) => [sentence, `  ${command}`]),
  ];
}

const COSTS = { low: 'about that of reading the contacts', medium: 'several times that of reading the contacts', high: 'many times that of reading the contacts' } as const;
const WIDTH = 12;
const GROUPS = { all: 'all of', any: 'any of', not: 'not all of' } as const;

function number(count: number): string {
  return count.toLocaleString('en-US');
}

function lines(node: PreviewNode, depth: number, exact: boolean): string[] {
  const cell = (count: number | null): string => (count === null ? '' : `${exact ? '' : '~'}${number(count)}`).padStart(WIDTH);
  const text = node.kind === 'leaf' ? (node.text ?? '') : GROUPS[node.kind];
  return [`${cell(node.alone)} ${cell(node.left)}  ${'  '.repeat(depth)}${text}`, ...node.children.flatMap((child) => lines(child, depth + 1, exact))];
}

export function editPreviewText({ key, changes, entering, leaving, members, exact, sample }: EditPreview): readonly string[] {
  const about = exact ? '' : 'about ';
  const moved = (count: number, verb: string, some: readonly string[]): string => `${about}${plural(count, 'contact')} would ${verb}${some.length === 0 ? '' : `, such as ${some.join(', ')}`}`;
  return [
    ...(changes.length === 0 ? ['the condition stays'] : changes),
    `${key} has ${plural(members, 'member')} now`,
    moved(entering, 'enter', sample.entering),
    moved(leaving, 'leave', sample.leaving),
    ...(exact ? [] : ['estimated from a sample: there was no time to count (--preview-timeout)']),
  ];
}
