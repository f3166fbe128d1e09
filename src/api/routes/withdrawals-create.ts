import type { Api, ApiContext } from '../context.ts';
import { paymentCreate } from '../payment-create.ts';

export function withdrawalsCreate(api: Api, context: ApiContext): void {
  paymentCreate(api, context, 'withdrawal');
}
