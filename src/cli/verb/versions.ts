/** `versions KEY`: who changed what and when; `versions KEY FROM TO`: what changed between two of them. */
import { Failure } from '../../base/error.ts';
import type { Version } from '../../index.ts';
import { differenceLines } from '../../segment/edit-difference.ts';
import type { Verb } from '../verb.ts';
import { authorText } from '../author-text.ts';
import { versionNumber } from '../segment-flag.ts';

export const versions: Verb = (command, run) => {
  command
    .argument('<key>')
    .argument('[from]', 'an older version', versionNumber)
    .argument('[to]', 'a newer version', versionNumber)
    .action(
      run(async (session, key: string, from: number | undefined, to: number | undefined) => {
        const segmentd = session.segmentd();
        if (from === undefined) {
          const list = await segmentd.segments.versions(key);
          return session.output.print(list, () => list.flatMap(versionText));
        }
        if (to === undefined) throw new Failure('usage', 'Give two versions to compare, or none to list them all.');
        const difference = await segmentd.segments.diff(key, from, to);
        await session.output.print({ key, from, to, ...difference }, () => {
          const lines = differenceLines(difference);
          return lines.length === 0 ? 'no difference' : lines;
        });
      }),
    );
};

function versionText(one: Version): readonly string[] {
  const { version, state, sentence, live, wanted, createdAt, changes } = one;
  const marks = [
    ...(live ? ['live'] : []),
    ...(state === 'accepted' || state === 'superseded' ? [] : [state]),
    ...(wanted && !live && state === 'accepted' ? ['to be built'] : []),
  ];
  return [
    `${version}  ${createdAt} by ${authorText(one)}${marks.length > 0 ? `  (${marks.join(', ')})` : ''}`,
    ...(sentence === null ? [] : [`     ${sentence}`]),
    ...changes.map((line) => `     ${line}`),
  ];
}
