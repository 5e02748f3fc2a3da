/**
 * `segmentd.segments`: what callers want of segments, and what each segment and each version says. A method that writes takes
 * `{ client }`, a connection on which the caller's transaction is open. Nothing here writes membership: the worker does.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Tables } from '../condition/typed.ts';
import type { ExplainOptions, Explanation } from '../explain/explanation.ts';
import type { Trial, TrialOptions } from '../explain/trial.ts';
import type { SegmentSql, SqlOptions } from '../explain/segment-sql.ts';
import type { WantedState } from '../lifecycle/state.ts';
import type { UntilLiveOptions } from '../lifecycle/until-live.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { OutlineOptions, OutlinePage, SegmentOutline } from '../overview/segment-outline.ts';
import type { EditPreview, EditPreviewOptions } from '../preview/edit-preview.ts';
import type { PreviewOptions } from '../preview/preview.ts';
import type { Difference } from '../segment/edit-difference.ts';
import type { ExpectedOptions } from '../segment/expected-version.ts';
import type { CreateOptions } from '../segment/create-segment.ts';
import type { EditOptions } from '../segment/edit-segment.ts';
import type { Segment } from '../segment/read-segment.ts';
import type { Uses } from '../segment/where-used.ts';
import type { Version } from '../segment/version-list.ts';
import type { WriteOptions } from './call-option.ts';
import type { Connection } from './connection.ts';
import {
  CONDITION_SOURCE,
  CREATE,
  EDIT,
  EDIT_PREVIEW,
  EXPECTED,
  EXPLAIN,
  NEW_SEGMENT,
  OUTLINE,
  PREVIEW,
  SEARCH,
  SEGMENT_EDIT,
  SQL,
  TRIAL,
  UNTIL_LIVE,
  WRITE,
} from './input-schema.ts';
import { checkInput, count, text } from './input.ts';
import {
  checkedCondition,
  inOwnWords,
  noted,
  zoneOfEdit,
  type AsRead,
  type NotedSegment,
  type ReadPreview,
} from './own-words.ts';
import type { ConditionOf, ConditionSource, NewSegment, SegmentEdit } from './typed-input.ts';

export class SegmentApi<T extends Tables | undefined = undefined> {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Creates a segment. Its members come with its first build (`untilLive`).
   * @param options.reuse takes the key of a deleted segment
   * @throws {Failure} `usage`; `RefusedCondition`; `conflict` when the key is or was in use
   */
  async create(input: NewSegment<T>, options: WriteOptions & CreateOptions = {}): Promise<NotedSegment> {
    checkInput(NEW_SEGMENT, input, 'A new segment');
    checkInput(CREATE, options, 'The options of segments.create');
    await this.#connection.requirePublication();
    const { createSegment } = await import('../segment/create-segment.ts');
    return this.#write(options, (database, catalogue) =>
      inOwnWords(catalogue, input, input.timezone, async (own, { notes }) =>
        noted(await createSegment(database, catalogue, own, options), notes),
      ),
    );
  }

  /**
   * Changes what is named and leaves the rest. A new condition or zone makes a new version; members follow the old version until
   * the new one is built.
   * @param options.confirm lets the new version through, however many members it moves; otherwise the worker may hold it
   * @param options.expectedVersion the version that the caller read; a later version is not overwritten
   * @throws {Failure} `not-found`; `usage`; `RefusedCondition`; `conflict` with `data: Overtaken`
   */
  async edit(key: string, change: SegmentEdit<T>, options: WriteOptions & EditOptions = {}): Promise<NotedSegment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(SEGMENT_EDIT, change, 'An edit');
    checkInput(EDIT, options, 'The options of segments.edit');
    const { editSegment } = await import('../segment/edit-segment.ts');
    if (change.condition !== undefined)
      return this.#write(options, async (database, catalogue) =>
        inOwnWords(catalogue, change, await zoneOfEdit(database, key, change), async (own, { notes }) =>
          noted(await editSegment(database, catalogue, key, own, options), notes),
        ),
      );
    // A name needs no tables: callers may change it while the tables are away. With the tables, a conflict says what others changed.
    const catalogue = await this.#connection.fitting().then(
      (fitting) => fitting.catalogue,
      () => undefined,
    );
    return this.#connection.writing(options, (database) => editSegment(database, catalogue, key, change, options));
  }

  /**
   * Refuses an edit that would move too many members, before it is written: an SQL edit of that size is held instead.
   * @param options.guard the limits; default: those of the option table
   * @param options.expectedVersion the version that the caller read; a later one is reported before anything is counted
   * @throws {Failure} `conflict` with the numbers, or with what a later version changed; `not-found`; `RefusedCondition`
   */
  async guardEdit(
    key: string,
    change: SegmentEdit<T>,
    { guard, expectedVersion, ...options }: EditPreviewOptions & ExpectedOptions = {},
  ): Promise<void> {
    checkInput(text, key, 'The key of a segment');
    if (expectedVersion !== undefined) {
      checkInput(EXPECTED, { expectedVersion }, 'The options of segments.guardEdit');
      const catalogue = await this.#wording({ expectedVersion });
      const { refuseOvertaken } = await import('../segment/expected-version.ts');
      await refuseOvertaken(await this.#connection.pool(), key, expectedVersion, catalogue);
    }
    const { refuseBeyond } = await import('../preview/edit-preview.ts');
    refuseBeyond(await this.previewEdit(key, change, { ...options, sample: 0 }), guard);
  }

  /** Confirms the wanted version that the guard holds, or would hold. @throws {Failure} `not-found`; `conflict` when it is live */
  async confirm(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(EXPECTED, options, 'The options of segments.confirm');
    const catalogue = await this.#wording(options);
    const { confirmSegment } = await import('../segment/edit-segment.ts');
    return this.#connection.writing(options, (database) => confirmSegment(database, key, { ...options, catalogue }));
  }

  /** Copies condition and zone of a segment into a new one. @throws {Failure} `not-found`, `conflict` */
  async duplicate(key: string, newKey: string, options: WriteOptions & CreateOptions = {}): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(text, newKey, 'The key of a segment');
    checkInput(CREATE, options, 'The options of segments.duplicate');
    const { duplicateSegment } = await import('../segment/create-segment.ts');
    return this.#write(options, (database, catalogue) => duplicateSegment(database, catalogue, key, newKey, options));
  }

  /** Lists segments in order of their keys. @param options.search part of key, name, description or tag */
  async list(options: { readonly search?: string } = {}): Promise<readonly Segment[]> {
    checkInput(SEARCH, options, 'The options of segments.list');
    const { listSegments } = await import('../segment/read-segment.ts');
    return listSegments(await this.#connection.pool(), options);
  }

  /** Lists segments as a page shows them, with sizes, freshness, proof and what each needs. @throws {Failure} `usage` */
  async outlines(options: OutlineOptions = {}): Promise<OutlinePage> {
    checkInput(OUTLINE, options, 'The options of segments.outlines');
    const { outlineSegments } = await import('../overview/segment-outline.ts');
    return outlineSegments(await this.#connection.pool(), options, await this.#connection.sizes());
  }

  /** Returns one segment as its page shows it. @throws {Failure} `not-found` */
  async outline(key: string): Promise<SegmentOutline> {
    checkInput(text, key, 'The key of a segment');
    const { outlineSegment } = await import('../overview/segment-outline.ts');
    return outlineSegment(await this.#connection.pool(), key);
  }

  /** Returns one segment: what is wanted, and its state. @throws {Failure} `not-found` */
  async show(key: string): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    const { showSegment } = await import('../segment/read-segment.ts');
    return showSegment(await this.#connection.pool(), key);
  }

  /** Returns when membership follows the wanted version. @throws {Failure} `not-found`; `failed` with the reason, or after `timeout` */
  async untilLive(key: string, options: UntilLiveOptions = {}): Promise<void> {
    checkInput(text, key, 'The key of a segment');
    checkInput(UNTIL_LIVE, options, 'The options of segments.untilLive');
    const { untilLive } = await import('../lifecycle/until-live.ts');
    await untilLive(await this.#connection.pool(), key, options);
  }

  /** Empties a segment and keeps its history; `restore` brings it back. @throws {Failure} `not-found`; `conflict` naming what uses it */
  async delete(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<void> {
    await this.#request(key, 'deleted', options);
  }

  /** Leaves members as they are until `resume`, also for segments that read this one. @throws {Failure} `not-found`, `conflict` */
  async pause(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<void> {
    await this.#request(key, 'paused', options);
  }

  /** Ends a pause or an archive: the worker rebuilds the segment and keeps it again. @throws {Failure} `not-found`, `conflict` */
  async resume(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<void> {
    await this.#request(key, 'live', options);
  }

  /** Archives a segment: its members stay as they are until `resume`. @throws {Failure} `not-found`; `conflict` naming what uses it */
  async archive(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<void> {
    await this.#request(key, 'archived', options);
  }

  /** Restores a deleted segment within 30 days. @throws {Failure} `not-found`, `conflict`; `RefusedCondition` */
  async restore(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(EXPECTED, options, 'The options of segments.restore');
    const { restoreSegment } = await import('../segment/restore-segment.ts');
    return this.#write(options, (database, catalogue) => restoreSegment(database, catalogue, key, options));
  }

  /** Requests a rebuild of one segment or of all that are kept. @returns the keys that will be rebuilt @throws {Failure} `not-found`, `conflict` */
  async rebuild(key: string | 'all', options: WriteOptions = {}): Promise<readonly string[]> {
    checkInput(text, key, 'The key of a segment');
    checkInput(WRITE, options, 'The options of segments.rebuild');
    const { askRebuild } = await import('../segment/ask-rebuild.ts');
    return this.#connection.writing(options, (database) =>
      askRebuild(database, key, { inside: options.client !== undefined }),
    );
  }

  /** Lists the segments that read this one, and the schedules that export it. @throws {Failure} `not-found` */
  async uses(key: string): Promise<Uses> {
    await this.show(key);
    const { whereUsed } = await import('../segment/where-used.ts');
    return whereUsed(await this.#connection.pool(), key);
  }

  /** Lists every version of a segment, the latest first, with who and when. @throws {Failure} `not-found` */
  async versions(key: string): Promise<readonly Version[]> {
    checkInput(text, key, 'The key of a segment');
    const { listVersions } = await import('../segment/version-list.ts');
    return this.#connection.withFitting((catalogue, pool) => listVersions(pool, catalogue, key));
  }

  /** Says what changed between two versions. @throws {Failure} `not-found` */
  async diff(key: string, from: number, to: number): Promise<Difference> {
    checkInput(text, key, 'The key of a segment');
    for (const number of [from, to]) checkInput(count, number, 'The number of a version');
    const { diffVersions } = await import('../segment/restore-segment.ts');
    return this.#connection.withFitting((catalogue, pool) => diffVersions(pool, catalogue, key, from, to));
  }

  /** Makes the condition and zone of an old version a new version. @throws {Failure} `not-found`; `RefusedCondition` */
  async restoreVersion(key: string, number: number, options: WriteOptions & EditOptions = {}): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(count, number, 'The number of a version');
    checkInput(EDIT, options, 'The options of segments.restoreVersion');
    const { restoreVersion } = await import('../segment/restore-segment.ts');
    return this.#write(options, (database, catalogue) => restoreVersion(database, catalogue, key, number, options));
  }

  /** Describes a condition in plain English. @throws {RefusedCondition} */
  async describe(of: ConditionSource<T>): Promise<string> {
    checkInput(CONDITION_SOURCE, of, 'What is described');
    const segment = 'key' in of ? await this.show(of.key) : undefined;
    if (segment && segment.kind !== 'dynamic') return (await import('../lifecycle/sentence.ts')).LISTED[segment.kind];
    const { condition, timezone } = segment ?? conditionOf(of);
    const { describe } = await import('../condition/describe/describe.ts');
    return this.#connection.withFitting(async (catalogue) =>
      describe(await checkedCondition(catalogue, { condition, timezone }), catalogue),
    );
  }

  /**
   * Reads a condition as a query builder exports it: the same condition in the words of this language, and what was read how.
   * `create`, `edit` and the others read it so too, and refuse it when it is wrong; this call only reads.
   * @throws {RefusedCondition} for an export that the query builder itself calls incomplete
   */
  async readCondition(draft: { readonly condition: unknown; readonly timezone?: string }): Promise<AsRead> {
    checkInput(CONDITION_SOURCE, draft, 'What is read');
    return this.#connection.withFitting((catalogue) =>
      inOwnWords(catalogue, draft, draft.timezone, (_, read) => Promise.resolve(read)),
    );
  }

  /**
   * Returns the SQL that a condition became: that of a rebuild and that of a recheck. Nothing of it is run.
   * @param of the key of a segment, or a condition that is not saved
   * @throws {Failure} `not-found`; `usage` when `options.contacts` holds what cannot be a contact's key; `RefusedCondition`
   */
  async sql(of: string | ConditionSource<T>, options: SqlOptions = {}): Promise<SegmentSql> {
    const source = typeof of === 'string' ? { key: of } : of;
    checkInput(CONDITION_SOURCE, source, 'What is printed as SQL');
    checkInput(SQL, options, 'The options of segments.sql');
    const { sqlOfCondition, sqlOfSegment } = await import('../explain/segment-sql.ts');
    return this.#connection.withFitting((catalogue, pool) => {
      if ('key' in source) return sqlOfSegment(pool, catalogue, source.key, options);
      const { condition, timezone } = conditionOf(source);
      return inOwnWords(catalogue, { condition }, timezone, (own) =>
        sqlOfCondition(pool, catalogue, own.condition, timezone || null, options),
      );
    });
  }

  /** Tries a condition before it is saved: counts, a sample, each leaf, the cost. @throws {RefusedCondition} */
  async preview(of: ConditionSource<T>, options: PreviewOptions = {}): Promise<ReadPreview> {
    checkInput(CONDITION_SOURCE, of, 'What is tried');
    checkInput(PREVIEW, options, 'The options of segments.preview');
    const { preview } = await import('../preview/preview.ts');
    const segment = 'key' in of ? await this.show(of.key) : undefined;
    if (segment && segment.kind !== 'dynamic')
      throw new Failure('conflict', `${segment.key} is ${segment.kind}: there is no condition to try.`);
    const { condition, timezone = null } = segment ?? conditionOf(of);
    const { rejectVersion } = await import('../segment/reject-segment.ts');
    const zone = timezone || null;
    return this.#connection.withFitting((catalogue, pool) =>
      inOwnWords(catalogue, { condition, timezone: zone }, zone, async (own, read) => {
        await rejectVersion(pool, catalogue, { key: 'key' in of ? of.key : '', ...own });
        const found = await preview(pool, catalogue, own, options);
        return read.notes.length === 0 ? found : { ...found, read };
      }),
    );
  }

  /** Says who would enter and leave by an edit. @throws {Failure} `not-found`; `RefusedCondition` */
  async previewEdit(key: string, change: SegmentEdit<T>, options: EditPreviewOptions = {}): Promise<EditPreview> {
    checkInput(text, key, 'The key of a segment');
    checkInput(SEGMENT_EDIT, change, 'An edit');
    checkInput(EDIT_PREVIEW, options, 'The options of segments.previewEdit');
    const { previewEdit } = await import('../preview/edit-preview.ts');
    return this.#connection.withFitting(async (catalogue, pool) =>
      inOwnWords(catalogue, change, await zoneOfEdit(pool, key, change), (own) =>
        previewEdit(pool, catalogue, key, own, options),
      ),
    );
  }

  /**
   * Says why a contact is in a segment or not, leaf by leaf, and when that changes by time alone.
   * @throws {Failure} `not-found` for an unknown segment; `usage` when `contact` cannot be a contact's key
   */
  async explain(key: string, contact: string, options: ExplainOptions = {}): Promise<Explanation> {
    checkInput(text, key, 'The key of a segment');
    checkInput(text, contact, 'The key of a contact');
    checkInput(EXPLAIN, options, 'The options of segments.explain');
    const { explain } = await import('../explain/explain.ts');
    const explanation = await this.#connection.withFitting((catalogue, pool) =>
      explain(pool, catalogue, key, contact, options),
    );
    const action = options.masked === true ? 'explain' : 'reveal';
    await this.#connection.note({ action, segment: key, contact: explanation.contact });
    return explanation;
  }

  /**
   * Tries a condition that is not saved on one contact: Postgres' verdict of each of its rows, and the document from which
   * `rowVerdicts` of `segmentd/condition` computes the same. Masked values stay masked without `options.reveal`.
   * @throws {RefusedCondition}; {Failure} `usage` when `contact` cannot be a contact's key
   */
  async trial(
    draft: { readonly condition: ConditionOf<T>; readonly timezone?: string },
    contact: string,
    options: TrialOptions = {},
  ): Promise<Trial> {
    checkInput(CONDITION_SOURCE, draft, 'What is tried');
    checkInput(text, contact, 'The key of a contact');
    checkInput(TRIAL, options, 'The options of segments.trial');
    const { condition, timezone = null } = draft;
    const { rejectVersion } = await import('../segment/reject-segment.ts');
    const { tryCondition } = await import('../explain/trial.ts');
    const trial = await this.#connection.withFitting((catalogue, pool) =>
      inOwnWords(catalogue, { condition, timezone }, timezone, async (own) => {
        await rejectVersion(pool, catalogue, { key: '', ...own });
        return tryCondition(pool, catalogue, own, contact, options);
      }),
    );
    if (trial.exists) await this.#connection.note({ action: options.reveal === true ? 'reveal' : 'explain', contact });
    return trial;
  }

  #write<R>(options: WriteOptions, work: (database: Queryable, catalogue: Catalogue) => Promise<R>): Promise<R> {
    return this.#connection.withFitting((catalogue) =>
      this.#connection.writing(options, (database) => work(database, catalogue)),
    );
  }

  async #request(key: string, wanted: WantedState, options: WriteOptions & ExpectedOptions): Promise<void> {
    checkInput(text, key, 'The key of a segment');
    checkInput(EXPECTED, options, 'The options');
    const catalogue = await this.#wording(options);
    const { wantState } = await import('../segment/want-state.ts');
    await this.#connection.writing(options, (database) => wantState(database, key, wanted, { ...options, catalogue }));
  }

  /** The catalogue in which a conflict names what others changed: only with an expected version, and only when the tables fit. */
  async #wording({ expectedVersion }: ExpectedOptions): Promise<Catalogue | undefined> {
    if (expectedVersion === undefined) return undefined;
    const fitting = await this.#connection.fitting().catch((error: unknown) => {
      if (error instanceof Failure) return undefined;
      throw error;
    });
    return fitting?.catalogue;
  }
}

function conditionOf<T extends Tables | undefined>(
  of: ConditionSource<T>,
): { readonly condition: unknown; readonly timezone?: string } {
  if ('key' in of) throw new Failure('usage', 'Give either a key or a condition.');
  return of;
}
