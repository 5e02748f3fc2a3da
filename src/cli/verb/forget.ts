/** `forget CONTACT`: erases every trace of a contact that was deleted, and lists the files that may still hold it. */
import type { Forgotten } from '../../index.ts';
import { plural, snakeKeys, type Lines } from '../printed-output.ts';
import type { Verb } from '../verb.ts';

export const forget: Verb = (command, run) => {
  command.argument('<contact>').action(
    run(async (session, contact: string) => {
      const forgotten = await session.segmentd().admin.forget(contact);
      await session.output.print({ ...forgotten, exports: forgotten.exports.map(snakeKeys) }, () =>
        forgottenText(forgotten),
      );
    }),
  );
};

function forgottenText({ contact, memberships, events, overrides, exports }: Forgotten): Lines {
  const erased = [plural(memberships, 'membership'), plural(events, 'event'), plural(overrides, 'override')].join(', ');
  if (exports.length === 0) return `${contact} is forgotten: ${erased}; no export that is known of holds it`;
  return [
    `${contact} is forgotten: ${erased}`,
    'These exports may still hold it:',
    ...exports.map(
      ({ segment, file, delta, finishedAt }) =>
        `  ${finishedAt ?? 'being written'}  ${segment}${delta === null ? '' : `, delta ${delta}`}  ${file ?? 'to a stream'}`,
    ),
    ...(exports.some(({ delta }) => delta !== null)
      ? ['A delta that named it as entered will not say that it left.']
      : []),
  ];
}
