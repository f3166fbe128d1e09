import type { Api, ApiContext } from '../context.ts';
import { paymentGet } from '../payment-get.ts';

export function withdrawalsGet(api: Api, context: ApiContext): void {
  paymentGet(api, context, 'withdrawal');
}
