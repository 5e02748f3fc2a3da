/**
 * The conditions of files in the words of this language, where query builders wrote them. Applied again, a file gives the same
 * condition. Pure.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { type BuilderNote, readCondition, type ReadCondition } from '../condition/foreign/foreign-condition.ts';
import type { Issue } from '../condition/issue.ts';
import { inFile, type DefinitionFile } from './definition-folder.ts';

interface FileWords {
  readonly files: readonly DefinitionFile[];
  /** Pointers begin with the file's path. */
  readonly notes: readonly BuilderNote[];
  /** What the query builders themselves reported. */
  readonly builderIssues: readonly Issue[];
  /** Issues of `files`, with their places in what the files say. */
  placed(this: void, issues: readonly Issue[]): readonly Issue[];
}

export function inOwnWords(catalogue: Catalogue, files: readonly DefinitionFile[]): FileWords {
  const reads = new Map<string, ReadCondition>();
  for (const { file, definition } of files) {
    const { condition, timezone } = definition;
    if (condition === null) continue;
    const read = readCondition(condition, { catalogue, ...(timezone ? { timezone } : {}) });
    if (read.condition !== condition || read.issues.length > 0) reads.set(file, read);
  }
  const inCondition = <T extends { readonly pointer: string }>(file: string, one: T): T => ({
    ...one,
    pointer: `${file}#/condition${one.pointer}`,
  });
  return {
    files: files.map((one) => {
      const read = reads.get(one.file);
      return read ? { ...one, definition: { ...one.definition, condition: read.condition } } : one;
    }),
    notes: [...reads].flatMap(([file, { notes }]) => notes.map((note) => inCondition(file, note))),
    builderIssues: [...reads].flatMap(([file, { issues }]) =>
      issues.map((issue) => inFile(file, { ...issue, pointer: `/condition${issue.pointer}` })),
    ),
    placed: (issues) => issues.map((issue) => placedIssue(reads, issue)),
  };
}

function placedIssue(reads: ReadonlyMap<string, ReadCondition>, issue: Issue): Issue {
  const [file = '', ...rest] = issue.pointer.split('#');
  const pointer = rest.join('#');
  const read = reads.get(file);
  if (!read || !pointer.startsWith('/condition')) return issue;
  const [placed = issue] = read.placed([{ ...issue, pointer: pointer.slice('/condition'.length) }]);
  return inFile(file, { ...placed, pointer: `/condition${placed.pointer}` });
}
