/** What kind of failure ended an attempt to connect. It decides which attempt comes next, and what a person reads. */
import { codeOf, sqlState } from '../../base/error.ts';

/** A host did not finish in the time of `connect_timeout`. */
export class ConnectTimeout extends Error {
  override readonly name = 'ConnectTimeout';
  /** `silent`: something accepted the connection and said nothing. */
  readonly stage: 'unreached' | 'silent' | 'after login';
  readonly ms: number;

  constructor(stage: ConnectTimeout['stage'], ms: number) {
    // Begins as pg's own message does, so that it counts as a connection that was cut.
    super(`Connection terminated due to connection timeout of ${ms} ms`);
    this.stage = stage;
    this.ms = ms;
  }
}

/** The server asks for a password, and nothing has one. */
export class NoPassword extends Error {
  override readonly name = 'NoPassword';
  /** Why a password file that is there was not read. */
  readonly ignored: string | undefined;

  constructor(ignored: string | undefined) {
    super('the server asks for a password, and none is given');
    this.ignored = ignored;
  }
}

/** The server is not of the kind that `target_session_attrs` asks for. */
export class WrongSession extends Error {
  override readonly name = 'WrongSession';
}

/** `channel_binding=require`, and the login does not bind. */
export class NoChannelBinding extends Error {
  override readonly name = 'NoChannelBinding';
}

export type FailureKind = 'network' | 'no-tls' | 'tls' | 'certificate' | 'no-password' | 'login' | 'session' | 'other';

const CERTIFICATE =
  /^(CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA|PATH_LENGTH_EXCEEDED|CRL_|HOSTNAME_MISMATCH|INVALID_PURPOSE)/;

export function failureKind(error: unknown): FailureKind {
  if (error instanceof ConnectTimeout) return error.stage === 'after login' ? 'other' : 'network';
  if (error instanceof NoPassword) return 'no-password';
  if (error instanceof WrongSession) return 'session';
  const code = codeOf(error);
  if (code !== 'EPIPE' && sqlState(error) !== undefined) return 'login';
  if (CERTIFICATE.test(code)) return 'certificate';
  if (/^(ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO)/.test(code)) return 'tls';
  if (/^E[A-Z_]+$/.test(code) || error instanceof AggregateError) return 'network';
  // pg has no code for these.
  const message = error instanceof Error ? error.message : '';
  if (message === 'The server does not support SSL connections') return 'no-tls';
  if (/^There was an error establishing an SSL|^Client network socket disconnected before secure TLS/.test(message))
    return 'tls';
  if (message.startsWith('Connection terminated')) return 'network';
  return 'other';
}
