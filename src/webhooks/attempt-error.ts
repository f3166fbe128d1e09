/**
 * Why an attempt does not count as delivered, as its log says it. Whoever owns an endpoint may not
 * learn from it what our network looks like, so no words of a library and no address go with it.
 */
export type AttemptError =
  | 'status'
  | 'redirect'
  | 'timeout'
  | 'name_not_found'
  | 'address_refused'
  | 'connection_failed'
  | 'connection_lost'
  | 'tls_failed'
  | 'answer_unreadable'
  | 'shutdown';

/** Thrown to undici where we do not even dial. */
export class NotDialled extends Error {
  override readonly name = 'NotDialled';
  readonly reason: AttemptError;
  constructor(reason: AttemptError) {
    super(reason);
    this.reason = reason;
  }
}

export function errorOf(error: Error, { isSent }: { readonly isSent: boolean }): AttemptError {
  if (error instanceof NotDialled) return error.reason;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW') return 'answer_unreadable';
  // A name that does not fit, a chain that does not hold, a handshake that broke.
  if (/CERT|^ERR_(TLS|SSL)|^UNABLE_TO|SELF_SIGNED|^EPROTO|HOSTNAME_MISMATCH/.test(code))
    return 'tls_failed';
  return isSent ? 'connection_lost' : 'connection_failed';
}
