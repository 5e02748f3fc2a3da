/**
 * References between segments, by `in_segment` and by the words about the past of a membership, read from raw conditions: cycles, and
 * chains that are too long. Pure.
 */
import { isTooDeep } from '../condition/check/check-shape.ts';
import type { Issue } from '../condition/issue.ts';
import { operatorNamed } from '../condition/operator.ts';

const DEPTH = 5;

/** Key → keys that it reads. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Every key of a segment that is read, with its JSON pointer. It finds none in a condition that is too deep: the check rejects that. */
function mentions(node: unknown, pointer: string, found: { key: string; pointer: string }[]): void {
  if (!isTooDeep(node)) collect(node, pointer, found);
}

function collect(node: unknown, pointer: string, found: { key: string; pointer: string }[]): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [name, child] of Object.entries(node)) {
    const here = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (isSegmentWord(name) && !Array.isArray(node)) {
      const given: readonly unknown[] = Array.isArray(child) ? child : [child];
      const keys = name === 'in_segment' ? given : given.slice(0, 1);
      for (const key of keys) if (typeof key === 'string') found.push({ key, pointer: here });
    } else {
      collect(child, here, found);
    }
  }
}

/** An operator whose first argument is the key of a segment. */
function isSegmentWord(name: string): boolean {
  return operatorNamed(name)?.arguments[0]?.type === 'segment';
}

/** Keys of the segments that a condition reads, as it is written. */
export function readsOf(condition: unknown): readonly string[] {
  const found: { key: string; pointer: string }[] = [];
  mentions(condition, '', found);
  return [...new Set(found.map(({ key }) => key))];
}

/** Orders segments so that each comes after those that it reads. In a cycle one of them comes first all the same. */
export function readFirst<T extends { readonly key: string }>(segments: readonly T[], graph: Graph): readonly T[] {
  const byKey = new Map(segments.map((segment) => [segment.key, segment]));
  const seen = new Set<T>();
  const ordered: T[] = [];
  const visit = (segment: T): void => {
    if (seen.has(segment)) return;
    seen.add(segment);
    for (const key of graph.get(segment.key) ?? []) {
      const read = byKey.get(key);
      if (read) visit(read);
    }
    ordered.push(segment);
  };
  for (const segment of segments) visit(segment);
  return ordered;
}

/**
 * Issues of a checked condition that would be stored under `key`, when each other segment reads what `graph` says.
 * @param graph the entry of `key` itself, if any, is replaced by the condition
 * @param bound what each segment reads that counts for the length of a chain above `key`; by default as `graph`
 */
export function referenceIssues(key: string, condition: unknown, graph: Graph, bound: Graph = graph): readonly Issue[] {
  const found: { key: string; pointer: string }[] = [];
  mentions(condition, '', found);
  const above = longest(key, inverted([...bound].filter(([reader]) => reader !== key))).toReversed();
  const issues: Issue[] = [];
  for (const mention of found) {
    const cycle = pathTo(key, mention.key, graph);
    if (cycle) {
      issues.push({
        code: 'cycle',
        pointer: mention.pointer,
        message: `A segment cannot depend on itself: ${[key, ...cycle].join(' → ')}.`,
        hint: 'Write the shared part as a segment of its own, read by both.',
      });
      continue;
    }
    const chain = [...above, ...longest(mention.key, graph)];
    if (chain.length > DEPTH + 1) {
      issues.push({
        code: 'too-deep',
        pointer: mention.pointer,
        message: `Segments that read segments: at most ${DEPTH} deep, this would be ${chain.length - 1}: ${chain.map((one) => one || 'it').join(' → ')}.`,
        hint: 'Write out the condition of one of them.',
      });
    }
  }
  return issues;
}

/** Shortest chain of references from `from` to `target`, both ends included. */
export function pathTo(target: string, from: string, graph: Graph): readonly string[] | undefined {
  const seen = new Set([from]);
  for (let paths: (readonly [string, ...string[]])[] = [[from]]; paths.length > 0;) {
    const next: typeof paths = [];
    for (const path of paths) {
      const [last] = path;
      if (last === target) return path.toReversed();
      for (const read of graph.get(last) ?? []) {
        if (seen.has(read)) continue;
        seen.add(read);
        next.push([read, ...path]);
      }
    }
    paths = next;
  }
  return undefined;
}

function inverted(graph: Iterable<readonly [string, readonly string[]]>): Graph {
  const readers = new Map<string, string[]>();
  for (const [reader, reads] of graph) {
    for (const read of reads) readers.set(read, [...(readers.get(read) ?? []), reader]);
  }
  return readers;
}

/** The longest chain from a segment on, the segment first. Cut a step beyond what is allowed, because stored references may be a cycle. */
function longest(key: string, graph: Graph): readonly string[] {
  let chains: ReadonlyMap<string, readonly string[]> = new Map([[key, [key]]]);
  let last: readonly string[] = [key];
  for (let steps = 0; steps <= DEPTH && chains.size > 0; steps += 1) {
    last = [...chains.values()][0] ?? last;
    chains = new Map(
      [...chains].flatMap(([end, chain]) => (graph.get(end) ?? []).map((read) => [read, [...chain, read]] as const)),
    );
  }
  return [...chains.values()][0] ?? last;
}
