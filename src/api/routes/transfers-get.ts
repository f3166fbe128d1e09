import type { Api, ApiContext } from '../context.ts';
import { paymentGet } from '../payment-get.ts';

/** For the sender, and for the receiver without what is the sender's alone. */
export function transfersGet(api: Api, context: ApiContext): void {
  paymentGet(api, context, 'transfer');
}
