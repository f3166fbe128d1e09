import type { Api, ApiContext } from '../context.ts';
import { paymentGet } from '../payment-get.ts';

export function refundsGet(api: Api, context: ApiContext): void {
  paymentGet(api, context, 'refund');
}
