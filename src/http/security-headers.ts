/** Headers of every answer: nothing from elsewhere runs, is loaded, or may embed the page, and nothing is stored on the way. */
import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from './http-env.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  c.header('content-security-policy', POLICY);
  c.header('x-content-type-options', 'nosniff');
  // For browsers that do not know frame-ancestors.
  c.header('x-frame-options', 'DENY');
  c.header('referrer-policy', 'no-referrer');
  c.header('cross-origin-opener-policy', 'same-origin');
  c.header('cross-origin-resource-policy', 'same-origin');
  c.header('permissions-policy', 'camera=(), geolocation=(), microphone=()');
  // Files of the page have names with a hash, and say so themselves.
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
});
