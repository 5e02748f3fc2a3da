/** ETag and If-Match: the version of a segment, as HTTP writes it. Pure. */
import { Refusal } from './problem.ts';

export function entityTag(version: number): string {
  return `"${version}"`;
}

/**
 * The version that an `If-Match` names; undefined for `*`.
 * @throws {Refusal} 428 without the header, 400 for what is no version
 */
export function expectedVersion(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined)
    throw new Refusal(
      428,
      'if-match-required',
      'Send If-Match with the ETag that you read, or `*` to write in any case.',
    );
  if (ifMatch.trim() === '*') return undefined;
  const [, version] = /^\s*"(\d{1,9})"\s*$/.exec(ifMatch) ?? [];
  if (version === undefined)
    throw new Refusal(400, 'wrong-if-match', 'If-Match must be one ETag that this API gave, such as "3", or `*`.');
  return Number(version);
}

/** Whether a reader has the version already (`If-None-Match`). */
export function hasVersion(ifNoneMatch: string | undefined, version: number): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(entityTag(version));
}
