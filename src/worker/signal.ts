/**
 * Which part of a worker asks which other part for what. The parts do not know each other: a part says by a signal what
 * it has seen, and compose.ts connects the signal to the part that acts. What a worker reports to the outside is
 * another list (event.ts).
 *
 * | signal                | said by                                   | acted on by     | afterwards                                |
 * | --------------------- | ----------------------------------------- | --------------- | ----------------------------------------- |
 * | `wakeDrains`          | sweeps, the audit, flips, the listener    | drains          | a drain looks now, not at its next poll   |
 * | `lookForCrossings`    | drains                                    | sweeper         | a look at the edges soon, not at its next poll |
 * | `lookForBuilds`       | drains, and a loop every five seconds     | keeper          | versions are validated, builds are asked for |
 * | `hasCatalogueChanged` | drains, sweeps, builds after SQLSTATE 42… | catalogue watch | the worker's catalogue is that of now     |
 * | `catchUp`             | drains, sweeps, keeper, builds            | catalogue watch | the catalogue fits the segments again     |
 * | `rereadCatalogue`     | keeper                                    | catalogue watch | the worker's catalogue is that of now     |
 * | `sweptUntil`          | drains, metrics                           | sweeper         | nothing changes: the signal only asks     |
 *
 * A signal without an answer never blocks and never throws. A signal with an answer throws when the database does.
 */
import type { CatalogueSignals } from '../followed/catalogue-signal.ts';
import type { Clean } from '../sweep/clean.ts';

export interface Signals extends CatalogueSignals {
  /** Changes or rechecks were queued. */
  wakeDrains(): void;
  /** Rows changed, and may cross an edge before the next look at these. */
  lookForCrossings(): void;
  /** A look found something to validate, to carry out or to build. */
  lookForBuilds(): void;
  /** A version does not fit the worker's catalogue, which may be old. Returns whether it was. */
  rereadCatalogue(): Promise<boolean>;
  /** Up to when crossings have been queued, as far as the sweep has looked. */
  sweptUntil(): Clean;
}
