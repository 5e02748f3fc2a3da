/** `verify [KEY]`: compares stored with recomputed membership; exits 1 on drift and prints missing and extra. */
import { plural } from '../printed-output.ts';
import { table } from '../table.ts';
import type { Verb } from '../verb.ts';

export const verify: Verb = (command, run) => {
  command
    .argument('[key]')
    .option('--repair', 'queue rechecks of what differs')
    .action(
      run(async (session, key: string | undefined, flags: { readonly repair?: boolean }) => {
        const unfit: string[] = [];
        const results = await session.segmentd().admin.verify({
          onUnfit: (one) => unfit.push(one),
          repair: flags.repair === true,
          onProgress: (fraction) => session.bar.update('verifying', fraction),
          ...(key === undefined ? {} : { key }),
        });
        session.bar.end();
        const drifted = results.filter((row) => row.missing.length + row.extra.length > 0);
        await session.output.print(
          results,
          () => [
            ...(results.length === 0
              ? []
              : table(results, [
                  { title: 'key', value: (row) => row.key },
                  { title: 'checked', value: (row) => row.checked, right: true },
                  { title: 'missing', value: (row) => row.missing.length, right: true },
                  { title: 'extra', value: (row) => row.extra.length, right: true },
                ])),
            ...drifted.flatMap((row) => [
              ...row.missing.map((contact) => `${row.key} missing ${contact}`),
              ...row.extra.map((contact) => `${row.key} extra ${contact}`),
            ]),
          ],
          'There are no segments to verify.',
        );
        for (const one of unfit)
          await session.note(
            `${one} is left out: its live condition does not fit the tables any more; segmentd doctor says why`,
          );
        if (drifted.length === 0) return unfit.length === 0 ? undefined : 1;
        await session.note(
          `drift in ${plural(drifted.length, 'segment')}${flags.repair ? '; rechecks are queued' : ' (--repair queues rechecks)'}`,
        );
        return 1;
      }),
    );
};
