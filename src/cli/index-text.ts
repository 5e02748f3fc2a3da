/** How the CLI says which indexes are missing, and asks before many are built. */
import type { IndexNeed } from '../index.ts';
import { askConsent } from './consent.ts';
import { plural } from './printed-output.ts';
import type { Session } from './verb-session.ts';

/** So many are built without a question. */
const UNASKED = 10;

/** One line for each index, and one for each invalid index that stands in its place. */
export function indexLines(needs: readonly IndexNeed[]): readonly string[] {
  return needs.flatMap((need) => [
    `needs an index on ${place(need)}${need.purpose === 'window' ? ', for windows' : ''}: ${sizes(need)}`,
    ...need.invalid.map(({ schema, name, building, own }) => {
      const index = `${schema}.${name}`;
      if (building) return `  ${index} on that column is being built now by another session: wait for it`;
      return own
        ? `  ${index} is invalid, because a build of it failed: it will be replaced`
        : `  ${index} on that column is invalid, because a build of it failed. It costs writes and serves no query: drop index concurrently ${quoted(schema)}.${quoted(name)};`;
    }),
  ]);
}

/** Why `install` would refuse, and the ways out; undefined when it would not: windows without an index are only late. */
export function refusalText(needs: readonly IndexNeed[]): string | undefined {
  const links = needs.filter(({ purpose }) => purpose === 'link');
  if (links.length === 0) return undefined;
  const [are, them, their] =
    links.length === 1 ? ['is', 'it', 'its relation'] : ['are', 'them', 'the relations that need them'];
  return `\`segmentd install\` would refuse, because ${plural(links.length, 'index', 'indexes')} ${are} missing: \`segmentd install --indexes\` creates ${them}; or take ${their} out of the config file; or accept scans of these tables with --slow.`;
}

/** Lists what would be built on stderr, and asks when it is much. @throws {Failure} see `askConsent` */
export async function agreeOnIndexes(session: Session, needs: readonly IndexNeed[], yes: boolean): Promise<void> {
  for (const line of indexLines(needs)) await session.note(line);
  if (needs.length <= UNASKED || yes) return;
  const total = needs.reduce((sum, { indexBytes }) => sum + (indexBytes ?? 0), 0);
  const many = `${plural(needs.length, 'index', 'indexes')}${total > 0 ? ` of about ${bytes(total)} in all` : ''}`;
  await session.note(`${many} will be created, one after the other, without blocking writers.`);
  await askConsent(session.io, session.output, {
    refusal: `install --indexes would create ${many}, and there is no terminal to ask on. Leave relations out of the config file, or add --yes.`,
    declined: 'No index was created, and nothing was installed.',
  });
}

function place({ table, column }: IndexNeed): string {
  return `${table.schema}.${table.name} (${column})`;
}

function sizes({ rows, tableBytes, indexBytes }: IndexNeed): string {
  if (tableBytes === 0) return 'the table is empty';
  const table = `${rows === null ? 'an unknown number of' : `about ${rows.toLocaleString('en-US')}`} ${rows === 1 ? 'row' : 'rows'}, ${bytes(tableBytes)}`;
  return indexBytes === null ? table : `${table}; the index takes about ${bytes(indexBytes)}`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Two figures are enough to decide. */
export function bytes(count: number): string {
  let unit = 0;
  let value = count;
  for (; value >= 1000 && unit < UNITS.length - 1; unit += 1) value /= 1000;
  return `${value.toLocaleString('en-US', { maximumSignificantDigits: value < 100 ? 2 : 3 })} ${UNITS[unit] ?? ''}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
