/** `audit`: who did what, the latest first. */
import { Option } from 'commander';
import { ACTIONS } from '../../access/action.ts';
import type { ActionEntry, ActionFilter } from '../../index.ts';
import { authorText } from '../author-text.ts';
import { wholeNumber } from '../number-flag.ts';
import { snakeKeys } from '../printed-output.ts';
import type { Verb } from '../verb.ts';

export const audit: Verb = (command, run) => {
  command
    .option('--segment <key>', 'only what was done to this segment')
    .option('--actor <person>', 'only what this person did')
    .option('--contact <contact>', 'only what was done to this contact')
    .addOption(new Option('--action <action>', 'only this action').choices(ACTIONS))
    .option('--limit <number>', 'at most so many', wholeNumber, 50)
    .option('--after <id>', 'begin behind the entry with this id')
    .action(
      run(async (session, filter: ActionFilter) => {
        const entries = await session.segmentd().access.audit(filter);
        await session.output.print(entries.map(snakeKeys), () => entries.map(line), 'There are no entries.');
      }),
    );
};

function line({ id, at, actor, databaseRole, way, action, segment, contact, detail }: ActionEntry): string {
  return [
    id,
    at,
    authorText({ createdBy: actor ?? databaseRole, databaseRole }),
    ...(way === null ? [] : [`by ${way}`]),
    action,
    ...(segment === null ? [] : [segment]),
    ...(contact === null ? [] : [`contact ${contact}`]),
    ...(detail === null ? [] : [JSON.stringify(detail)]),
  ].join('  ');
}
