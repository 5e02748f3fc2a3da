/** Whatever callers give, from TypeScript or from JavaScript, a wrong one ends as one `Failure` with a sentence. */
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, Failure, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  await segmentd.segments.create({ key: 'a', condition: true });
  await segmentd.segments.create({ key: 'hand', kind: 'static' });
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

/** As JavaScript may call it. */
const any = (value: unknown): never => value as never;
const first = (pages: AsyncGenerator): Promise<unknown> => pages.next();

const WRONG: Readonly<Record<string, () => Promise<unknown>>> = {
  // what type-checks
  'The options of members.list: `limit` must be a whole number from 0, not -2.': () =>
    segmentd.members.list('a', { limit: -2 }),
  'The options of members.list: `limit` must be a whole number from 0, not NaN.': () =>
    segmentd.members.list('a', { limit: Number.NaN }),
  'The options of members.pages: `limit` must be a whole number from 0, not 1.5.': () =>
    first(segmentd.members.each('a', { limit: 1.5 })),
  'The options of overrides.list: `limit` must be a whole number from 0, not Infinity.': () =>
    segmentd.overrides.list('hand', { limit: Infinity }),
  'The key of a segment holds a character that Postgres cannot store (NUL or half of a surrogate pair).': () =>
    segmentd.segments.show('a\0b'),
  'The options of segments.list: `search` holds a character that Postgres cannot store (NUL or half of a surrogate pair).':
    () => segmentd.segments.list({ search: '\0' }),
  'The number of a version must be a whole number from 0, not NaN.': () => segmentd.segments.diff('a', 1, Number.NaN),
  'The number of a schedule must be a whole number from 0, not 0.5.': () => segmentd.schedules.run(0.5),
  'The tag is empty.': () => segmentd.segments.edit('a', { tags: [''] }),
  'The description is too long: it has at most 10,000 characters.': () =>
    segmentd.segments.create({ key: 'b', condition: true, description: 'x'.repeat(2_000_000) }),
  // what only JavaScript can say
  'The key of a segment must be text, not nothing.': () => segmentd.segments.show(any(undefined)),
  'The key of a segment must be text, not null.': () => segmentd.segments.delete(any(null)),
  'The key of a segment must be text, not a number.': () => segmentd.admin.status(any(1)),
  'The key of a segment must be text, not an object.': () => first(segmentd.members.asOf(any({}), '2030-01-01')),
  'A new segment must be an object, not nothing.': () => segmentd.segments.create(any(undefined)),
  'A new segment: `kind` is one of dynamic, static, snapshot.': () =>
    segmentd.segments.create({ key: 'b', condition: true, kind: any('magic') }),
  'A new segment: `tags` must be a list of texts, not a string.': () =>
    segmentd.segments.create({ key: 'b', condition: true, tags: any('x') }),
  'An edit: `tags[0]` must be text, not null.': () => segmentd.segments.edit('a', { tags: any([null]) }),
  'The options of an export: `to` is one of { stream }, { file } and { folder }.': () =>
    segmentd.exports.write('a', any({})),
  'The options of an export: `columms` is unknown (did you mean `columns`?).': () =>
    segmentd.exports.write('a', any({ to: { stream: new PassThrough() }, columms: ['id'] })),
  'The options of an export: `columns` must be a list of texts, not a string.': () =>
    segmentd.exports.write('a', { to: { stream: new PassThrough() }, columns: any('contact_id') }),
  'The options of a feed: `consumer` must be text, not nothing.': () => first(segmentd.feed.events(any({}))),
  'The contacts must be a list of texts, not a string.': () => segmentd.overrides.add('hand', any('1')),
  'The contacts: `[0]` must be text, not a number.': () => segmentd.overrides.add('hand', any([1])),
  'The options of an override: `until` must be text, not a Date (write it as toISOString does).': () =>
    segmentd.overrides.add('hand', ['1'], { until: any(new Date()) }),
  'The folder must be text, not nothing.': () => segmentd.definitions.pull(any(undefined)),
};

test.each(Object.entries(WRONG))('%s', async (sentence, call) => {
  const error = await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject({ code: 'usage', message: sentence });
});

const PARTS = [
  'segments',
  'overrides',
  'members',
  'contacts',
  'exports',
  'schedules',
  'feed',
  'definitions',
  'admin',
  'access',
] as const;
const METHODS = PARTS.flatMap((part) =>
  Object.getOwnPropertyNames(Object.getPrototypeOf(createSegmentd({ databaseUrl: 'postgres://nowhere' })[part]))
    .filter((name) => name !== 'constructor')
    .map((name) => [`${part}.${name}`, part, name] as const),
);
/** Each is given alone, beside what fits: a check that comes after a query would let the others hide it. */
const UNSTORABLE: readonly (readonly unknown[])[] = [
  ['a\0b'],
  ['\ud800'],
  ['a', 'a\0b'],
  ['a', { condition: true, timezone: '\0' }],
  ['a\0b', { condition: true }, { expectedVersion: 1 }],
  ['a', '1', { consumer: '\0', limit: 1 }],
];

test.each(METHODS)('%s never sends Postgres what it cannot store', async (_, part, name) => {
  for (const given of UNSTORABLE) {
    const method = (segmentd[part] as unknown as Record<string, (...given: unknown[]) => unknown>)[name];
    const error = await Promise.resolve()
      .then(() => method?.apply(segmentd[part], [...given]))
      .then(async (made) => (isGenerator(made) ? first(made) : made))
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    // What a method takes for something else may be right.
    if (error !== undefined) expect(error, JSON.stringify(given)).toBeInstanceOf(Failure);
  }
});

const isGenerator = (made: unknown): made is AsyncGenerator =>
  typeof made === 'object' && made !== null && 'next' in made;

test('a key is needed to create; the rest may be left out', async () => {
  await expect(segmentd.segments.create(any({ condition: true }))).rejects.toMatchObject({
    code: 'usage',
    message: 'A new segment: `key` must be text, not nothing.',
  });
  expect(await segmentd.members.list('hand', { limit: 0 })).toEqual([]);
  expect(await first(segmentd.members.each('hand', { limit: Infinity }))).toMatchObject({ done: true });
});

test('a worker that runs may be started again', async () => {
  await using worker = segmentd.worker();
  await Promise.all([worker.start(), worker.start()]);
  await worker.start();
  await segmentd.segments.untilLive('a');
  await worker.stop();
  await worker.start();
  await segmentd.segments.create({ key: 'late', condition: true });
  await segmentd.segments.untilLive('late');
});
