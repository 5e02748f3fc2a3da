/** `token add|list|remove`: tokens with which programs use the HTTP API. */
import { Option } from 'commander';
import { ACCESS_ROLES } from '../../access/person.ts';
import type { AccessRole, ApiToken } from '../../index.ts';
import { wholeNumber } from '../number-flag.ts';
import { snakeKeys } from '../printed-output.ts';
import type { Verb } from '../verb.ts';

export const token: Verb = (command, run) => {
  command
    .command('add <name>')
    .description('make a token; it is shown once')
    .addOption(new Option('--role <role>', 'what it may do').choices(ACCESS_ROLES).default('viewer'))
    .option('--days <days>', 'until its end; default: it has no end', wholeNumber)
    .action(
      run(async (session, name: string, flags: { readonly role: AccessRole; readonly days?: number }) => {
        const made = await session.segmentd().access.addToken({ name, ...flags });
        await session.output.print({ name, token: made }, () => made);
        const { host, port } = session.settings.listen;
        const url = port === 0 ? 'URL' : `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
        await session.note(
          `${port === 0 ? 'segmentd serve prints URL. ' : ''}Send the token: curl -H "Authorization: Bearer TOKEN" ${url}/api/v1/segments`,
        );
      }),
    );

  command
    .command('list')
    .description('list tokens, each with its role, its end and its last use')
    .action(
      run(async (session) => {
        const tokens = await session.segmentd().access.listTokens();
        await session.output.print(tokens.map(snakeKeys), () => tokens.map(line), 'There are no tokens.');
      }),
    );

  command
    .command('remove <name>')
    .description('remove a token: requests with it are refused within ten seconds')
    .action(
      run(async (session, name: string) => {
        await session.segmentd().access.removeToken(name);
        await session.note(`The token ${JSON.stringify(name)} is removed.`);
      }),
    );
};

function line({ name, role, expiresAt, usedAt }: ApiToken): string {
  return `${name}  ${role}  ${expiresAt === null ? 'no end' : `until ${expiresAt}`}  ${usedAt === null ? 'never used' : `used ${usedAt}`}`;
}
