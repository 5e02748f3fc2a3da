/** Limits made so small that a few contacts reach them. They are no options: no user has a reason to set them. */
import type { Edit, EditedCode } from '../support/edited-copy.ts';

const scan = 'src/rebuild/scan.ts';
const flip = 'src/rebuild/flip.ts';

const ONE_BY_ONE: readonly Edit[] = [
  { file: scan, find: 'const FIRST_CHUNK = 50_000;', replace: 'const FIRST_CHUNK = 1;' },
  {
    file: scan,
    find: 'this.#size = Math.max(SMALLEST_CHUNK, Math.round(size * Math.min(8, Math.max(0.25, CHUNK_TARGET_MS / Math.max(1, ms)))));',
    replace: 'this.#size = ms * size < 0 ? CHUNK_TARGET_MS + SMALLEST_CHUNK : 1;',
  },
];

/** Chunks of one contact, a round for each parked one, and no flip that is small enough for rechecks of its readers. */
export const smallest: EditedCode = {
  name: 'smallest limits of a rebuild',
  edits: [
    ...ONE_BY_ONE,
    { file: flip, find: 'const PARKED_IN_FLIP = 2_000;', replace: 'const PARKED_IN_FLIP = 1;' },
    { file: flip, find: 'const RECHECK_DEPENDENTS = 10_000;', replace: 'const RECHECK_DEPENDENTS = 0;' },
  ],
};

/** Every connection of a build reads its own contact, down to the last. */
export const shared: EditedCode = {
  name: 'a rebuild shared contact by contact',
  edits: [...ONE_BY_ONE, { file: scan, find: 'const LAST_CHUNK = 20_000;', replace: 'const LAST_CHUNK = 0;' }],
};

export const impatient: EditedCode = {
  name: 'a drain that may idle for a second',
  edits: [{ file: 'src/recheck/drain.ts', find: 'idleTimeout: 30_000', replace: 'idleTimeout: 1_000' }],
};
