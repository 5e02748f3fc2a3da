/** What a person reads after an export: where it is, how large, and why it may be old. */
import { resolve } from 'node:path';
import type { Destination, Manifest } from '../index.ts';
import { plural, snakeKeys } from './printed-output.ts';
import type { Session } from './verb-session.ts';

/** In these states the export is not the wanted version, or no worker keeps the segment. */
const STANDS: ReadonlySet<string> = new Set(['held', 'paused', 'invalid', 'failed', 'archived']);

export async function reportExport(session: Session, to: Destination, manifest: Manifest): Promise<void> {
  if (manifest.delta?.repeated)
    await session.note(
      `This is file ${manifest.delta.number} of the delta again, which was not finished; what came since is in the next.`,
    );
  if (STANDS.has(manifest.state))
    await session.note(
      `${manifest.segment} is ${manifest.state}: these are the members of version ${manifest.version} as they stand; segmentd show ${manifest.segment} says why.`,
    );
  const summarise = async (): Promise<void> => {
    if (session.io.stderr.isTTY)
      await session.note(
        `${plural(manifest.count, 'row')}, ${plural(manifest.bytes, 'byte')}, sha256 ${manifest.sha256}`,
      );
  };
  // With data on stdout, a script that asks for JSON reads the manifest from stderr.
  if ('stream' in to) return session.output.json ? session.output.jsonNote(snakeKeys(manifest)) : summarise();
  const path = 'file' in to ? to.file : resolve(to.folder, manifest.file ?? '');
  await session.output.print({ ...manifest, path }, () => path);
  if (!session.output.json) await summarise();
}
