/** What a worker logs of its events. Every line carries the worker's identity. */
import { Failure, sqlState } from '../base/error.ts';
import { createRepeats, type Log } from '../base/log.ts';
import { CatalogueBehind } from '../followed/catalogue-behind.ts';
import { subscribe, type WorkerEmitter } from './event.ts';

/** Keys in one line. */
const MOST_KEYS = 20;

/** Returns how to end it. */
export function keepJournal(events: WorkerEmitter, log: Log): () => void {
  const again = createRepeats();
  return subscribe(events, {
    error: ({ during, error }) => {
      // `outdated` says it.
      if (error instanceof Failure && error.code === 'incompatible') return;
      const repeats = again(`${during} ${sqlState(error) ?? (error instanceof Error ? error.message : '')}`);
      if (repeats === undefined) return;
      const about = { during, ...(repeats > 0 ? { repeats } : {}) };
      if (error instanceof CatalogueBehind) log.info(about, `${error.message}; the catalogue is read again`);
      else log.warn({ err: error, ...about }, 'tried again');
    },
    outdated: (failure) =>
      log.error(
        { err: failure },
        failure.code === 'incompatible'
          ? 'another version of segmentd has migrated the schema; this worker stops'
          : 'the schemas of segmentd were dropped; this worker stops',
      ),
    queue: ({ up, place, reason }) => {
      if (up) log.info({ place }, 'the queue answers again');
      else log.warn({ place, reason }, 'the queue does not answer; rebuilds and exports go on without it');
    },
    frozen: ({ segments }) => log.error({ segments }, 'segments frozen: their condition cannot be evaluated'),
    rebuilt: (rebuilt) => log.info(ofSegment(rebuilt), 'rebuilt'),
    held: (held) =>
      log.warn(ofSegment(held), 'an edit moves many members and is held; segmentd edit KEY --yes lets it through'),
    drift: ({ sentences }) =>
      log.warn(
        { sentences },
        'the tables changed where no trigger sees it; what reads them is rebuilt. See segmentd doctor',
      ),
    audited: ({ segments, differences }) => {
      if (differences > 0)
        log.warn({ segments, differences }, 'members differed from their conditions; they are being repaired');
    },
    ranked: (ranked) => log.info(ranked, 'a rank was computed'),
    rankFailed: ({ name, error }) =>
      log.warn({ err: error, rank: name }, 'a rank was not computed; its values stay, and segmentd status says why'),
    exported: (exported) => log.info(exported, 'exported'),
    exportFailed: ({ error, again: retried, ...run }) =>
      log.warn(
        { err: error, ...run },
        retried ? 'an export failed and is tried again' : 'an export failed; segmentd schedule runs says why',
      ),
    catalogue: ({ published, rebuilt }) =>
      log.info(
        rebuilt.length === 0 ? {} : { segments: rebuilt.slice(0, MOST_KEYS), count: rebuilt.length },
        `${published ? 'another catalogue was published' : 'the tables changed'}; ${rebuilt.length === 0 ? 'no segment is rebuilt for it' : 'the segments that read what changed are rebuilt'}`,
      ),
  });
}

/** `version` of a line is that of segmentd. */
function ofSegment({ version, ...rest }: { readonly version: number }): object {
  return { ...rest, segmentVersion: version };
}
