import type { Api, ApiContext } from '../context.ts';
import { paymentList } from '../payment-list.ts';

export function withdrawalsList(api: Api, context: ApiContext): void {
  paymentList(api, context, 'withdrawal');
}
