/** One sentence for a server that could not be used: what happened, where, and what to do next. No password is in it. */
import { Failure, sqlState } from '../../base/error.ts';
import { visible } from '../../base/visible.ts';
import { ConnectTimeout, failureKind, NoPassword } from './failure-kind.ts';
import { mostTelling, type FailedAttempt, type Approach } from './approach.ts';
import { placeOf } from './server-place.ts';
import { isSocket, type ServerHost, type ServerSettings } from './server-setting.ts';

/** @param error what a client of the approach threw */
export function connectFailure(approach: Approach, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { settings } = approach;
  const failures = approach.failuresOf(error);
  const ofHosts = settings.hosts.flatMap(
    (host) => mostTelling(failures.filter(({ attempt }) => attempt.host === host)) ?? [],
  );
  const sentences = [...new Set(ofHosts.map((one) => sentenceOf(settings, one)))];
  const start = sentences.length > 1 ? `None of the ${settings.hosts.length} hosts can be used. ` : '';
  return new Failure('unreachable', `${start}${sentences.join(' ')}`, { cause: error });
}

function sentenceOf(settings: ServerSettings, { attempt, error }: FailedAttempt): string {
  const { host, tls } = attempt;
  const place = placeOf(host);
  const user = JSON.stringify(visible(settings.user));
  const database = JSON.stringify(visible(settings.database));
  switch (failureKind(error)) {
    case 'network':
      return networkSentence(error, host, place);
    case 'no-password':
      return `Postgres at ${place} asks for the password of the user ${user} of the database ${database}, and none is given${
        error instanceof NoPassword && error.ignored !== undefined ? ` (${visible(error.ignored)})` : ''
      }: write it in the URL, in PGPASSWORD, or in the password file ${visible(settings.passFile)}.`;
    case 'no-tls':
      return `Postgres at ${place} does not offer TLS, and sslmode=${settings.sslMode} asks for it: turn TLS on there, or use sslmode=prefer on a network that you trust.`;
    case 'certificate':
      return certificateSentence(error, host, place, settings);
    case 'tls':
      return tlsSentence(error, place);
    case 'session':
      return `Postgres at ${place} is not ${settings.sessionAttrs}, as target_session_attrs asks.`;
    case 'login':
      return loginSentence(error, { place, user, database, tls, settings });
    case 'other':
      return otherSentence(error, place);
  }
}

function codeIn(error: unknown): string {
  const one: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return typeof one === 'object' && one !== null && 'code' in one ? String(one.code) : '';
}

function networkSentence(error: unknown, host: ServerHost, place: string): string {
  if (error instanceof ConnectTimeout)
    return error.stage === 'silent'
      ? `Something at ${place} accepts connections but does not answer as Postgres within ${error.ms / 1000} s: is it the port of Postgres, and is the server busy? connect_timeout in the URL sets another limit.`
      : `Nothing answers at ${place} within ${error.ms / 1000} s: check host and port, and whether a firewall is between. connect_timeout in the URL sets another limit.`;
  switch (codeIn(error)) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return isSocket(host.host)
        ? `Nothing answers at ${place}: is Postgres running, and is that the folder of its socket?`
        : `Nothing answers at ${place}: is Postgres running there?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host of ${place} cannot be found: check its name.`;
    case 'EACCES':
      return `This process may not use ${place}.`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `No network leads to ${place} (${codeIn(error)}): check host, network and firewall.`;
    default:
      return `${place.replace(/^t/, 'T')} ended the connection before the login was done${codeIn(error) === '' ? '' : ` (${codeIn(error)})`}: is it the port of Postgres?`;
  }
}

function certificateSentence(
  error: unknown,
  { host }: ServerHost,
  place: string,
  { sslMode, info }: ServerSettings,
): string {
  const start = `The certificate of Postgres at ${place}`;
  const code = codeIn(error);
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `${start} is not for the name ${JSON.stringify(visible(host))}: connect by a name that it has, or use sslmode=verify-ca, which does not compare names.`;
  if (code === 'CERT_HAS_EXPIRED')
    return `${start}, or the one of its authority, has expired: it must be renewed on the server.`;
  if (code === 'CERT_NOT_YET_VALID') return `${start} is not valid yet: compare the clocks of both machines.`;
  if (code === 'CERT_REVOKED') return `${start} is revoked: the server needs a new one.`;
  const trusted =
    info.sslrootcert === 'system'
      ? 'the authorities that Node.js trusts (NODE_EXTRA_CA_CERTS adds a file)'
      : 'the file of sslrootcert (without it, ~/.postgresql/root.crt)';
  return `${start} is from an authority that is not in ${trusted}: name the file with that authority's certificate with sslrootcert=FILE${
    sslMode === 'verify-ca' || sslMode === 'verify-full'
      ? ', or use sslmode=require without sslrootcert, which encrypts and does not verify'
      : ''
  } (${code}).`;
}

function tlsSentence(error: unknown, place: string): string {
  const code = codeIn(error);
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code))
    return `Postgres at ${place} asks for a certificate of the client: name it with sslcert=FILE and sslkey=FILE.`;
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN))/.test(code))
    return `Postgres at ${place} does not accept the certificate of sslcert (${code}).`;
  return `TLS with ${place} failed${code === '' ? '' : ` (${code})`}: is it the port of Postgres? sslmode=disable connects without TLS.`;
}

interface Login {
  readonly place: string;
  readonly user: string;
  readonly database: string;
  readonly tls: boolean;
  readonly settings: ServerSettings;
}

function loginSentence(error: unknown, { place, user, database, tls, settings }: Login): string {
  const message = error instanceof Error ? visible(error.message) : '';
  switch (sqlState(error)) {
    case '28P01':
      return `Postgres at ${place} refuses the user ${user}: wrong password, or no such user.${
        settings.info.password === undefined
          ? ` The password is from ${visible(settings.passFile)}.`
          : ' In a URL, special characters of a password are written as %XX.'
      }`;
    case '28000':
      return `Postgres at ${place} refuses the user ${user} for the database ${database} ${tls ? 'with' : 'without'} TLS: ${message}.`;
    case '3D000':
      return `Postgres at ${place} has no database ${database}.`;
    case '42501':
      return `The user ${user} may not connect to the database ${database} at ${place}.`;
    case '53300':
      return `Postgres at ${place} has no free connection.`;
    case '57P03':
      return `Postgres at ${place} is starting up or shutting down; try again in a moment.`;
    default:
      return `Postgres at ${place} refuses the connection to the database ${database} as ${user}: ${message}.`;
  }
}

function otherSentence(error: unknown, place: string): string {
  if (error instanceof ConnectTimeout)
    return `Postgres at ${place} accepts the login and runs no statement within ${error.ms / 1000} s: a pooler there may have no free connection, or no server behind it.`;
  return `Cannot connect to Postgres at ${place}: ${error instanceof Error ? visible(error.message.replace(/\.$/, '')) : 'unknown error'}.`;
}
