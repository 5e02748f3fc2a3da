/** The signals of a part that a test runs alone: no other part hears it, and the catalogue never changes. */
import type { Signals } from '../../src/worker/signal.ts';

export function silentSignals(own: Partial<Signals> = {}): Signals {
  return {
    wakeDrains() {},
    lookForCrossings() {},
    lookForBuilds() {},
    hasCatalogueChanged: async () => false,
    async catchUp() {},
    rereadCatalogue: async () => false,
    sweptUntil: () => ({ prompt: undefined, late: [] }),
    ...own,
  };
}

/** The same, with the watch of the catalogue that a worker has. */
export function signalsOf(
  watch: Pick<Signals, 'hasCatalogueChanged' | 'catchUp'> & { refresh(): Promise<boolean> },
): Signals {
  return silentSignals({
    hasCatalogueChanged: (under) => watch.hasCatalogueChanged(under),
    catchUp: () => watch.catchUp(),
    rereadCatalogue: () => watch.refresh(),
  });
}
