import { StartRefused } from '../../refused.ts';

/**
 * The embedded PostgreSQL cannot be started; the message is one clear sentence for its operator.
 */
export class EmbeddedServerRefused extends StartRefused {
  override readonly name = 'EmbeddedServerRefused';
}
