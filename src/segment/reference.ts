/**
 * Who refers to whom by `in_segment`, over raw conditions: cycles and chains that are too long. Pure.
 */
import type { Issue } from '../condition/issue.ts';

const DEPTH = 5;

/** Every key under an `in_segment`, with its JSON pointer. */
function mentions(node: unknown, pointer: string, found: { key: string; pointer: string }[]): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [name, child] of Object.entries(node)) {
    const here = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (name === 'in_segment' && !Array.isArray(node)) {
      const keys: readonly unknown[] = Array.isArray(child) ? child : [child];
      for (const key of keys) if (typeof key === 'string') found.push({ key, pointer: here });
    } else {
      mentions(child, here, found);
    }
  }
}

/** Keys of the segments that a condition reads, as it is written. */
export function readsOf(condition: unknown): readonly string[] {
  const found: { key: string; pointer: string }[] = [];
  mentions(condition, '', found);
  return [...new Set(found.map(({ key }) => key))];
}

/**
 * Issues of a checked condition that would be stored under `key`, when each other segment reads what `graph` says.
 * @param graph key → keys it reads; the entry of `key` itself, if any, is replaced by the condition
 */
export function referenceIssues(key: string, condition: unknown, graph: ReadonlyMap<string, readonly string[]>): readonly Issue[] {
  const found: { key: string; pointer: string }[] = [];
  mentions(condition, '', found);
  const above = longest(key, inverted([...graph].filter(([reader]) => reader !== key))).toReversed();
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
export function pathTo(target: string, from: string, graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const seen = new Set([from]);
  for (let paths: (readonly [string, ...string[]])[] = [[from]]; paths.length > 0; ) {
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

function inverted(graph: Iterable<readonly [string, readonly string[]]>): ReadonlyMap<string, readonly string[]> {
  const readers = new Map<string, string[]>();
  for (const [reader, reads] of graph) {
    for (const read of reads) readers.set(read, [...(readers.get(read) ?? []), reader]);
  }
  return readers;
}

/** The longest chain from a segment on, itself first, cut a step beyond what is allowed: what is stored may be a cycle. */
function longest(key: string, graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  let chains: ReadonlyMap<string, readonly string[]> = new Map([[key, [key]]]);
  let last: readonly string[] = [key];
  for (let steps = 0; steps <= DEPTH && chains.size > 0; steps += 1) {
    last = [...chains.values()][0] ?? last;
    chains = new Map([...chains].flatMap(([end, chain]) => (graph.get(end) ?? []).map((read) => [read, [...chain, read]] as const)));
  }
  return [...chains.values()][0] ?? last;
}
