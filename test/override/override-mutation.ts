/** The rules of overrides, each taken out by a small change of the code; the named race must notice. */
import type { EditedCode } from '../support/edited-copy.ts';

export const mutations: readonly (EditedCode & { readonly race: string })[] = [
  {
    name: 'the first override raises no generation',
    edits: [{ file: 'src/recheck/drain.ts', find: 'if (locked.found) await', replace: 'if (Math.random() > 1) await' }],
    race: 'an override that one worker consumes, then a change that another consumes',
  },
  {
    name: 'parked contacts are evaluated without overrides',
    edits: [{ file: 'src/rebuild/parked.ts', find: '[withOverrides(build.plan)]', replace: '[build.plan]' }],
    race: 'the first override of a segment at any step of a rebuild',
  },
  {
    name: 'overrides are looked for before the barrier',
    edits: [
      {
        file: 'src/rebuild/rebuild.ts',
        find: 'const builds = await askOverrides(client, opened);',
        replace: 'const builds = opened;',
      },
    ],
    race: 'the first override of a segment at any step of a rebuild',
  },
  {
    name: 'the plan is not made anew for the first override',
    edits: [{ file: 'src/recheck/lock-segments.ts', find: 'unasked.length > 0 &&', replace: 'unasked.length < 0 &&' }],
    race: 'an override that one worker consumes, then a change that another consumes',
  },
  {
    name: 'a recheck of a contact that went takes no decision along',
    edits: [
      {
        file: 'src/recheck/purge-deleted.ts',
        find: "['manual', 'contact', 'delete'].includes(row.reason)",
        replace: "row.reason === 'manual'",
      },
    ],
    race: 'a segment becomes static while changes and overrides come in',
  },
];
