/** Why a file that a person named cannot be read, in one sentence. */
import { codeOf, Failure } from '../base/error.ts';

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'it is a folder',
};

/** @param where as the person wrote it */
export function unreadableFile(where: string, error: unknown): Failure {
  if (/^\s*[[{]/.test(where))
    return new Failure(
      'usage',
      'A file belongs here, and JSON was given. Write the JSON to a file, or pipe it in and name the file -.',
      {
        cause: error,
      },
    );
  const code = codeOf(error) || 'unknown';
  return new Failure('usage', `${where} cannot be read: ${WHY[code] ?? code}.`, { cause: error });
}
