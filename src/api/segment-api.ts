/**
 * `segmentd.segments`: what callers want of segments, and what each segment and each version says. A method that writes takes
 * `{ client }`, a connection on which the caller's transaction is open. Nothing here writes membership: the worker does.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import { describe } from '../condition/describe/describe.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';
import type { Tables } from '../condition/typed.ts';
import { explain } from '../explain/explain.ts';
import type { ExplainOptions, Explanation } from '../explain/explanation.ts';
import type { WantedState } from '../lifecycle/state.ts';
import { untilLive, type UntilLiveOptions } from '../lifecycle/until-live.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { EditPreview } from '../preview/edit-preview.ts';
import type { Preview, PreviewOptions } from '../preview/preview.ts';
import type { Difference } from '../segment/edit-difference.ts';
import type { ExpectedOptions } from '../segment/expected-version.ts';
import { askRebuild } from '../segment/ask-rebuild.ts';
import { createSegment, duplicateSegment, type CreateOptions } from '../segment/create-segment.ts';
import { confirmSegment, editSegment, type EditOptions } from '../segment/edit-segment.ts';
import { listSegments, showSegment, type Segment } from '../segment/read-segment.ts';
import { rejectVersion } from '../segment/reject-segment.ts';
import { diffVersions, restoreSegment, restoreVersion } from '../segment/restore-segment.ts';
import { wantState } from '../segment/want-state.ts';
import { whereUsed, type Uses } from '../segment/where-used.ts';
import { listVersions, type Version } from '../segment/version-list.ts';
import type { WriteOptions } from './call-option.ts';
import type { Connection } from './connection.ts';
import {
  CONDITION_SOURCE,
  CREATE,
  EDIT,
  EXPECTED,
  EXPLAIN,
  NEW_SEGMENT,
  PREVIEW,
  SEARCH,
  SEGMENT_EDIT,
  UNTIL_LIVE,
  WRITE,
} from './input-schema.ts';
import { checkInput, count, text } from './input.ts';
import type { ConditionSource, NewSegment, SegmentEdit } from './typed-input.ts';

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
  async create(input: NewSegment<T>, options: WriteOptions & CreateOptions = {}): Promise<Segment> {
    checkInput(NEW_SEGMENT, input, 'A new segment');
    checkInput(CREATE, options, 'The options of segments.create');
    await this.#connection.requirePublication();
    return this.#write(options, (database, catalogue) => createSegment(database, catalogue, input, options));
  }

  /**
   * Changes what is named and leaves the rest. A new condition or zone makes a new version; members follow the old version until
   * the new one is built.
   * @param options.confirm lets the new version through, however many members it moves; otherwise the worker may hold it
   * @param options.expectedVersion the version that the caller read; a later version is not overwritten
   * @throws {Failure} `not-found`; `usage`; `RefusedCondition`; `conflict` with `data: Overtaken`
   */
  async edit(key: string, change: SegmentEdit<T>, options: WriteOptions & EditOptions = {}): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(SEGMENT_EDIT, change, 'An edit');
    checkInput(EDIT, options, 'The options of segments.edit');
    if (change.condition !== undefined)
      return this.#write(options, (database, catalogue) => editSegment(database, catalogue, key, change, options));
    // A name needs no tables: callers may change it while the tables are away. With the tables, a conflict says what others changed.
    const catalogue = await this.#connection.fitting().then(
      (fitting) => fitting.catalogue,
      () => undefined,
    );
    return this.#connection.writing(options, (database) => editSegment(database, catalogue, key, change, options));
  }

  /** Confirms the wanted version that the guard holds, or would hold. @throws {Failure} `not-found`; `conflict` when it is live */
  async confirm(key: string, options: WriteOptions & ExpectedOptions = {}): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(EXPECTED, options, 'The options of segments.confirm');
    const catalogue = await this.#wording(options);
    return this.#connection.writing(options, (database) => confirmSegment(database, key, { ...options, catalogue }));
  }

  /** Copies condition and zone of a segment into a new one. @throws {Failure} `not-found`, `conflict` */
  async duplicate(key: string, newKey: string, options: WriteOptions & CreateOptions = {}): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(text, newKey, 'The key of a segment');
    checkInput(CREATE, options, 'The options of segments.duplicate');
    return this.#write(options, (database, catalogue) => duplicateSegment(database, catalogue, key, newKey, options));
  }

  /** Lists segments in order of their keys. @param options.search part of key, name, description or tag */
  async list(options: { readonly search?: string } = {}): Promise<readonly Segment[]> {
    checkInput(SEARCH, options, 'The options of segments.list');
    return listSegments(await this.#connection.pool(), options);
  }

  /** Returns one segment: what is wanted, and its state. @throws {Failure} `not-found` */
  async show(key: string): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    return showSegment(await this.#connection.pool(), key);
  }

  /** Returns when membership follows the wanted version. @throws {Failure} `not-found`; `failed` with the reason, or after `timeout` */
  async untilLive(key: string, options: UntilLiveOptions = {}): Promise<void> {
    checkInput(text, key, 'The key of a segment');
    checkInput(UNTIL_LIVE, options, 'The options of segments.untilLive');
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
    return this.#write(options, (database, catalogue) => restoreSegment(database, catalogue, key, options));
  }

  /** Requests a rebuild of one segment or of all that are kept. @returns the keys that will be rebuilt @throws {Failure} `not-found`, `conflict` */
  async rebuild(key: string | 'all', options: WriteOptions = {}): Promise<readonly string[]> {
    checkInput(text, key, 'The key of a segment');
    checkInput(WRITE, options, 'The options of segments.rebuild');
    return this.#connection.writing(options, (database) =>
      askRebuild(database, key, { inside: options.client !== undefined }),
    );
  }

  /** Lists the segments that read this one, and the schedules that export it. @throws {Failure} `not-found` */
  async uses(key: string): Promise<Uses> {
    await this.show(key);
    return whereUsed(await this.#connection.pool(), key);
  }

  /** Lists every version of a segment, the latest first, with who and when. @throws {Failure} `not-found` */
  async versions(key: string): Promise<readonly Version[]> {
    checkInput(text, key, 'The key of a segment');
    return this.#connection.withFitting((catalogue, pool) => listVersions(pool, catalogue, key));
  }

  /** Says what changed between two versions. @throws {Failure} `not-found` */
  async diff(key: string, from: number, to: number): Promise<Difference> {
    checkInput(text, key, 'The key of a segment');
    for (const number of [from, to]) checkInput(count, number, 'The number of a version');
    return this.#connection.withFitting((catalogue, pool) => diffVersions(pool, catalogue, key, from, to));
  }

  /** Makes the condition and zone of an old version a new version. @throws {Failure} `not-found`; `RefusedCondition` */
  async restoreVersion(key: string, number: number, options: WriteOptions & EditOptions = {}): Promise<Segment> {
    checkInput(text, key, 'The key of a segment');
    checkInput(count, number, 'The number of a version');
    checkInput(EDIT, options, 'The options of segments.restoreVersion');
    return this.#write(options, (database, catalogue) => restoreVersion(database, catalogue, key, number, options));
  }

  /** Describes a condition in plain English. @throws {RefusedCondition} */
  async describe(of: ConditionSource<T>): Promise<string> {
    checkInput(CONDITION_SOURCE, of, 'What is described');
    const segment = 'key' in of ? await this.show(of.key) : undefined;
    if (segment && segment.kind !== 'dynamic')
      return segment.kind === 'static'
        ? 'Contacts that were added.'
        : 'Contacts that were members when the snapshot was made.';
    const { condition, timezone } = segment ?? conditionOf(of);
    return this.#connection.withFitting(async (catalogue) => {
      const checked = checkCondition(condition, { catalogue, timezone: timezone || catalogue.timezone });
      if (!checked.ok) throw new RefusedCondition('The condition is refused.', checked.issues);
      return describe(checked.condition);
    });
  }

  /** Tries a condition before it is saved: counts, a sample, each leaf, the cost. @throws {RefusedCondition} */
  async preview(of: ConditionSource<T>, options: PreviewOptions = {}): Promise<Preview> {
    checkInput(CONDITION_SOURCE, of, 'What is tried');
    checkInput(PREVIEW, options, 'The options of segments.preview');
    const { preview, planOf } = await import('../preview/preview.ts');
    const segment = 'key' in of ? await this.show(of.key) : undefined;
    if (segment && segment.kind !== 'dynamic')
      throw new Failure('conflict', `${segment.key} is ${segment.kind}: there is no condition to try.`);
    const { condition, timezone = null } = segment ?? conditionOf(of);
    return this.#connection.withFitting(async (catalogue, pool) => {
      await rejectVersion(pool, catalogue, { key: 'key' in of ? of.key : '', condition, timezone: timezone || null });
      return preview(pool, catalogue, planOf(catalogue, condition, timezone), options);
    });
  }

  /** Says who would enter and leave by an edit. @throws {Failure} `not-found`; `RefusedCondition` */
  async previewEdit(key: string, change: SegmentEdit<T>, options: PreviewOptions = {}): Promise<EditPreview> {
    checkInput(text, key, 'The key of a segment');
    checkInput(SEGMENT_EDIT, change, 'An edit');
    checkInput(PREVIEW, options, 'The options of segments.previewEdit');
    const { previewEdit } = await import('../preview/edit-preview.ts');
    return this.#connection.withFitting((catalogue, pool) => previewEdit(pool, catalogue, key, change, options));
  }

  /**
   * Says why a contact is in a segment or not, leaf by leaf, and when that changes by time alone.
   * @throws {Failure} `not-found` for an unknown segment; `usage` when `contact` cannot be a contact's key
   */
  async explain(key: string, contact: string, options: ExplainOptions = {}): Promise<Explanation> {
    checkInput(text, key, 'The key of a segment');
    checkInput(text, contact, 'The key of a contact');
    checkInput(EXPLAIN, options, 'The options of segments.explain');
    return this.#connection.withFitting((catalogue, pool) => explain(pool, catalogue, key, contact, options));
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
