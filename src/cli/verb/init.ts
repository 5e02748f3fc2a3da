/** `init`: writes the config file by looking at the database; foreign keys become relations. An edited file stays as it is. */
import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { codeOf, Failure } from '../../base/error.ts';
import type { Verb } from '../verb.ts';

export const init: Verb = (program, run) => {
  program
    .command('init')
    .description('write the config file by looking at the database')
    .option('--contacts <table>', 'the contacts table, as written in SQL; default: guessed')
    .option('--force', 'overwrite the file')
    .option('--print', 'print it instead of writing a file')
    .action(
      run(
        async (session, flags: { readonly contacts?: string; readonly force?: boolean; readonly print?: boolean }) => {
          const yaml = await session
            .segmentd()
            .admin.introspect(flags.contacts === undefined ? {} : { contacts: flags.contacts });
          if (flags.print)
            return session.output.json ? session.output.print({ yaml }, () => []) : session.output.document(yaml);
          const path = session.configPath;
          try {
            await writeFile(path, yaml, { flag: flags.force ? 'w' : 'wx' });
          } catch (error) {
            const code = codeOf(error);
            if (code === 'EEXIST' && (await readFile(path, 'utf8').catch(() => undefined)) === yaml) {
              return session.output.print(
                { path },
                () => `${relative(session.io.cwd, path)} says so already: nothing to do`,
              );
            }
            if (code === 'EEXIST')
              throw new Failure(
                'conflict',
                `${path} exists already; --force overwrites it, --print only shows what would be written.`,
              );
            throw new Failure('failed', `${path} cannot be written (${code}).`, { cause: error });
          }
          await session.output.print(
            { path },
            () =>
              `wrote ${relative(session.io.cwd, path)}; look it over, then: segmentd migrate, segmentd install, segmentd run`,
          );
        },
        { config: 'optional' },
      ),
    );
};
