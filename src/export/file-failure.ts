/** Errors of the file system as one sentence each, for files that segmentd writes. */
import { codeOf, Failure } from '../base/error.ts';

const SENTENCES: Readonly<Record<string, (place: string) => string>> = {
  ENOENT: (place) =>
    `There is no folder ${place}${/^[\w./-]+$/.test(place) ? `; make it with \`mkdir -p ${place}\`` : ''}.`,
  ENOTDIR: (place) => `${place} is not a folder.`,
  EISDIR: (place) => `A folder in ${place} already has the name of the file.`,
  ENOTEMPTY: (place) => `A folder in ${place} already has the name of the file.`,
  EACCES: (place) => `No permission to write in ${place}.`,
  EPERM: (place) => `No permission to write in ${place}.`,
  EROFS: (place) => `${place} can only be read, not written.`,
  ENOSPC: (place) => `The disk of ${place} is full; nothing of the export was kept.`,
  EDQUOT: (place) => `The quota of the disk of ${place} is used up; nothing of the export was kept.`,
  EFBIG: (place) => `The export is larger than a file in ${place} may be; nothing of it was kept.`,
  EIO: (place) => `The disk of ${place} failed; nothing of the export was kept.`,
  ENAMETOOLONG: (place) => `The name of the file is too long for ${place}.`,
  ELOOP: (place) => `The links at ${place} lead in a circle.`,
  EMFILE: () => 'Too many files are open.',
};

/** Returns an error of the file system as a {@link Failure} with one sentence, and any other error unchanged. */
export function fileFailure(error: unknown, place: string): unknown {
  const sentence = SENTENCES[codeOf(error)];
  if (error instanceof Failure || !sentence) return error;
  return new Failure('failed', sentence(place), { cause: error });
}
