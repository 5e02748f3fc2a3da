/** `init`: writes the config file by looking at the database; what it proposes and leaves out stands in the file. An edited file stays as it is. */
import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { codeOf, Failure } from '../../base/error.ts';
import type { Introspection } from '../../index.ts';
import { plural } from '../printed-output.ts';
import type { Session } from '../verb-session.ts';
import type { Verb } from '../verb.ts';

interface Flags {
  readonly contacts?: string;
  readonly force?: boolean;
  readonly print?: boolean;
}

export const init: Verb = (command, run) => {
  command
    .option('--contacts <table>', 'the contacts table, as written in SQL; default: guessed')
    .option('--force', 'overwrite the file')
    .option('--print', 'print it instead of writing a file')
    .action(
      run(
        async (session, flags: Flags) => {
          const proposal = await session
            .segmentd()
            .admin.propose(flags.contacts === undefined ? {} : { contacts: flags.contacts });
          if (flags.print) {
            if (session.output.json) return session.output.print(proposal, () => []);
            await session.output.document(proposal.yaml);
          } else if (!(await writeConfig(session, proposal, flags.force === true))) return;
          for (const line of summary(proposal)) await session.note(line);
        },
        { config: 'optional' },
      ),
    );
};

/** Returns whether it wrote the file: it does not when the file says the same already. @throws {Failure} `conflict` */
async function writeConfig(session: Session, proposal: Introspection, force: boolean): Promise<boolean> {
  const path = session.configPath;
  const shown = relative(session.io.cwd, path);
  try {
    await writeFile(path, proposal.yaml, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EEXIST') throw new Failure('failed', `${path} cannot be written (${code}).`, { cause: error });
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined || withoutEstimates(text) !== withoutEstimates(proposal.yaml))
      throw new Failure(
        'conflict',
        `${path} exists already; --force overwrites it, --print only shows what would be written.`,
      );
    await session.output.print({ path }, () => `${shown} says so already: nothing to do`);
    return false;
  }
  await session.output.print(
    { path },
    () => `wrote ${shown}; look it over, then: segmentd migrate, segmentd install, segmentd run`,
  );
  return true;
}

/** Estimates of rows change by themselves, and with them how far comments are moved to the right. */
function withoutEstimates(yaml: string): string {
  return yaml
    .replaceAll(/ +# (?:about [\d,]+ rows?|no rows)$/gm, '')
    .replaceAll(/ +# (?:about [\d,]+ rows?|no rows); /g, ' # ')
    .replaceAll(/ +#/g, ' #');
}

/** What a person should know before reading the file. */
function summary({ contacts, relations, omissions }: Introspection): readonly string[] {
  const active = relations.filter((one) => one.active);
  const marked = active.filter(({ deleted }) => deleted !== undefined);
  const guesses = active.filter(({ guess }) => guess).length;
  const spare = relations.length - active.length;
  const indexes = [...new Set(active.flatMap((one) => one.indexes))];
  return [
    ...(contacts.others.length === 0
      ? []
      : [
          `Contacts: ${contacts.table}. Other tables that could be them: ${contacts.others.join(', ')} (--contacts names one).`,
        ]),
    ...(contacts.deleted === undefined
      ? []
      : [
          `${contacts.table} marks deleted contacts by ${contacts.deleted.column}, and they stay members: remove "# " before where in the file to leave them out of every segment.`,
        ]),
    ...(marked.length === 0
      ? []
      : [
          `Conditions count deleted rows of ${marked.map(({ name, deleted }) => `${name} (${deleted?.column ?? ''})`).join(', ')} too: the comment of such a relation has the where that leaves them out.`,
        ]),
    ...(relations.length === 0
      ? ['No table leads to the contacts by a foreign key or by the name of a column: add relations to the file.']
      : guesses + spare === 0
        ? []
        : [
            `${plural(active.length, 'relation is', 'relations are')} active${guesses === 0 ? '' : `, of which ${plural(guesses, 'is a guess', 'are guesses')}`}${spare === 0 ? '' : `; ${spare.toLocaleString('en-US')} more stand in comments, each with its reason`}.`,
          ]),
    ...(omissions.length === 0
      ? []
      : [
          `Left out: ${plural(omissions.length, 'table or column', 'tables and columns')}, with the reasons at the end of the file.`,
        ]),
    ...(indexes.length === 0
      ? []
      : [
          `${plural(indexes.length, 'index is', 'indexes are')} missing: ${indexes.slice(0, 3).join(', ')}${indexes.length > 3 ? ', …' : ''}. \`segmentd install --indexes\` creates them.`,
        ]),
  ];
}
