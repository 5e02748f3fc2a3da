/**
 * The password file of libpq, `~/.pgpass`. Read for each connection, so that a rotated password counts without a restart. The
 * package `pgpass` reads the same file, but takes the environment of the process, writes warnings to stderr, and knows no socket.
 */
import { statSync, readFileSync } from 'node:fs';
import { codeOf } from '../../base/error.ts';
import { learnPassword } from '../../base/secret.ts';

export interface PassLine {
  /** `localhost` for the socket in its usual folder. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

export interface PassFileAnswer {
  readonly password?: string;
  /** Why the file, which is there, was not read. */
  readonly ignored?: string;
}

export function passwordIn(file: string, wanted: PassLine): PassFileAnswer {
  let text: string;
  try {
    const { mode } = statSync(file);
    // libpq ignores such a file too.
    if ((mode & 0o170_000) !== 0o100_000) return { ignored: `${file} is not a plain file` };
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      return { ignored: `others may read ${file}, so it is ignored: chmod 600 ${file}` };
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? {} : { ignored: `${file} cannot be read (${codeOf(error)})` };
  }
  const values = [wanted.host, String(wanted.port), wanted.database, wanted.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    const [password] = fields.slice(4);
    if (password === undefined) continue;
    if (!values.every((value, index) => fields[index]?.raw === '*' || fields[index]?.text === value)) continue;
    learnPassword(password.text);
    return password.text === '' ? {} : { password: password.text };
  }
  return {};
}

/** Up to five fields between colons; a backslash takes the next character as it is. The password ends at a colon too. */
function fieldsOf(line: string): readonly { readonly raw: string; readonly text: string }[] {
  return (line.match(/(?:^|:)((?:[^:\\]|\\.|\\$)*)/g) ?? []).map((part, index) => {
    const raw = index === 0 ? part : part.slice(1);
    return { raw, text: raw.replace(/\\(.)/g, '$1') };
  });
}
