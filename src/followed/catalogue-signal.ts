/**
 * What a flow asks of the watch of the worker's catalogue. The flows do not read the catalogue themselves:
 * several run at the same time, and each must not decide alone which catalogue counts.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { CatalogueBehind } from './catalogue-behind.ts';

export interface CatalogueSignals {
  /**
   * A statement that was compiled under this catalogue failed with SQLSTATE 42…: a table or a right may have changed.
   * Returns whether the catalogue of now is another, and then the segments that do not fit it have been dealt with.
   */
  hasCatalogueChanged(under: Catalogue): Promise<boolean>;
  /**
   * The registry found segments that the worker's catalogue does not fit (`CatalogueBehind`). Afterwards the catalogue
   * fits.
   */
  catchUp(): Promise<void>;
}

/** A newer catalogue is published; segments differ under it; a third time, because another may be published meanwhile. */
const MOST_BEHIND = 3;

/** Asks the registry. When the catalogue is behind, it is read again, and the question is asked again from its beginning. */
export async function caughtUp<T>(
  signals: Pick<CatalogueSignals, 'catchUp'> | undefined,
  ask: () => Promise<T>,
): Promise<T> {
  for (let behind = 1; ; behind += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof CatalogueBehind) || !signals || behind > MOST_BEHIND) throw error;
      await signals.catchUp();
    }
  }
}
