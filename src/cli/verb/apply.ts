/** `apply DIR`: makes the segments what the files of a folder say, all of it or nothing; `--dry-run` only says what it would do. */
import { resolve } from 'node:path';
import type { Applied } from '../../index.ts';
import { plural, snakeKeys } from '../printed-output.ts';
import { printNotes } from '../segment-flag.ts';
import type { Verb } from '../verb.ts';

interface Flags {
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly yes?: boolean;
  readonly reuse?: boolean;
  readonly overwrite?: boolean;
  readonly ifPlan?: string;
}

export const apply: Verb = (command, run) => {
  command
    .argument('<folder>')
    .option('--dry-run', 'only show what would be done')
    .option('--prune', 'delete segments that no file has')
    .option('--yes', 'however many members the edits move')
    .option('--overwrite', 'also where a segment was changed since its file was pulled')
    .option('--if-plan <plan>', 'only if there is still to do what a dry run of this plan showed')
    .option('--reuse', 'take the keys of deleted segments')
    .action(
      run(async (session, folder: string, flags: Flags) => {
        const applied = await session.segmentd().definitions.apply(resolve(session.io.cwd, folder), flags);
        await printNotes(session, applied.notes);
        await session.output.print({ ...applied, steps: applied.steps.map(snakeKeys) }, () => appliedText(applied));
      }),
    );
};

const DONE = { create: 'created', edit: 'edited', delete: 'deleted' } as const;

function appliedText({ applied, plan, steps, unchanged, withoutFile }: Applied): readonly string[] {
  const counts = (['create', 'edit', 'delete'] as const).flatMap((action) => {
    const count = steps.filter((step) => step.action === action).length;
    return count === 0 ? [] : [applied ? `${count} ${DONE[action]}` : `${count} to ${action}`];
  });
  return [
    ...steps.flatMap(({ key, action, file, changes }) => [
      `${action} ${key}${file === null ? '' : ` (${file})`}`,
      ...changes.map((line) => `  ${line}`),
    ]),
    `${steps.length === 0 ? 'nothing to do' : counts.join(', ')}; ${unchanged} unchanged`,
    ...(applied || steps.length === 0 ? [] : [`plan ${plan}; apply --if-plan ${plan} does this and nothing else`]),
    ...(withoutFile.length === 0
      ? []
      : [`${plural(withoutFile.length, 'segment')} without a file: ${withoutFile.join(', ')}`]),
  ];
}
