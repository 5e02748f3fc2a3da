/**
 * What `sslmode` and the certificates mean for TLS, as in libpq: `require` encrypts and verifies nothing, `verify-ca` asks
 * for an authority that is trusted, `verify-full` also for the right name. A root certificate that is there is always used.
 * The files are read for each connection, so that a renewed certificate counts without a restart.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  checkServerIdentity,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
  type SecureContextOptions,
  type SecureVersion,
} from 'node:tls';
import { codeOf, Failure } from '../../base/error.ts';
import type { ServerHost, ServerSettings } from './server-setting.ts';

/** @throws {Failure} `usage` when a file is missing or cannot be used */
export function tlsOptions(settings: ServerSettings, { host }: ServerHost): ConnectionOptions {
  const { sslMode } = settings;
  const root = sslMode === 'no-verify' ? undefined : rootCertificate(settings);
  const full = sslMode === 'verify-full';
  return {
    secureContext: context(settings, root),
    rejectUnauthorized: root !== undefined,
    checkServerIdentity: full ? (_, certificate) => identityError(host, certificate) : () => undefined,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  };
}

/** `system`: the authorities that Node trusts. Undefined: the server's certificate is not verified. */
function rootCertificate({ sslMode, info, home }: ServerSettings): 'system' | { readonly file: string } | undefined {
  if (info.sslrootcert === 'system') return 'system';
  const file = info.sslrootcert ?? join(home, '.postgresql', 'root.crt');
  if (existsSync(file)) return { file };
  if (sslMode !== 'verify-ca' && sslMode !== 'verify-full') return undefined;
  throw new Failure(
    'usage',
    `sslmode=${sslMode} needs the certificates of the authorities to trust, and there is no file ${file}: name one with sslrootcert=FILE (hosted Postgres offers it for download), or say sslrootcert=system for the authorities that Node.js trusts.`,
  );
}

function context(
  settings: ServerSettings,
  root: ReturnType<typeof rootCertificate>,
): ReturnType<typeof createSecureContext> {
  const { info, home } = settings;
  const options: SecureContextOptions = {
    minVersion: (info.ssl_min_protocol_version ?? 'TLSv1.2') as SecureVersion,
    ...(info.ssl_max_protocol_version === undefined
      ? {}
      : { maxVersion: info.ssl_max_protocol_version as SecureVersion }),
    ...(typeof root === 'object' ? { ca: readFile(root.file, 'root certificates') } : {}),
    ...clientCertificate(settings),
  };
  const crl = info.sslcrl ?? join(home, '.postgresql', 'root.crl');
  if (root !== undefined && (info.sslcrl !== undefined || existsSync(crl)))
    options.crl = readFile(crl, 'list of revoked certificates');
  try {
    return createSecureContext(options);
  } catch (cause) {
    throw new Failure(
      'usage',
      `A file of sslrootcert, sslcert, sslkey or sslcrl cannot be used: ${cause instanceof Error ? cause.message : 'it is not well-formed'}. A key with a passphrase needs sslpassword.`,
    );
  }
}

function clientCertificate({ info, home }: ServerSettings): SecureContextOptions {
  if (info.sslcertmode === 'disable') return {};
  const cert = info.sslcert ?? join(home, '.postgresql', 'postgresql.crt');
  if (!existsSync(cert)) {
    if (info.sslcert === undefined && info.sslcertmode !== 'require') return {};
    throw new Failure('usage', `There is no certificate ${cert}: sslcert names the file.`);
  }
  const key = info.sslkey ?? join(home, '.postgresql', 'postgresql.key');
  const text = readFile(key, 'private key');
  refuseOpenKey(key);
  return {
    cert: readFile(cert, 'certificate'),
    key: text,
    ...(info.sslpassword === undefined ? {} : { passphrase: info.sslpassword }),
  };
}

/** libpq's rule: only the owner reads the key; root's may be readable for its group. */
function refuseOpenKey(file: string): void {
  if (process.platform === 'win32') return;
  const { mode, uid } = statSync(file);
  if ((mode & (uid === 0 ? 0o027 : 0o077)) === 0) return;
  throw new Failure('usage', `Others may read the private key ${file}: chmod 600 ${file}`);
}

function readFile(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('usage', `The ${what} ${file} cannot be read (${codeOf(cause)}).`, { cause });
  }
}

/** Node takes an address from the list of names only; libpq takes it from the common name where there is no list. */
function identityError(host: string, certificate: PeerCertificate): Error | undefined {
  if (isIP(host) !== 0 && certificate.subjectaltname === undefined && certificate.subject.CN === host) return undefined;
  return checkServerIdentity(host, certificate);
}
