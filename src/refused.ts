/**
 * Tollgate does not start, for a reason that its operator can act on. The message is one clear
 * sentence; the command line prints it without a stack.
 */
export class StartRefused extends Error {
  override readonly name: string = 'StartRefused';
}
