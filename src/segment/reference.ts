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
    } else if (1 + depth(mention.key, graph) > DEPTH) {
      issues.push({ code: 'too-deep', pointer: mention.pointer, message: `Segments that read segments: at most ${DEPTH} deep.` });
    }
  }
  return issues;
}

/** Shortest chain of references from `from` to `target`, both ends included. */
function pathTo(target: string, from: string, graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
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

/** Length of the longest chain below a segment, at most one more than is allowed. */
function depth(key: string, graph: ReadonlyMap<string, readonly string[]>): number {
  let level = new Set([key]);
  for (let steps = 0; steps <= DEPTH; steps += 1) {
    level = new Set([...level].flatMap((read) => graph.get(read) ?? []));
    if (level.size === 0) return steps;
  }
  return DEPTH + 1;
}
